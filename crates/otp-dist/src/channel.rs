//! One connection as the carrier of signals: what it remembers of them, and the way out.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use otp_core::remote::Carrier;
use otp_core::{ExitReason, MonitorRef, Name, Pid, Target};
use otp_etf::{Atom, Reference, Term, to_bytes_into};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::identity::{Kind, Life};
use crate::queue::Queue;
use crate::reason::reason_to_term;
use crate::spans;
use crate::traffic::Traffic;
use crate::wire::control::{Control, Target as Named};
use crate::wire::flags::Flags;
use crate::wire::fragment::{FRAGMENT, Split};
use crate::wire::frame::Format;

/// How many processes may run at a time that one peer has asked for.
const SPAWNED: usize = 10_000;

/// What one connection may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChannelLimits {
    /// How many bytes may wait.
    pub(crate) queue: usize,
    /// How many calls of the peer may be unanswered.
    pub(crate) calls: usize,
}

/// The state of one connection that both directions use. It does not know the [`RemoteNode`](otp_core::remote::RemoteNode), which
/// holds it.
pub(crate) struct Channel {
    pub(crate) me: Life,
    pub(crate) peer: Life,
    /// The names of the peer and of this node, which occur in nearly all that comes.
    pub(crate) nodes: [Atom; 2],
    pub(crate) queue: Queue,
    pub(crate) format: Format,
    /// What both sides understand.
    pub(crate) common: Flags,
    sequence: AtomicU64,
    /// How the peer wants the state of a server.
    pub(crate) expects_tag: OnceLock<bool>,
    /// Places for processes that the peer has asked for.
    spawned: Arc<Semaphore>,
    /// Places for calls of the peer that are not answered.
    unanswered: Arc<Semaphore>,
    pub(crate) traffic: Traffic,
    tables: Mutex<Tables>,
    /// None when the connection is lost. In the order of the calls, in which those who wait are told of the loss.
    calls: Mutex<Option<BTreeMap<u64, Waiting>>>,
}

#[derive(Default)]
struct Tables {
    /// Unlinks of ours that are not acknowledged: the process here, the one over there, and the number of the unlink.
    unlinks: HashMap<(u64, u64), u64>,
    last_unlink: u64,
    /// Monitors that processes over there have set: by their references, and by the numbers here.
    watched: HashMap<Reference, (MonitorRef, Pid)>,
    /// Hashed faster: no peer chooses these numbers.
    references: HashMap<MonitorRef, Reference, RandomState>,
}

/// Who waits for the answer to a call, or for a process that was asked for.
struct Waiting {
    told: oneshot::Sender<Ended>,
    /// The process that a spawn request has made.
    spawned: Option<otp_etf::Pid>,
}

/// A term without version byte that was received.
#[derive(Debug)]
pub(crate) enum Received {
    /// A copy.
    Whole(Vec<u8>),
    /// The end of a large message, from this place on.
    EndOf(Arc<Vec<u8>>, usize),
}

impl Deref for Received {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) => bytes,
            Self::EndOf(message, from) => &message[*from..],
        }
    }
}

/// How a call has ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The answer.
    Answer(Received),
    /// The reason with which what was called, or spawned, has ended.
    Down(Term),
    /// A spawn request was refused.
    Refused(Term),
}

impl Channel {
    pub(crate) fn new(me: Life, peer: Life, common: Flags, limits: ChannelLimits) -> Arc<Self> {
        Arc::new(Self {
            nodes: [peer.name.clone(), me.name.clone()],
            me,
            peer,
            queue: Queue::new(limits.queue),
            format: Format::of(common),
            common,
            sequence: AtomicU64::new(1),
            expects_tag: OnceLock::new(),
            spawned: Arc::new(Semaphore::new(SPAWNED)),
            unanswered: Arc::new(Semaphore::new(limits.calls)),
            traffic: Traffic::default(),
            tables: Mutex::default(),
            calls: Mutex::new(Some(BTreeMap::new())),
        })
    }

    /// Queues a signal without a payload.
    pub(crate) fn control(&self, control: &Control) {
        self.queue.push(control.sender(), |out| {
            let _written = self.format.control(out, |out| control.encode(out));
        });
    }

