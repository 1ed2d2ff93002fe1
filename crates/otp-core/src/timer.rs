//! Timers: messages and exit signals that arrive later.
//!
//! A timer is never early. Those of a node that are due go out one after the other, by the time at which
//! they were to fire and, where that is equal, in the order in which they were started. A timer
//! whose destination ends is removed; one that is aimed at a name looks the name up when it fires.
//!
//! The functions here are for use inside a process. A GenServer has its own in
//! [`Context`](crate::Context).
//!
//! OTP: `erlang:send_after/3`, `erlang:start_timer/3`, the module `timer`.

pub(crate) mod service;

use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::exit::ExitReason;
use crate::name::Name;
use crate::never::Never;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::{self, Mailbox, ProcessRef};
use service::Action;

/// Where a timer's message goes: a [`ProcessRef`], a [`ServerRef`](crate::ServerRef) or a [`Name`].
///
/// A name is looked up when the timer fires. It finds raw processes only: to a server by its name,
/// messages go through a [`ServerName`](crate::ServerName).
pub struct Destination<M>(To<M>);

pub(crate) type Deliver<M> = Box<dyn FnMut(M) + Send>;

enum To<M> {
    Process {
        owner: Arc<dyn Process>,
        send: Deliver<M>,
    },
    Name(Name),
}

impl<M> Destination<M> {
    /// A process, by how it is sent to.
    pub(crate) fn process(owner: Arc<dyn Process>, send: impl FnMut(M) + Send + 'static) -> Self {
        Self(To::Process {
            owner,
            send: Box::new(send),
        })
    }
}

impl<M: Send + 'static> Destination<M> {
    /// The process that it is at this moment, and how to send to that very process.
    pub(crate) fn resolve(self, node: &Node) -> Option<(Arc<dyn Process>, Deliver<M>)> {
        match self.0 {
            To::Process { owner, send } => Some((owner, send)),
            To::Name(name) => {
                let process: ProcessRef<M> = node.process_ref(name)?;
                let owner = process.block().clone();
                Some((owner, Box::new(move |message| process.send(message))))
            }
        }
    }
}

impl<M> fmt::Debug for Destination<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            To::Process { owner, .. } => write!(f, "Destination({})", owner.head().pid),
            To::Name(name) => write!(f, "Destination({name})"),
        }
    }
}

impl<M: Send + 'static> From<&ProcessRef<M>> for Destination<M> {
    fn from(process: &ProcessRef<M>) -> Self {
        let to = process.clone();
        Self::process(process.block().clone(), move |message| to.send(message))
    }
}

impl<M> From<Name> for Destination<M> {
    fn from(name: Name) -> Self {
        Self(To::Name(name))
    }
}

impl<M> From<&'static str> for Destination<M> {
    fn from(name: &'static str) -> Self {
        Self(To::Name(name.into()))
    }
}

/// A timer that was started; tells it apart from others and stops it.
#[derive(Clone)]
pub struct TimerRef {
    node: Node,
    id: u64,
}

impl TimerRef {
    /// Stops the timer. Returns the time that was left, or `None` if it has fired, was cancelled
    /// before, or its destination has ended.
    ///
    /// After that it does not fire any more; a message that it has sent, or is sending in this moment on
    /// another thread, stays sent.
    ///
    /// OTP: `erlang:cancel_timer/1`, `timer:cancel/1`.
    #[allow(clippy::must_use_candidate, reason = "stopping the timer is the point")]
    pub fn cancel(&self) -> Option<Duration> {
        self.node.timers().cancel(self.id)
    }

    /// The time left until it fires, or `None` as for [`cancel`](Self::cancel).
    ///
    /// OTP: `erlang:read_timer/1`.
    #[must_use]
    pub fn read(&self) -> Option<Duration> {
        self.node.timers().read(self.id)
    }
}

impl PartialEq for TimerRef {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node && self.id == other.id
    }
}

impl Eq for TimerRef {}

impl Hash for TimerRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl fmt::Debug for TimerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimerRef({})", self.id)
    }
}

/// Sends `message` after `delay`.
///
/// # Panics
///
/// Panics outside of a process.
///
/// OTP: `erlang:send_after/3`.
#[track_caller]
pub fn send_after<M: Send + 'static>(
    destination: impl Into<Destination<M>>,
    delay: Duration,
    message: M,
) -> TimerRef {
    send_at(destination, far_future(delay), message)
}

/// Sends `message` at a given time; at once, if that has passed.
///
/// # Panics
///
/// Panics outside of a process.
///
/// OTP: `erlang:send_after/4` with `{abs, true}`.
#[track_caller]
pub fn send_at<M: Send + 'static>(
    destination: impl Into<Destination<M>>,
    at: Instant,
    message: M,
) -> TimerRef {
    let node = process::node();
    let (owner, mut send) = sender(&node, destination.into());
    start(
        node,
        owner.as_ref(),
        at,
        Action::Once(Box::new(move || send(message))),
    )
}

/// Sends what `message` makes of the timer's own reference after `delay`, so that a late message
/// of a timer that was cancelled can be told apart.
///
/// # Panics
///
/// Panics outside of a process.
///
/// OTP: `erlang:start_timer/3`.
#[track_caller]
pub fn start_timer<M: Send + 'static>(
    destination: impl Into<Destination<M>>,
    delay: Duration,
    message: impl FnOnce(TimerRef) -> M,
) -> TimerRef {
    let node = process::node();
    let (owner, send) = sender(&node, destination.into());
    start_tagged(&node, owner.as_ref(), delay, message, send)
}

