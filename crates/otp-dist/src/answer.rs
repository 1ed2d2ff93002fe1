//! The answer to a call of another node.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

use otp_core::Pid;
use otp_core::gen_server::answering::AnswerSink;
use otp_etf::{Decoder, Limits, Reference, Term, TermRef};
use tokio::sync::OwnedSemaphorePermit;

use crate::channel::Channel;
use crate::connection::Connection;
use crate::core::Core;
use crate::wire::control::{Control, Destination};
use crate::wire::flags::Flags;
use crate::wire::fragment::FRAGMENT;

/// Where an answer goes, by the shape of the tag: to an alias, or to the process that has called.
pub(crate) struct Answer {
    core: Arc<Core>,
    channel: Arc<Channel>,
    client: Option<Pid>,
    to: Destination,
    /// The tag as it came.
    tag: Box<[u8]>,
    /// The call's place among those that are not answered.
    _place: Option<OwnedSemaphorePermit>,
}

impl Answer {
    /// The address in `{Pid, Tag}`.
    pub(crate) fn new(core: &Arc<Core>, peer: &Connection, from: TermRef<'_>) -> Option<Self> {
        let (answer, _) = Self::read(core, peer, from.as_bytes())?;
        Some(answer)
    }

    /// The address in the term with which these bytes begin, and the bytes behind it.
    pub(crate) fn read<'a>(
        core: &Arc<Core>,
        peer: &'a Connection,
        bytes: &'a [u8],
    ) -> Option<(Self, &'a [u8])> {
        let decoder = |bytes| decoder(bytes).nodes(&peer.channel.nodes);
        let mut parts = decoder(bytes);
        if parts.next_tuple().ok()? != 2 {
            return None;
        }
        let pid = parts.next_pid().ok()?;
        let usual = parts.rest().strip_prefix(ALIAS).and_then(|tail| {
            let mut tail = decoder(tail);
            let alias = tail.next_reference().ok()?;
            Some((alias, tail.rest()))
        });
        let (tag, alias, rest) = match usual {
            Some((alias, rest)) => {
                let (tag, rest) = parts.rest().split_at(parts.rest().len() - rest.len());
                (tag, Some(alias), rest)
            }
            None => {
                let tag = parts.term_ref().ok()?;
                (tag.as_bytes(), alias(&tag.to_term().ok()?), parts.rest())
            }
        };
        let answer = Self::of(core, peer, pid, tag)?;
        let to = alias.map_or(answer.to, Destination::Alias);
        Some((Self { to, ..answer }, rest))
    }

    /// To a process of the peer, with this tag, which is a term without version byte.
    pub(crate) fn tagged(
        core: &Arc<Core>,
        peer: &Connection,
        pid: TermRef<'_>,
        tag: &[u8],
    ) -> Option<Self> {
        let pid = decoder(pid.as_bytes()).next_pid().ok()?;
        Self::of(core, peer, pid, tag)
    }

    fn of(core: &Arc<Core>, peer: &Connection, pid: otp_etf::Pid, tag: &[u8]) -> Option<Self> {
        let channel = &peer.channel;
        channel.peer.has(&pid).then(|| Self {
            core: core.clone(),
            channel: channel.clone(),
            client: peer.from(&pid),
            to: Destination::Pid(pid),
            tag: tag.into(),
            _place: None,
        })
    }

    /// With a place that is released when no answer is possible any more.
    pub(crate) fn in_place(self, place: OwnedSemaphorePermit) -> Self {
        let _place = Some(place);
        Self { _place, ..self }
    }
}

/// The bytes of `[alias|Alias]` up to the reference. Nearly all tags begin so, and then only the reference is decoded.
const ALIAS: &[u8] = b"l\0\0\0\x01w\x05alias";

fn decoder(bytes: &[u8]) -> Decoder<'_> {
    Decoder::new(bytes, Limits::default())
}

/// As in `gen:reply/2`: `[alias|Alias]` or `[[alias|Alias]|_]`.
pub(crate) fn alias(tag: &Term) -> Option<Reference> {
    let Term::ImproperList(list) = tag else {
        return nested_alias(tag);
    };
    let [first] = list.elements() else {
        return nested_alias(tag);
    };
    match first.as_atom() {
        Some(atom) if atom.as_str() == "alias" => list.tail().as_reference().cloned(),
        _ => nested_alias(tag),
    }
}

fn nested_alias(tag: &Term) -> Option<Reference> {
    let first = match tag {
        Term::List(list) => list.first()?,
        Term::ImproperList(list) => list.elements().first()?,
        _ => return None,
    };
    match first {
        Term::ImproperList(_) => alias(first),
        _ => None,
    }
}

impl AnswerSink for Answer {
    fn answer(&self, answer: &dyn erased_serde::Serialize) {
        // A tuple of the tag and the answer.
        let mut message = SCRATCH.take();
        message.extend_from_slice(&[104, 2]);
        message.extend_from_slice(&self.tag);
        self.core.write_answer(&answer, &mut message);
        if message.len() > FRAGMENT {
            return self.send(message.into());
        }
        self.send(Cow::Borrowed(&message));
        message.clear();
        SCRATCH.set(message);
    }

    fn client(&self) -> Option<Pid> {
        self.client
    }
}

thread_local! {
    /// The buffer for small answers, before their length is known.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl Answer {
    fn send(&self, message: Cow<'_, [u8]>) {
        let from = self.core.actor();
        let control = match &self.to {
            // The newest OTP has no other way to an alias.
            Destination::Alias(_) if self.channel.common.contains(Flags::ALTACT_SIG) => {
                Control::Altact {
                    is_priority: false,
                    is_exit: false,
                    from,
                    to: self.to.clone(),
                }
            }
            Destination::Alias(to) => Control::AliasSend {
                from,
                to: to.clone(),
            },
            Destination::Pid(to) => Control::SendSender {
                from,
                to: to.clone(),
            },
            Destination::Name(to) => Control::RegSend {
                from,
                to: to.clone(),
            },
        };
        self.channel.message(&control, message);
    }
}