    /// Queues a signal and its payload, which is a term without version byte. A large one leaves in fragments, in turns with what
    /// others send.
    pub(crate) fn message<'a>(&self, control: &Control, payload: impl Into<Cow<'a, [u8]>>) {
        self.message_with(control, |_| (), payload.into());
    }

    /// The same for a payload whose beginning is appended by `head`. Bytes that are given away are not copied if they are many.
    pub(crate) fn message_with(
        &self,
        control: &Control,
        head: impl FnOnce(&mut Vec<u8>),
        payload: Cow<'_, [u8]>,
    ) {
        let sender = control.sender();
        // C and Java nodes know the older forms alone.
        let older = match control {
            Control::Exit { .. } | Control::Exit2 { .. } | Control::MonitorExit { .. }
                if !self.common.contains(Flags::EXIT_PAYLOAD) =>
            {
                return self.queue.push(sender, |out| {
                    let encode = |out: &mut Vec<u8>| control.encode_with_reason(out, &payload);
                    let _written = self.format.control(out, encode);
                });
            }
            Control::SendSender { to, .. } if !self.common.contains(Flags::SEND_SENDER) => {
                Some(Control::Send { to: to.clone() })
            }
            _ => None,
        };
        let control = older.as_ref().unwrap_or(control);
        let token = spans::token(sender);
        let encode = |out: &mut Vec<u8>| match &token {
            Some(token) => control.encode_with_token(out, token),
            None => control.encode(out),
        };
        if self.format == Format::Header && payload.len() > FRAGMENT {
            let mut begun = Vec::new();
            if encode(&mut begun).is_ok() {
                head(&mut begun);
                let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
                let message = Split::new(sequence, begun, payload.into_owned());
                self.queue.push_large(sender, message);
            }
            return;
        }
        let append = |out: &mut Vec<u8>| {
            head(out);
            out.extend_from_slice(&payload);
            Ok(())
        };
        self.queue.push(sender, |out| {
            let _written = self.format.message(out, encode, append);
        });
    }

    /// A pid of this node.
    pub(crate) fn mine(&self, pid: Pid) -> otp_etf::Pid {
        self.me.pid(pid.id())
    }

    fn theirs(&self, pid: Pid) -> otp_etf::Pid {
        self.peer.pid(pid.id())
    }

    /// A process or a name, of whichever node the life is.
    fn target(life: &Life, target: &Target) -> Option<Named> {
        let text = match target {
            Target::Pid(pid) => return Some(Named::Pid(life.pid(pid.id()))),
            Target::Name(Name::Remote(name)) => &name.name,
            Target::Name(Name::Local(name)) => name,
            Target::Name(_) => return None,
        };
        Atom::new(text).ok().map(Named::Name)
    }

    /// Monitors a process of some life of the peer.
    pub(crate) fn monitor_in(
        &self,
        life: &Life,
        watcher: Pid,
        target: &Target,
        monitor: MonitorRef,
    ) {
        if let Some(target) = Self::target(life, target) {
            self.control(&Control::Monitor {
                from: self.mine(watcher),
                to: target,
                reference: self.me.reference(Kind::Monitor, monitor.id()),
            });
        }
    }

    // What comes in.

    /// Whether a link is one from before an unlink of ours that is on its way.
    pub(crate) fn is_unlinking(&self, local: u64, remote: u64) -> bool {
        self.tables.lock().unlinks.contains_key(&(local, remote))
    }

    pub(crate) fn unlink_acknowledged(&self, local: u64, remote: u64, id: u64) {
        let mut tables = self.tables.lock();
        if tables.unlinks.get(&(local, remote)) == Some(&id) {
            tables.unlinks.remove(&(local, remote));
        }
    }

    /// Remembers a monitor from over there. Returns the one that had its reference so far, which has to be removed: only the reference is
    /// counted.
    #[must_use]
    pub(crate) fn watched(
        &self,
        reference: Reference,
        monitor: MonitorRef,
        watcher: Pid,
    ) -> Option<(MonitorRef, Pid)> {
        let mut tables = self.tables.lock();
        let former = tables.watched.insert(reference.clone(), (monitor, watcher));
        if let Some((former, _)) = former {
            tables.references.remove(&former);
        }
        tables.references.insert(monitor, reference);
        former
    }

    pub(crate) fn unwatched(&self, reference: &Reference) -> Option<(MonitorRef, Pid)> {
        let mut tables = self.tables.lock();
        let (monitor, watcher) = tables.watched.remove(reference)?;
        tables.references.remove(&monitor);
        Some((monitor, watcher))
    }

    /// How many monitors processes over there have set.
    pub(crate) fn watching(&self) -> usize {
        self.tables.lock().watched.len()
    }

    /// A place for a process that the peer asks for, unless it has too many.
    pub(crate) fn place(&self) -> Option<OwnedSemaphorePermit> {
        self.spawned.clone().try_acquire_owned().ok()
    }

    /// A place for a call of the peer until it is answered, unless it has too many.
    pub(crate) fn call_place(&self) -> Option<OwnedSemaphorePermit> {
        let place = self.unanswered.clone().try_acquire_owned().ok();
        if place.is_none() {
            self.traffic.refused();
        }
        place
    }

    /// How many calls of the peer may come before there is no place.
    pub(crate) fn call_places(&self) -> usize {
        self.unanswered.available_permits()
    }

    // Calls.

    /// How many calls of ours wait for the peer.
    pub(crate) fn waiting(&self) -> usize {
        self.calls.lock().as_ref().map_or(0, BTreeMap::len)
    }

    /// Enters a call with this number; an error if the connection is lost.
    pub(crate) fn begin(&self, call: u64) -> Option<oneshot::Receiver<Ended>> {
        let (told, hears) = oneshot::channel();
        let waiting = Waiting {
            told,
            spawned: None,
        };
        self.calls.lock().as_mut()?.insert(call, waiting);
        Some(hears)
    }

    /// Ends a call. False if there is none with this number.
    pub(crate) fn end(&self, call: u64, ended: Ended) -> bool {
        let waiting = self.calls.lock().as_mut().and_then(|it| it.remove(&call));
        match waiting {
            Some(waiting) => {
                // Who has given up in the meantime does not want it.
                let _unwanted = waiting.told.send(ended);
                true
            }
            None => false,
        }
    }

    /// Forgets a call. Returns whether it was there, and the process that it has spawned.
    pub(crate) fn forget(&self, call: u64) -> Option<Option<otp_etf::Pid>> {
        let waiting = self.calls.lock().as_mut()?.remove(&call)?;
        Some(waiting.spawned)
    }

    pub(crate) fn spawned(&self, call: u64, pid: otp_etf::Pid) {
        if let Some(waiting) = self.calls.lock().as_mut().and_then(|it| it.get_mut(&call)) {
            waiting.spawned = Some(pid);
        }
    }

    /// The connection is lost: a closed channel tells those that wait.
    pub(crate) fn lost(&self) {
        self.queue.close();
        let waiting = self.calls.lock().take();
        drop(waiting);
        *self.tables.lock() = Tables::default();
    }
}

