//! Timers: messages and exit signals that arrive later.
//!
//! A timer is never early. Timers fire in the order of the times at which they are due, and timers with the same time in
//! the order in which they were started. A timer whose destination ends is removed; a timer for a
//! name looks the name up when it fires. A delay of zero means now, and a delay that is too long for the clock means never.
//!
//! The functions here work inside of a process and, if the destination is a process, also outside. A GenServer has
//! methods for them in [`Context`](crate::Context). All of them use a monotonic clock, which may stand still while the machine
//! sleeps. A [`WallClock`] has timers for a time of day.
//!
//! # Runtimes
//!
//! A timer belongs to the tokio runtime on which it was started: it uses that runtime's clock, which a test may
//! have paused, and a task of that runtime fires it. The order above is that of the timers of one node and one runtime. If the
//! runtime ends before the timer has fired, the timer moves to another runtime of the node: to one on which the node has
//! timers, or else to one on which it has processes. If the node has neither, the timer waits, and moves to the first
//! runtime on which a process of the node is started; if it is late by then, it fires at once. A current_thread runtime
//! fires its timers, and those that have moved to it, only while a thread drives it. A runtime whose timers are not
//! enabled is passed over, and the start of a timer there panics. (The end of a runtime ends its processes, and so the
//! timers for them.)
//!
//! If the process that started a timer blocks its thread, another thread of the runtime fires it. In one case it is late, as
//! tokio's own timers are: the worker that waits for them goes on with the process that it wakes, and if that process
//! blocks, no other worker waits for them until it has something else to do. So put work that blocks into
//! [`blocking`](crate::blocking).
//!
//! # OTP
//!
//! `erlang:send_after/3`, `erlang:start_timer/3`, the module `timer`.

mod destination;
mod look;
mod timer_ref;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

pub use self::destination::Destination;
pub(crate) use self::destination::{Deliver, sender};
pub use self::look::TimerInfo;
pub use self::timer_ref::TimerRef;
use crate::exit::ExitReason;
use crate::never::Never;
use crate::node::Node;
use crate::node::timers::Service;
pub(crate) use crate::node::timers::queue::{Interval, TimerAction, When};
use crate::pid::Pid;
use crate::process::block::{Entry, Process};
use crate::process::panic::Contained;
use crate::process::signal::{self, ExitOrigin};
use crate::process::{self, Mailbox};
use crate::scope;
pub use crate::time::{ManualClock, MissedTicks, WallClock};
pub(crate) use crate::time::{after, far_future};

/// Sends `message` after `delay`.
///
/// # OTP
///
/// `erlang:send_after/3`.
///
/// # Panics
///
/// Panics for a name without a current [`node`](process::node), and outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::timer;
/// use tokio::time::Instant;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
/// let start = Instant::now();
/// timer::send_after(mailbox.me(), Duration::from_secs(240), "the eggs are done");
/// assert_eq!(mailbox.receive().await, "the eggs are done");
/// assert_eq!(start.elapsed(), Duration::from_secs(240));
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
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
/// # OTP
///
/// `erlang:send_after/4` with `{abs, true}`.
///
/// # Panics
///
/// Panics for a name without a current [`node`](process::node), and outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::timer;
/// use tokio::time::Instant;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
/// let at = Instant::now() + Duration::from_secs(60);
/// timer::send_at(mailbox.me(), at, "now");
/// assert_eq!(mailbox.receive().await, "now");
/// assert_eq!(Instant::now(), at);
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[track_caller]
pub fn send_at<M: Send + 'static>(
    destination: impl Into<Destination<M>>,
    at: Instant,
    message: M,
) -> TimerRef {
    send_when(destination.into(), When::At(at), message)
}

/// Sends the message that `message` makes from the timer's own reference, after `delay`. With the reference, the receiver
/// can recognize a late message of a cancelled timer.
///
/// # OTP
///
/// `erlang:start_timer/3`.
///
/// # Panics
///
/// Panics for a name without a current [`node`](process::node), and outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::{TimerRef, timer};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<TimerRef>| async move {
/// let old = timer::start_timer(mailbox.me(), Duration::from_secs(1), |timer| timer);
/// let new = timer::start_timer(mailbox.me(), Duration::from_secs(2), |timer| timer);
/// // The message says which timer it is from.
/// assert_eq!(mailbox.receive().await, old);
/// assert_eq!(mailbox.receive().await, new);
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[track_caller]
pub fn start_timer<M: Send + 'static>(
    destination: impl Into<Destination<M>>,
    delay: Duration,
    message: impl FnOnce(TimerRef) -> M,
) -> TimerRef {
    start_timer_when(destination.into(), When::after(delay), message)
}

