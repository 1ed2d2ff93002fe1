//! Many orders of events from one test; feature `explore`.
//!
//! A system of processes either works in every order in which its processes can run, or it has a fault that shows once
//! in a thousand runs and never in the debugger. [`explore`] runs a system many times, each time in an order that is
//! drawn from a seed, and [`replay`] repeats one of these runs, step for step.
//!
//! The system runs on one thread, with a clock that stands still while any process is ready. When a process is ready,
//! the schedule may let it wait while others run. It may interrupt the process before each message, and it chooses the
//! order of the exit signals and DOWNs of a process's end. A process is never interrupted between two awaits: the
//! runtime has separate tests for the effects of two threads on each other within one step.
//!
//! It is for tests only. In a program that draws no order calls and casts cost the same with the feature, a process takes no more
//! memory, and its start and end take 4 % more instructions, those of a task 2 %.
//!
//! # Examples
//!
//! ```
//! use otp_core::explore::explore;
//! use otp_core::prelude::*;
//! use otp_core::process;
//!
//! let explored = explore(0..100, |mut mailbox: Mailbox<u32>| async move {
//!     let me = mailbox.me();
//!     for number in [1, 2] {
//!         let me = me.clone();
//!         process::spawn(move |_: Mailbox<Never>| async move { me.send(number) });
//!     }
//!     // Either may come first, and an assertion on that would fail.
//!     let sum = mailbox.receive().await + mailbox.receive().await;
//!     assert_eq!(sum, 3);
//! });
//! assert!(explored.traces > 1);
//! ```

use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use thiserror::Error;
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::exit::ExitReason;
use crate::node::Node;
use crate::process::{Mailbox, schedule};

/// How long a system may take, by its own clock.
const PATIENCE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The tasks that ran, in the order in which they did. A task is a process, mostly; they are counted as they are started,
/// from 1.
///
/// # Examples
///
/// ```
/// use otp_core::explore::replay;
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// let system = |_: Mailbox<Never>| async {
///     process::spawn(|_: Mailbox<Never>| async {}).wait().await;
/// };
/// let first = replay(7, system).expect("it comes to its end");
/// assert_eq!(replay(7, system), Ok(first), "a seed stands for one order");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Trace(pub Vec<u32>);

/// The result of an exploration.
///
/// # Examples
///
/// ```
/// use otp_core::explore::{Explored, explore};
/// use otp_core::prelude::*;
///
/// // A single process that waits for nothing has one order only.
/// let explored = explore(0..10, |_: Mailbox<Never>| async {});
/// assert_eq!(explored, Explored { runs: 10, traces: 1 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explored {
    /// How many times the system has run.
    pub runs: usize,
    /// How many different orders there were among these runs.
    pub traces: usize,
}

/// How a system fails.
///
/// # Examples
///
/// ```
/// use otp_core::explore::{Failure, replay};
/// use otp_core::prelude::*;
///
/// let waits = |mut mailbox: Mailbox<u32>| async move {
///     mailbox.receive().await;
/// };
/// assert_eq!(replay(1, waits), Err(Failure::Hangs));
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum Failure {
    /// Its first process has ended before it was done, by a failed assertion as a rule.
    #[error("it ended with {0}")]
    Ended(ExitReason),
    /// Nothing can happen any more, and its first process waits.
    #[error("it waits for something that never comes")]
    Hangs,
    /// It runs without end.
    #[error("it does not come to an end")]
    Endless,
}

/// Runs a system once for each seed: `system` is called in a process of a new node, as by
/// [`Node::run_with`](crate::Node::run_with). Processes that still run when it returns are dropped.
///
/// # Panics
///
/// Panics when the system fails, with the seed. Also inside of a tokio runtime.
#[track_caller]
pub fn explore<M, B, F>(seeds: impl IntoIterator<Item = u64>, system: B) -> Explored
where
    M: Send + 'static,
    B: FnOnce(Mailbox<M>) -> F + Clone + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (mut runs, mut traces) = (0, HashSet::new());
    for seed in seeds {
        match replay(seed, system.clone()) {
            Ok(trace) => traces.insert(trace),
            Err(failure) => panic!(
                "the system fails with seed {seed}: {failure}\n`explore::replay({seed}, …)` does that again"
            ),
        };
        runs += 1;
    }
    Explored {
        runs,
        traces: traces.len(),
    }
}

/// Runs a system once, in the order of the seed. The order is the same each time, as long as neither the system nor
/// otp-core is changed.
///
/// The system must depend on nothing else: not on the time of day, nor on the order of a `HashMap` of std's.
///
/// # Errors
///
/// [`Failure`].
///
/// # Panics
///
/// Panics inside of a tokio runtime.
pub fn replay<M, B, F>(seed: u64, system: B) -> Result<Trace, Failure>
where
    M: Send + 'static,
    B: FnOnce(Mailbox<M>) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O takes nothing from the system but memory");
    let (ended, turns) = schedule::run(seed, || {
        runtime.block_on(async {
            let system = pin!(timeout(PATIENCE, Node::new().run_with(system)));
            match select(system, pin!(poll_fn(schedule::poll_endless))).await {
                Either::Left((Ok(ended), _)) => ended.map_err(Failure::Ended),
                Either::Left((Err(_), _)) => Err(Failure::Hangs),
                Either::Right(_) => Err(Failure::Endless),
            }
        })
    });
    ended.map(|()| Trace(turns))
}
