//! The control messages of a peer, and their effects here.

use std::ops::Deref;
use std::sync::Arc;

use otp_core::gen_server::answering::AnswerSink;
use otp_core::remote::RemoteNode;
use otp_core::{ExitReason, Pid, Target};
use otp_etf::{Decoder, Limits, Parts, Reference, Term, TermRef};

use crate::answer::Answer;
use crate::channel::{Ended, Received};
use crate::connection::Connection;
use crate::core::Core;
use crate::gate::{Gate, Refused};
use crate::identity::{Kind, Life, number};
use crate::reason::reason_from_term;
use crate::wire::control::{Control, Destination, Target as Named};
use crate::{spawned, system, well_known};

impl Connection {
    /// Performs a control message. An error ends the connection; a message that is only not allowed is ignored.
    pub(crate) fn handle(
        self: &Arc<Self>,
        core: &Arc<Core>,
        control: Control,
        payload: Payload<'_>,
    ) -> Result<(), String> {
        match control {
            Control::RegSend { to, .. } => self.to_name(core, to.as_str(), &payload)?,
            Control::Send { to } | Control::SendSender { to, .. } => {
                self.to_pid(core, &to, payload)?;
            }
            Control::AliasSend { to, .. } => self.to_alias(core, &to, payload)?,
            Control::Altact {
                is_exit: false, to, ..
            } => match to {
                Destination::Pid(to) => self.to_pid(core, &to, payload)?,
                Destination::Name(to) => self.to_name(core, to.as_str(), &payload)?,
                Destination::Alias(to) => self.to_alias(core, &to, payload)?,
            },
            Control::Altact {
                is_exit: true,
                from,
                to: Destination::Pid(to),
                ..
            }
            | Control::Exit2 { from, to } => {
                let reason = reason(&payload)?;
                if let (Some(from), Some(to)) = (self.from(&from), self.to(core, &to))
                    && (reason == ExitReason::Kill || has_room_for_exit(core, to, &payload))
                {
                    self.remote.exit(from, to, reason);
                }
            }
            Control::Exit { from, to } => self.linked_exit(core, &from, &to, &payload)?,
            Control::Link { from, to } => {
                self.tie(core)?;
                self.link(core, &from, &to);
            }
            Control::UnlinkId { id, from, to } => {
                // First the acknowledgement: a link that is made here from now on is a new one for the peer.
                self.channel.control(&Control::UnlinkIdAck {
                    id,
                    from: to.clone(),
                    to: from.clone(),
                });
                if let (Some(from), Some(to)) = (self.from(&from), core.local(&to)) {
                    self.remote.unlink(from, to);
                }
            }
            Control::UnlinkIdAck { id, from, to } => {
                if let (Some(from), Some(to)) = (self.from(&from), core.local(&to)) {
                    self.channel.unlink_acknowledged(to.id(), from.id(), id);
                }
            }
            Control::Monitor {
                from,
                to,
                reference,
            } => {
                self.tie(core)?;
                self.monitor(core, &from, to, reference);
            }
            Control::Demonitor { reference, .. } => {
                if let Some((monitor, watcher)) = self.channel.unwatched(&reference) {
                    self.remote.demonitor(watcher, monitor);
                }
            }
            Control::MonitorExit {
                from, reference, ..
            } => self.down(core, &from, &reference, &payload)?,
            Control::SpawnRequest(request) => {
                spawned::request(core, self, &request, &payload)?;
            }
            Control::SpawnReply { id, result, .. } => {
                if let Some((Kind::Call, call)) = core.me.number(&id) {
                    match result {
                        Ok(pid) => self.channel.spawned(call, pid),
                        Err(why) => {
                            self.channel.end(call, Ended::Refused(Term::Atom(why)));
                        }
                    }
                }
            }
            Control::Altact { .. }
            | Control::NodeLink
            | Control::GroupLeader { .. }
            | Control::Unknown(_) => {}
        }
        Ok(())
    }

    /// A process of the peer's, if it is one of this life of it.
    pub(crate) fn from(&self, pid: &otp_etf::Pid) -> Option<Pid> {
        if !self.channel.peer.has(pid) {
            return None;
        }
        self.remote.pid(number(pid)?.get())
    }

