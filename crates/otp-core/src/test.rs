//! Helpers for tests of processes and servers; feature `test-util`.
//!
//! A test runs with a paused clock and does not sleep: processes report events to a [`Probe`], and the test waits for
//! them.

mod reports;
mod stub;

use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

pub use self::reports::{Report, Reports, reports};
pub use self::stub::{StubMessage, idle, stub};
use crate::exit::ExitReason;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::process_ref::wait;

/// How long a test waits for something that must happen; with a paused clock this passes at once
/// when nothing else is left to do.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// Whether this thread holds a lock of the runtime. Foreign code that a test hands to the runtime asserts that it does not.
///
/// Always false in builds without debug assertions.
#[must_use]
pub fn in_critical_section() -> bool {
    crate::process::lock::in_section()
}

/// Collects the events that processes report. Clones report to the same place.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// use otp_core::test::{Probe, Runner};
///
/// Runner::new().run(async {
///     let probe = Probe::new();
///     let cook = probe.clone();
///     process::spawn(move |_: Mailbox<Never>| async move {
///         cook.report("water boils");
///         cook.report("eggs are in");
///     });
///     assert_eq!(probe.next().await, "water boils");
///     assert_eq!(probe.next().await, "eggs are in");
/// });
/// ```
pub struct Probe<T> {
    sender: mpsc::UnboundedSender<T>,
    receiver: Arc<Mutex<mpsc::UnboundedReceiver<T>>>,
}

impl<T: fmt::Debug> Probe<T> {
    /// Makes a probe with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self {
            sender,
            receiver: Arc::new(Mutex::new(receiver)),
        }
    }

    /// Reports an event.
    ///
    /// # Panics
    ///
    /// Never: the probe itself keeps its channel open.
    pub fn report(&self, event: T) {
        self.sender
            .send(event)
            .expect("the probe itself holds the receiver");
    }

    /// Waits for the next event.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again: no event is lost.
    ///
    /// # Panics
    ///
    /// Panics when none comes in an hour.
    pub async fn next(&self) -> T {
        let mut receiver = self.receiver.lock().await;
        let event = timeout(PATIENCE, receiver.recv())
            .await
            .expect("an event is reported");
        event.expect("the probe itself holds a sender")
    }

    /// The events that have been reported and not been taken so far.
    ///
    /// # Panics
    ///
    /// Panics while another task waits for an event.
    #[must_use]
    pub fn drain(&self) -> Vec<T> {
        let mut receiver = self.receiver.try_lock().expect("nobody waits for an event");
        std::iter::from_fn(|| receiver.try_recv().ok()).collect()
    }
}

impl<T: fmt::Debug> Default for Probe<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for Probe<T> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
            receiver: self.receiver.clone(),
        }
    }
}

impl<T> fmt::Debug for Probe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Probe")
    }
}

/// Runs a test as a process of a new node. [`otp_core::test`](macro@crate::test) writes the call.
///
/// By itself a test runs on one thread with a paused clock: time passes when all processes wait, and no test sleeps.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::test::Runner;
/// use tokio::time::{Instant, sleep};
///
/// let start = std::time::Instant::now();
/// let waited = Runner::new().run(async {
///     let start = Instant::now();
///     sleep(Duration::from_secs(3600)).await;
///     start.elapsed()
/// });
/// assert_eq!(waited, Duration::from_secs(3600));
/// assert!(start.elapsed() < waited, "the clock is paused");
/// ```
#[derive(Debug, Default)]
#[must_use = "a runner does nothing until it runs a test"]
pub struct Runner {
    clock: TestClock,
    workers: Option<usize>,
    reports: Option<Reports>,
}

#[derive(Debug, Default, PartialEq)]
enum TestClock {
    #[default]
    Paused,
    Real,
}

impl Runner {
    /// A runner with a paused clock, on one thread.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs the test with a running clock.
    pub fn real_clock(mut self) -> Self {
        self.clock = TestClock::Real;
        self
    }

    /// Runs the test on this many threads. The clock runs, too: it can be paused on a single thread only.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = Some(workers);
        self.real_clock()
    }

    /// Collects the [reports] that the test causes.
    pub fn reports(mut self) -> Self {
        self.reports = Some(Reports::default());
        self
    }

    /// Runs the test and returns its result.
    ///
    /// # Panics
    ///
    /// Panics if the test's process ends without returning, and names the reason.
    pub fn run<T: Send + 'static>(self, test: impl Future<Output = T> + Send + 'static) -> T {
        let mut runtime = match self.workers {
            Some(workers) => {
                let mut runtime = tokio::runtime::Builder::new_multi_thread();
                runtime.worker_threads(workers);
                runtime
            }
            None => tokio::runtime::Builder::new_current_thread(),
        };
        if let Some(reports) = &self.reports {
            reports.listen();
            let reports = reports.clone();
            runtime.on_thread_start(move || reports.listen());
            // A thread's own values are dropped in no order: the subscriber goes before those that it uses.
            runtime.on_thread_stop(Reports::leave);
        }
        let paused = self.clock == TestClock::Paused;
        let runtime = runtime.enable_all().start_paused(paused).build();
        let runtime = runtime.expect("a runtime for the test");
        // In a box: the code of a runtime and of a process is compiled once, and not for each test.
        let test: Pin<Box<dyn Future<Output = T> + Send>> = Box::pin(test);
        let returned = runtime.block_on(Node::new().run(test));
        if self.reports.is_some() {
            Reports::leave();
        }
        match returned {
            Ok(returned) => returned,
            // Otherwise the panic has been shown where it happened.
            Err(ExitReason::Panic(info)) if self.reports.is_none() => {
                resume_unwind(Box::new(info.message.clone()))
            }
            Err(reason) => panic!("the test's process has ended: {reason}"),
        }
    }
}

/// Waits for the end of a process and returns its reason; `None` if it does not exist.
///
/// # Cancel safety
///
/// May be dropped and called again.
///
/// # Panics
///
/// Panics when it has not ended in an hour.
pub async fn ended(node: &Node, pid: Pid) -> Option<ExitReason> {
    let process: Arc<dyn Process> = node.find(pid)?;
    Some(
        timeout(PATIENCE, wait(process))
            .await
            .expect("the process ends"),
    )
}

/// Waits for the end of a process and checks its reason.
///
/// ```
/// # use otp_core::{assert_down, process, ExitReason, Mailbox, Never, Node};
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let node = Node::new();
/// let process = node.spawn(|_: Mailbox<Never>| async { ExitReason::Shutdown });
/// assert_down!(node, process, ExitReason::Shutdown);
/// # }
/// ```
#[macro_export]
macro_rules! assert_down {
    ($node:expr, $process:expr, $reason:pat $(if $guard:expr)? $(,)?) => {
        match $process.wait().await {
            $reason $(if $guard)? => {}
            other => ::std::panic!(
                "{} should have ended with {}, but ended with {other:?}",
                $process.pid(),
                ::std::stringify!($reason),
            ),
        }
    };
}