/// Sends a clone of `message` each `period`, the first after one period, until it is cancelled or
/// the destination ends. It does not drift.
///
/// It makes up for missed ticks as [`MissedTicks::DEFAULT`] describes;
/// [`send_interval_with`] takes another choice. A `period` of less than a millisecond counts as one millisecond.
///
/// # OTP
///
/// `timer:send_interval/3`.
///
/// # Differences from OTP
///
/// An interval for a name continues with the next holder of the name, and waits while no process has the name. In OTP
/// the interval ends with the first holder. After a long pause OTP makes up for all ticks.
///
/// # Panics
///
/// Panics for a name without a current [`node`](process::node), and outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::timer;
/// use tokio::time::Instant;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
/// let start = Instant::now();
/// let ticks = timer::send_interval(mailbox.me(), Duration::from_secs(1), "tick");
/// for _ in 0..3 {
///     assert_eq!(mailbox.receive().await, "tick");
/// }
/// assert_eq!(start.elapsed(), Duration::from_secs(3));
/// ticks.cancel();
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[track_caller]
pub fn send_interval<M: Send + Clone + 'static>(
    destination: impl Into<Destination<M>>,
    period: Duration,
    message: M,
) -> TimerRef {
    send_interval_with(destination, period, MissedTicks::DEFAULT, message)
}

/// As [`send_interval`], with a choice for missed ticks.
///
/// # Panics
///
/// Panics for a name without a current [`node`](process::node), and outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::timer::{self, MissedTicks};
/// use otp_core::{Mailbox, Node};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let node = Node::new();
/// let ticks = node.run_with(|mut mailbox: Mailbox<&'static str>| async move {
///     let period = Duration::from_millis(5);
///     let interval = timer::send_interval_with(mailbox.me(), period, MissedTicks::Skip, "tick");
///     // Four ticks are missed, and left out: there is the late one, and then the next.
///     std::thread::sleep(5 * period);
///     let ticks = (mailbox.receive().await, mailbox.receive().await);
///     interval.cancel();
///     ticks
/// });
/// assert_eq!(ticks.await, Ok(("tick", "tick")));
/// # }
/// ```
#[track_caller]
pub fn send_interval_with<M: Send + Clone + 'static>(
    destination: impl Into<Destination<M>>,
    period: Duration,
    missed: MissedTicks,
    message: M,
) -> TimerRef {
    let destination = destination.into();
    let node = destination.node();
    let (owner, mut send) = sender(&node, destination);
    let message = Contained::new(message);
    let send = move || send(message.get().clone(), Entry::Limited);
    start_interval(&node, owner.as_ref(), period, missed, send)
}

/// Sends an exit signal after `delay`, on behalf of the current process.
///
/// # OTP
///
/// `timer:exit_after/3`.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::{process, timer};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let slow = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
/// timer::exit_after(&slow, Duration::from_secs(10), ExitReason::Timeout);
/// assert_eq!(slow.wait().await, ExitReason::Timeout);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[track_caller]
pub fn exit_after(
    target: impl Into<Pid>,
    delay: Duration,
    reason: impl Into<ExitReason>,
) -> TimerRef {
    let (target, reason) = (target.into(), reason.into());
    // Outside of processes the sender is the target itself, as for `Node::exit`.
    let (from, via) = match process::try_current() {
        Some(sender) => (sender, ExitOrigin::Hand),
        None => (target, ExitOrigin::Outside),
    };
    let node = process::try_node()
        .or_else(|| scope::node_of(target))
        .unwrap_or_else(process::node);
    let owner = node.find(target);
    let there = owner.clone();
    let action = TimerAction::Once(Box::new(move || {
        if let Some(process) = there {
            signal::exit(&process, from, reason, via);
        }
    }));
    start(&node, owner.as_ref(), When::after(delay), action)
}

/// Kills a process after `delay`.
///
/// # OTP
///
/// `timer:kill_after/2`.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::{process, timer};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let stubborn = process::spawn(|mut mailbox: Mailbox<Exit>| async move {
///     mailbox.trap_exit(|exit| exit);
///     loop {
///         mailbox.receive().await;
///     }
/// });
/// timer::kill_after(&stubborn, Duration::from_secs(10));
/// assert_eq!(stubborn.wait().await, ExitReason::Killed);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[track_caller]
pub fn kill_after(target: impl Into<Pid>, delay: Duration) -> TimerRef {
    exit_after(target, delay, ExitReason::Kill)
}