    /// The process whose end is told, with its node: of the peer's other lives only one that was asked for.
    fn ended(&self, core: &Core, pid: &otp_etf::Pid) -> Option<(RemoteNode, Pid)> {
        let life = Life::of(pid);
        let remote = match life == self.channel.peer {
            true => self.remote.clone(),
            false if life.name == self.channel.peer.name => core.lives.known(&life)?,
            false => return None,
        };
        let pid = remote.pid(number(pid)?.get())?;
        Some((remote, pid))
    }

    /// A process here that the peer may reach.
    #[expect(clippy::unused_self, reason = "the pair of `from`")]
    fn to(&self, core: &Core, pid: &otp_etf::Pid) -> Option<Pid> {
        core.local(pid).filter(|pid| core.exposed.reaches(*pid))
    }

    fn link(&self, core: &Core, from: &otp_etf::Pid, to: &otp_etf::Pid) {
        let Some(remote) = self.from(from) else {
            return;
        };
        match self.to(core, to) {
            // A signal before the acknowledgement of an unlink of this node was sent before the peer knew of the
            // unlink: the peer undoes it.
            Some(local) if self.channel.is_unlinking(local.id(), remote.id()) => {}
            Some(local) => self.remote.link(remote, local),
            None => {
                let control = Control::Exit {
                    from: to.clone(),
                    to: from.clone(),
                };
                self.channel.message(&control, NOPROC);
            }
        }
    }

    fn linked_exit(
        &self,
        core: &Core,
        from: &otp_etf::Pid,
        to: &otp_etf::Pid,
        payload: &[u8],
    ) -> Result<(), String> {
        let reason = reason(payload)?;
        let ended = self.ended(core, from);
        // After an unlink of this node there is no link, and nothing happens.
        if let (Some((remote, from)), Some(to)) = (ended, core.local(to)) {
            if !has_room_for_exit(core, to, payload) {
                // It cannot be dropped. With the connection the link ends, too.
                return Err("exit signals fill a mailbox".to_owned());
            }
            remote.linked_exit(from, to, reason);
        }
        Ok(())
    }

    fn monitor(&self, core: &Core, from: &otp_etf::Pid, to: Named, reference: Reference) {
        let Some(watcher) = self.from(from) else {
            return;
        };
        let target: Option<Target> = match &to {
            Named::Pid(pid) => self.to(core, pid).map(Into::into),
            Named::Name(name) => match core.exposed.by_name(name.as_str()) {
                Some(_) => Some(name.as_str().to_owned().into()),
                None if well_known::is_always_there(core, name.as_str()) => return,
                None => None,
            },
        };
        match target {
            Some(target) => self.watch(watcher, target, reference),
            None => {
                let control = Control::MonitorExit {
                    from: to,
                    to: from.clone(),
                    reference,
                };
                self.channel.message(&control, NOPROC);
            }
        }
    }

    /// A process of the peer monitors one here, by a reference that then stands for this monitor alone.
    pub(crate) fn watch(&self, watcher: Pid, target: Target, reference: Reference) {
        self.remote.monitor(watcher, target, |monitor| {
            if let Some((former, watcher)) = self.channel.watched(reference, monitor, watcher) {
                self.remote.demonitor(watcher, former);
            }
        });
    }

    fn down(
        &self,
        core: &Core,
        from: &Named,
        reference: &Reference,
        payload: &[u8],
    ) -> Result<(), String> {
        let why = term(payload)?;
        match core.me.number(reference) {
            Some((Kind::Call, call)) => {
                self.channel.end(call, Ended::Down(why));
            }
            Some((Kind::Monitor, monitor)) => {
                let ended = match from {
                    Named::Pid(pid) => self
                        .ended(core, pid)
                        .map(|(remote, pid)| (remote, pid.into())),
                    Named::Name(name) => {
                        let name = self.remote.name(name.as_str().to_owned());
                        Some((self.remote.clone(), name.into()))
                    }
                };
                if let Some((remote, target)) = ended
                    && let Some(monitor) = remote.monitor_ref(monitor)
                {
                    remote.down(&target, monitor, reason_from_term(why));
                }
            }
            // Of a table there is nothing to do, as of another node's reference.
            Some((Kind::Table, _)) | None => {}
        }
        Ok(())
    }