/// Sends a clone of `message` each `period`, the first after one period, until it is cancelled or
/// the destination ends. It does not drift, and makes up for periods that it missed.
///
/// A `period` of zero counts as one millisecond.
///
/// # Panics
///
/// Panics outside of a process.
///
/// OTP: `timer:send_interval/3`.
///
/// # Differences from OTP
///
/// One that is aimed at a name goes on from one holder of the name to the next, and waits while nobody
/// has it; in OTP it ends with the first holder.
#[track_caller]
pub fn send_interval<M: Send + Clone + 'static>(
    destination: impl Into<Destination<M>>,
    period: Duration,
    message: M,
) -> TimerRef {
    let node = process::node();
    let (owner, mut send) = sender(&node, destination.into());
    start_interval(node, owner.as_ref(), period, move || send(message.clone()))
}

/// Sends an exit signal after `delay`, on behalf of the current process.
///
/// # Panics
///
/// Panics outside of a process.
///
/// OTP: `timer:exit_after/3`.
#[track_caller]
pub fn exit_after(
    target: impl Into<Pid>,
    delay: Duration,
    reason: impl Into<ExitReason>,
) -> TimerRef {
    let node = process::node();
    let (from, target, reason) = (process::current(), target.into(), reason.into());
    let owner = node.find(target);
    let there = owner.clone();
    let action = Action::Once(Box::new(move || {
        if let Some(process) = there {
            process::signal::exit(&process, from, reason, process::signal::Via::Hand);
        }
    }));
    start(node, owner.as_ref(), far_future(delay), action)
}

/// Kills a process after `delay`.
///
/// # Panics
///
/// Panics outside of a process.
///
/// OTP: `timer:kill_after/2`.
#[track_caller]
pub fn kill_after(target: impl Into<Pid>, delay: Duration) -> TimerRef {
    exit_after(target, delay, ExitReason::Kill)
}

/// Runs `task` in a process of its own after `delay`.
///
/// # Panics
///
/// Panics outside of a process.
///
/// OTP: `timer:apply_after/4`.
#[track_caller]
pub fn apply_after<F>(delay: Duration, task: F) -> TimerRef
where
    F: Future<Output = ()> + Send + 'static,
{
    let node = process::node();
    let there = node.downgrade();
    let action = Action::Once(Box::new(move || {
        if let Some(node) = there.upgrade() {
            node.spawn(|_: Mailbox<Never>| task);
        }
    }));
    start(node, None, far_future(delay), action)
}

pub(crate) fn start(
    node: Node,
    owner: Option<&Arc<dyn Process>>,
    at: Instant,
    action: Action,
) -> TimerRef {
    let node = home(node, owner);
    let timer = TimerRef {
        id: node.timers().next_id(),
        node,
    };
    timer.node.timers().start(timer.id, owner, at, action);
    timer
}

/// A timer belongs to the node of its owner, which removes it by number as it ends.
fn home(node: Node, owner: Option<&Arc<dyn Process>>) -> Node {
    owner.map_or(node, |owner| owner.head().node.clone())
}

/// Starts a timer whose message contains its own reference.
pub(crate) fn start_tagged<M: Send + 'static>(
    node: &Node,
    owner: Option<&Arc<dyn Process>>,
    delay: Duration,
    message: impl FnOnce(TimerRef) -> M,
    mut send: impl FnMut(M) + Send + 'static,
) -> TimerRef {
    let node = home(node.clone(), owner);
    let timer = TimerRef {
        id: node.timers().next_id(),
        node: node.clone(),
    };
    let message = message(timer.clone());
    let action = Action::Once(Box::new(move || send(message)));
    node.timers()
        .start(timer.id, owner, far_future(delay), action);
    timer
}

pub(crate) fn start_interval(
    node: Node,
    owner: Option<&Arc<dyn Process>>,
    period: Duration,
    send: impl FnMut() + Send + 'static,
) -> TimerRef {
    let period = period.max(Duration::from_millis(1));
    let action = Action::Repeat(period, Arc::new(Mutex::new(send)));
    start(node, owner, far_future(period), action)
}

/// How to send to the destination, and the process that it is, if that is known from the start: with its end all
/// sending ends.
pub(crate) fn sender<M: Send + 'static>(
    node: &Node,
    destination: Destination<M>,
) -> (Option<Arc<dyn Process>>, Deliver<M>) {
    match destination.0 {
        To::Process { owner, send } => (Some(owner), send),
        To::Name(name) => {
            // The timer is the node's, and must not keep it.
            let node = node.downgrade();
            let send = move |message| {
                if let Some(node) = node.upgrade() {
                    // Nobody is left to be told.
                    let _ = node.send(name.clone(), message);
                }
            };
            (None, Box::new(send))
        }
    }
}

/// The instant `delay` from now, or one so far off that nobody sees it.
pub(crate) fn far_future(delay: Duration) -> Instant {
    after(Instant::now(), delay)
}

/// The instant `delay` after `start`, or one so far off that nobody sees it.
pub(crate) fn after(start: Instant, delay: Duration) -> Instant {
    const THIRTY_YEARS: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

    start
        .checked_add(delay)
        .unwrap_or_else(|| start + THIRTY_YEARS)
}