/// Runs `task` in a process of its own after `delay`.
///
/// # OTP
///
/// `timer:apply_after/4`.
///
/// # Panics
///
/// Panics without a current [`node`](process::node), and outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::timer;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
/// let me = mailbox.me();
/// timer::apply_after(Duration::from_secs(60), async move {
///     me.send("runs in a process, a minute later");
/// });
/// assert_eq!(mailbox.receive().await, "runs in a process, a minute later");
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[track_caller]
pub fn apply_after<F>(delay: Duration, task: F) -> TimerRef
where
    F: Future<Output = ()> + Send + 'static,
{
    let node = process::node();
    let there = node.downgrade();
    let action = TimerAction::Once(Box::new(move || {
        if let Some(node) = there.upgrade() {
            node.spawn(|_: Mailbox<Never>| task);
        }
    }));
    start(&node, None, When::after(delay), action)
}

/// The timers of a wall clock.
impl WallClock {
    /// Sends `message` when this clock shows `due`; at once, if that has passed.
    ///
    /// # Panics
    ///
    /// Panics for a name without a current [`node`](crate::process::node), and outside of a tokio runtime.
    #[track_caller]
    #[allow(clippy::must_use_candidate, reason = "the message is the point")]
    pub fn send_at<M: Send + 'static>(
        &self,
        destination: impl Into<Destination<M>>,
        due: SystemTime,
        message: M,
    ) -> TimerRef {
        send_when(destination.into(), When::shown(self, due), message)
    }

    /// As [`send_at`](Self::send_at), with the message that `message` makes from the timer's own reference. With the
    /// reference, the receiver can recognize a late message of a cancelled timer.
    ///
    /// # Panics
    ///
    /// Panics for a name without a current [`node`](crate::process::node), and outside of a tokio runtime.
    #[track_caller]
    pub fn start_timer<M: Send + 'static>(
        &self,
        destination: impl Into<Destination<M>>,
        due: SystemTime,
        message: impl FnOnce(TimerRef) -> M,
    ) -> TimerRef {
        start_timer_when(destination.into(), When::shown(self, due), message)
    }
}

#[track_caller]
fn send_when<M: Send + 'static>(destination: Destination<M>, when: When, message: M) -> TimerRef {
    let node = destination.node();
    let (owner, mut send) = sender(&node, destination);
    let message = Contained::new(message);
    let send = move || send(message.into_inner(), Entry::Limited);
    let action = TimerAction::Once(Box::new(send));
    start(&node, owner.as_ref(), when, action)
}

#[track_caller]
fn start_timer_when<M: Send + 'static>(
    destination: Destination<M>,
    when: When,
    message: impl FnOnce(TimerRef) -> M,
) -> TimerRef {
    let node = destination.node();
    let (owner, mut send) = sender(&node, destination);
    let send = move |message| send(message, Entry::Limited);
    start_tagged(&node, owner.as_ref(), when, message, send)
}

pub(crate) fn start(
    node: &Node,
    owner: Option<&Arc<dyn Process>>,
    when: When,
    action: TimerAction,
) -> TimerRef {
    let service = home(node, owner);
    let key = service.start(owner, when, action.within_span());
    TimerRef::new(&service, key)
}

/// A timer belongs to the node of its owner, whose end removes it.
fn home(node: &Node, owner: Option<&Arc<dyn Process>>) -> Arc<Service> {
    let node = owner.map_or(node, |owner| &owner.head().node);
    node.timers().here(node)
}

/// Starts a timer whose message contains its own reference.
pub(crate) fn start_tagged<M: Send + 'static>(
    node: &Node,
    owner: Option<&Arc<dyn Process>>,
    when: When,
    message: impl FnOnce(TimerRef) -> M,
    mut send: impl FnMut(M) + Send + 'static,
) -> TimerRef {
    /// Takes the timer back if its message cannot be made.
    struct Unarmed(TimerRef);

    impl Drop for Unarmed {
        fn drop(&mut self) {
            self.0.cancel();
        }
    }

    let service = home(node, owner);
    let key = service.reserve(owner, when);
    let unarmed = Unarmed(TimerRef::new(&service, key));
    let message = Contained::new(message(unarmed.0.clone()));
    let send = move || send(message.into_inner());
    service.arm(key, TimerAction::Once(Box::new(send)).within_span());
    let timer = unarmed.0.clone();
    std::mem::forget(unarmed);
    timer
}

pub(crate) fn start_interval(
    node: &Node,
    owner: Option<&Arc<dyn Process>>,
    period: Duration,
    missed: MissedTicks,
    send: impl FnMut() + Send + 'static,
) -> TimerRef {
    let period = period.max(Duration::from_millis(1));
    let action = TimerAction::Repeat(Box::new(Interval {
        period,
        missed,
        send: Box::new(send),
    }));
    start(node, owner, When::after(period), action)
}