    // Messages.

    fn to_name(&self, core: &Arc<Core>, name: &str, payload: &[u8]) -> Result<(), String> {
        match core.exposed.by_name(name) {
            Some(gate) => deliver(core, &*gate, payload, Some(self)),
            None => {
                well_known::receive(core, self, name, view(payload)?);
                Ok(())
            }
        }
    }

    fn to_pid(
        &self,
        core: &Arc<Core>,
        to: &otp_etf::Pid,
        payload: Payload<'_>,
    ) -> Result<(), String> {
        // An answer whose tag is no alias.
        if let Some((call, answer)) = answer(core, payload.bytes)?
            && let answer = payload.end(answer.as_bytes())
            && self.channel.end(call, Ended::Answer(answer))
        {
            return Ok(());
        }
        let pid = core.local(to);
        if let Some(gate) = pid.and_then(|pid| core.exposed.by_pid(pid)) {
            return deliver(core, &*gate, payload.bytes, Some(self));
        }
        let message = view(payload.bytes)?;
        if let Some(groups) = pid.and_then(|pid| core.scopes.of(pid)) {
            let to = Named::Pid(to.clone());
            well_known::scope(core, self, &groups, to, message);
        }
        Ok(())
    }

    fn to_alias(&self, core: &Core, to: &Reference, payload: Payload<'_>) -> Result<(), String> {
        let message = view(payload.bytes)?;
        if let Some((Kind::Call, call)) = core.me.number(to)
            && let Some((_, answer)) = pair(message)
        {
            let answer = payload.end(answer.as_bytes());
            self.channel.end(call, Ended::Answer(answer));
        }
        Ok(())
    }
}

/// Whether an exit signal is no message to a server, or one for which there is room.
fn has_room_for_exit(core: &Core, to: Pid, reason: &[u8]) -> bool {
    let traps = || {
        core.node
            .process_info(to)
            .is_some_and(|info| info.trap_exit)
    };
    let Some(gate) = core.exposed.by_pid(to) else {
        return true;
    };
    gate.has_room(reason) || !traps()
}

/// What a message carries: a term without version byte.
#[derive(Clone, Copy)]
pub(crate) struct Payload<'a> {
    pub(crate) bytes: &'a [u8],
    /// The large message that ends with it.
    pub(crate) message: Option<&'a Arc<Vec<u8>>>,
}

impl Payload<'_> {
    /// The end of it, as a caller can keep it: a large one is not copied.
    fn end(self, end: &[u8]) -> Received {
        debug_assert_eq!(end.as_ptr_range().end, self.bytes.as_ptr_range().end);
        match self.message {
            Some(message) => Received::EndOf(message.clone(), message.len() - end.len()),
            None => Received::Whole(end.to_vec()),
        }
    }
}

impl Deref for Payload<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes
    }
}

/// `noproc` without the version byte.
const NOPROC: &[u8] = &[119, 6, b'n', b'o', b'p', b'r', b'o', b'c'];

/// How large a message may be is said by the limit of frames: a binary in it may have all of that.
pub(crate) fn limits(message: &[u8]) -> Limits {
    Limits::default().binary(message.len())
}

/// The term of a payload, checked as a whole.
pub(crate) fn view(payload: &[u8]) -> Result<TermRef<'_>, String> {
    let mut decoder = Decoder::new(payload, limits(payload));
    let view = decoder.term_ref().map_err(|error| error.to_string())?;
    decoder.finish().map_err(|error| error.to_string())?;
    Ok(view)
}

fn term(payload: &[u8]) -> Result<Term, String> {
    view(payload)?.to_term().map_err(|error| error.to_string())
}

fn reason(payload: &[u8]) -> Result<ExitReason, String> {
    term(payload).map(reason_from_term)
}

pub(crate) fn pair(message: TermRef<'_>) -> Option<(TermRef<'_>, TermRef<'_>)> {
    last_two(message.as_tuple()?)
}

pub(crate) fn triple(message: TermRef<'_>) -> Option<[TermRef<'_>; 3]> {
    let mut parts = message.as_tuple()?;
    let first = parts.next()?;
    let (second, third) = last_two(parts)?;
    Some([first, second, third])
}