fn payload(reason: &ExitReason) -> Vec<u8> {
    let mut bytes = Vec::new();
    if to_bytes_into(&reason_to_term(reason), &mut bytes).is_err() {
        // A float that Erlang does not have, for one.
        bytes.clear();
        let text = Term::from(reason.to_string());
        to_bytes_into(&text, &mut bytes).expect("a text can be written");
    }
    bytes
}

impl Carrier for Channel {
    fn node_name(&self) -> Option<String> {
        Some(self.peer.name.as_str().to_owned())
    }

    fn link(&self, from: Pid, to: Pid) {
        let mut tables = self.tables.lock();
        // A new link: what comes over it counts again.
        tables.unlinks.remove(&(from.id(), to.id()));
        self.control(&Control::Link {
            from: self.mine(from),
            to: self.theirs(to),
        });
    }

    fn unlink(&self, from: Pid, to: Pid) {
        let mut tables = self.tables.lock();
        tables.last_unlink += 1;
        let id = tables.last_unlink;
        tables.unlinks.insert((from.id(), to.id()), id);
        self.control(&Control::UnlinkId {
            id,
            from: self.mine(from),
            to: self.theirs(to),
        });
    }

    fn linked_exit(&self, from: Pid, to: Pid, reason: &ExitReason) {
        let control = Control::Exit {
            from: self.mine(from),
            to: self.theirs(to),
        };
        self.message(&control, payload(reason));
    }

    fn exit(&self, from: Pid, to: Pid, reason: &ExitReason) {
        let control = Control::Exit2 {
            from: self.mine(from),
            to: self.theirs(to),
        };
        self.message(&control, payload(reason));
    }

    fn monitor(&self, watcher: Pid, target: &Target, monitor: MonitorRef) {
        self.monitor_in(&self.peer, watcher, target, monitor);
    }

    fn demonitor(&self, watcher: Pid, target: &Target, monitor: MonitorRef) {
        if let Some(target) = Self::target(&self.peer, target) {
            self.control(&Control::Demonitor {
                from: self.mine(watcher),
                to: target,
                reference: self.me.reference(Kind::Monitor, monitor.id()),
            });
        }
    }

    fn down(&self, target: &Target, watcher: Pid, monitor: MonitorRef, reason: &ExitReason) {
        let mut tables = self.tables.lock();
        let Some(reference) = tables.references.remove(&monitor) else {
            return;
        };
        tables.watched.remove(&reference);
        drop(tables);
        if let Some(target) = Self::target(&self.me, target) {
            let control = Control::MonitorExit {
                from: target,
                to: self.theirs(watcher),
                reference,
            };
            self.message(&control, payload(reason));
        }
    }
}
