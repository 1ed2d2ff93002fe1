//! Work that blocks: in a process that waits for it, or in one that has a thread of its own.
//!
//! Processes share a few threads, and one that blocks its thread holds up others. So blocking work goes elsewhere:
//!
//! - [`run`] runs the work on a thread for such work, while the process awaits it as any future: it keeps its pid,
//!   names and links, and is ended at once by an exit signal.
//! - [`spawn`] and [`spawn_link`] start a process on a separate thread, and
//!   [`StartOptions::own_thread`](crate::gen_server::StartOptions::own_thread) a server. It has a mailbox, links and
//!   monitors, and can be a child of supervisors, as any process. It may block without delaying others. That costs a
//!   thread, and each message wakes it.
//!
//! A thread cannot be interrupted. Work whose process has ended, or whose time is over, continues to its end, and its
//! result is dropped. A process on a separate thread that is killed while it blocks is dead for all others at once: it
//! has no name, gets no messages, and cannot be found. Its links and monitors fire when its thread returns: then what it
//! has used is free. So its supervisor waits for that before it starts the process again, and before it ends itself.
//! The end of the runtime kills it in the same way. If it then awaits a timer or a socket of tokio before anything else,
//! tokio panics there, and that panic is reported.
//!
//! # Differences from OTP
//!
//! The nearest thing there is a native function on a dirty scheduler. The links and monitors of a process that is killed
//! in one fire at once.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//!
//! use otp_core::blocking::{self, BlockingError};
//! use otp_core::prelude::*;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # Node::new().try_run(async {
//! let sum = blocking::run(|| (1..=100).sum::<u32>()).await?;
//! assert_eq!(sum, 5050);
//!
//! let limit = Duration::from_millis(1);
//! let late = blocking::run(|| std::fs::read_dir("/").map(Iterator::count)).timeout(limit).await;
//! assert!(matches!(late, Ok(Ok(_)) | Err(BlockingError::Timeout(_))));
//!
//! // It may block between two messages.
//! let writer = blocking::spawn_link(|mut mailbox: Mailbox<String>| async move {
//!     let line = mailbox.receive().await;
//!     print!("{line}");
//! });
//! writer.send("written".to_owned());
//! assert_eq!(writer.wait().await, ExitReason::Normal);
//! # Ok(())
//! # }).await.expect("it goes well");
//! # }
//! ```

use std::any::type_name;
use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::exit::{ExitReason, Outcome};
use crate::gen_server::{Begin, Limited, TimeLimit};
use crate::node::Node;
use crate::process::panic::{self, Told};
use crate::process::{self, Birth, ProcessBody, ProcessRef, current, own_thread};
use crate::stop::reasons;
use crate::util::caused::caused;
use crate::util::large;

/// Blocking work without a result.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::blocking::{self, BlockingError};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let failed = blocking::run(|| u8::try_from(300).expect("it is small")).await;
/// assert!(matches!(failed, Err(BlockingError::Failed(ExitReason::Panic(_)))));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum BlockingError {
    /// The time limit is over. Work that has begun goes on.
    Timeout(Duration),
    /// The work panicked.
    Failed(ExitReason),
    /// The runtime ends.
    RuntimeEnds,
}

caused!(BlockingError {
    Self::Timeout(it) => ("the blocking work was not done within {it:?}"),
    Self::Failed(it) => ("the blocking work failed: {it}") by it,
    Self::RuntimeEnds => ("the runtime ends before the blocking work is done"),
});

reasons!(BlockingError);

/// Runs blocking work on one of tokio's threads for such work, and waits for it: without a limit, or for as long as
/// [`timeout`](Limited::timeout) says.
///
/// In the work, names are looked up on the current process's [node](crate::Node), and servers are called by
/// [`Handle::block_on`](tokio::runtime::Handle::block_on). A runtime that is dropped waits for work that is under way.
///
/// # Cancel safety
///
/// If the future is dropped, work that has begun continues, and work that has not begun is not done.
///
/// # Errors
///
/// [`BlockingError`].
///
/// # Panics
///
/// The future panics outside of a tokio runtime, and with a limit in one whose timers are not enabled. The work has not
/// begun then.
///
/// # Examples
///
/// ```
/// use otp_core::blocking;
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let sum = blocking::run(|| {
///     // Work that blocks its thread.
///     (1..=1000_u64).sum::<u64>()
/// });
/// assert_eq!(sum.await?, 500_500);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Limited<impl Begin<Output = Result<T, BlockingError>>> {
    const { large::assert_value::<T>() };
    Limited::new(TimeLimit::Infinity, move |limit: TimeLimit| async move {
        limit.assert();
        let node = process::try_node();
        let mut done = NotBegun(own_thread::on_blocking_thread(move || {
            let _entered = node.as_ref().map(Node::enter);
            let done = Told::Nowhere.catch(work);
            done.map_err(panic::reason)
        }));
        let done = match limit {
            TimeLimit::Infinity => (&mut done.0).await,
            TimeLimit::After(time) => match limit.on(&mut done.0).await {
                Some(done) => done,
                None => return Err(BlockingError::Timeout(time)),
            },
        };
        match done {
            Ok(done) => done.map_err(BlockingError::Failed),
            Err(_) => Err(BlockingError::RuntimeEnds),
        }
    })
}

/// Work whose result is not wanted any more is not begun.
struct NotBegun<T>(JoinHandle<T>);

impl<T> Drop for NotBegun<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// As [`process::spawn`], on a thread of its own.
///
/// # Panics
///
/// Panics outside of a process, and outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use otp_core::blocking;
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let worker = blocking::spawn(|_: Mailbox<Never>| async {
///     std::thread::yield_now(); // It may block its thread here.
/// });
/// assert_eq!(worker.wait().await, ExitReason::Normal);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[track_caller]
pub fn spawn<M, B, F>(body: B) -> ProcessRef<M>
where
    M: Send + 'static,
    B: ProcessBody<M, F> + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    let parent = current::process();
    Birth::of_child(&parent, type_name::<B>).run_on_thread(body)
}

/// As [`process::spawn_link`], on a thread of its own.
///
/// # Panics
///
/// Panics outside of a process, and outside of a tokio runtime.
#[track_caller]
pub fn spawn_link<M, B, F>(body: B) -> ProcessRef<M>
where
    M: Send + 'static,
    B: ProcessBody<M, F> + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    let parent = current::process();
    Birth::linked(&parent, type_name::<B>).run_on_thread(body)
}