fn last_two<'a>(mut parts: Parts<'a>) -> Option<(TermRef<'a>, TermRef<'a>)> {
    let two = (parts.next()?, parts.next()?);
    parts.next().is_none().then_some(two)
}

/// The call that an answer is for: `{[alias|Ref], Answer}` or `{Ref, Answer}`. An error if it is no term.
fn answer<'a>(core: &Core, message: &'a [u8]) -> Result<Option<(u64, TermRef<'a>)>, String> {
    let number = |tag: TermRef<'_>| {
        let reference = match tag.to_term().ok()? {
            Term::Reference(reference) => *reference,
            Term::ImproperList(list) => list.tail().as_reference()?.clone(),
            _ => return None,
        };
        match core.me.number(&reference)? {
            (Kind::Call, call) => Some(call),
            _ => None,
        }
    };
    let mut parts = Decoder::new(message, limits(message));
    if parts.next_tuple() != Ok(2) {
        return Ok(None);
    }
    // Of nearly all other pairs the tag is an atom. They are checked by those who decode them.
    let Some(call) = parts.term_ref().ok().and_then(number) else {
        return Ok(None);
    };
    Ok(pair(view(message)?).map(|(_, answer)| (call, answer)))
}

/// Hands a message to a server: a call, a cast, a system message, or any other. An error if it is no term.
///
/// A call is checked by those who decode its parts, and as a whole only when it is refused: to go over its bytes twice takes a good part of
/// the time of a call.
pub(crate) fn deliver(
    core: &Arc<Core>,
    gate: &dyn Gate,
    message: &[u8],
    peer: Option<&Connection>,
) -> Result<(), String> {
    if let Some(peer) = peer
        && let Some((answer, request)) = called(core, peer, message)
    {
        let channel = &peer.channel;
        let Some(place) = channel.call_place() else {
            view(message)?;
            overloaded(&answer);
            return Ok(());
        };
        let sink: Arc<dyn AnswerSink> = Arc::new(answer.in_place(place));
        if let Err(refused) = gate.call(request, sink.clone()) {
            view(message)?;
            if matches!(refused, Refused::Overloaded) {
                channel.traffic.refused();
            }
            refuse(&*sink, refused);
        }
        return Ok(());
    }
    let message = view(message)?;
    let mut parts = message.as_tuple();
    let tag = parts.as_mut().and_then(Iterator::next);
    match tag.and_then(TermRef::as_atom).as_deref() {
        // One without an address that can be answered.
        Some("$gen_call") => {}
        Some("$gen_cast") => {
            if let Some((_, request)) = pair(message) {
                gate.cast(request.as_bytes());
            }
        }
        Some("system") => {
            if let (Some(peer), Some((from, request))) = (peer, parts.and_then(last_two)) {
                system::request(core, peer, gate, from, request);
            }
        }
        _ => gate.info(message.as_bytes()),
    }
    Ok(())
}

/// The address and the request of `{'$gen_call', From, Request}`. The request is not checked.
fn called<'a>(
    core: &Arc<Core>,
    peer: &'a Connection,
    message: &'a [u8],
) -> Option<(Answer, &'a [u8])> {
    let mut parts = Decoder::new(message, limits(message));
    if parts.next_tuple().ok()? != 3 || parts.next_atom().ok()? != "$gen_call" {
        return None;
    }
    Answer::read(core, peer, parts.rest())
}

/// Answers a call that cannot be decoded, or for which there is no room. One to a server that is not there has no answer.
pub(crate) fn refuse(sink: &dyn AnswerSink, refused: Refused) {
    match refused {
        Refused::Undecodable(why) => {
            tracing::debug!(%why, "a call cannot be decoded");
            let undecodable = otp_etf::Atom::constant("undecodable");
            let answer: Result<(), _> = Err((undecodable, why));
            sink.answer(&answer);
        }
        Refused::Overloaded => overloaded(sink),
        Refused::Absent => {}
    }
}

fn overloaded(sink: &dyn AnswerSink) {
    let answer: Result<(), _> = Err(otp_etf::Atom::constant("overloaded"));
    sink.answer(&answer);
}
