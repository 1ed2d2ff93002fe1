//! How processes are started.

use std::any::type_name;
use std::future::Future;

use super::birth::Birth;
use super::current;
use crate::exit::Outcome;
use crate::pid::MonitorRef;
use crate::process::mailbox::Mailbox;
use crate::process::process_ref::ProcessRef;

/// The body of a process: a function of its mailbox, which returns the process's future.
///
/// It is a closure such as `|mailbox: Mailbox<Message>| async move { .. }`, or an `async fn` with a mailbox as its argument. An async
/// block is none: it has no mailbox, and no type of messages.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process::{self, ProcessBody};
///
/// /// Runs a body in two processes.
/// fn twice<F, B>(body: B) -> [ProcessRef<u32>; 2]
/// where
///     B: ProcessBody<u32, F> + Clone + Send + 'static,
///     F: Future<Output = ()> + Send + 'static,
/// {
///     [process::spawn(body.clone()), process::spawn(body)]
/// }
///
/// async fn one_message(mut mailbox: Mailbox<u32>) {
///     assert_eq!(mailbox.receive().await, 7);
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// for process in twice(one_message) {
///     process.send(7);
///     assert_eq!(process.wait().await, ExitReason::Normal);
/// }
/// # Ok(())
/// # }).await
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is no body of a process: pass a closure that takes the mailbox (`|mailbox: Mailbox<Message>| async move {{ .. }}`), or an `async fn` that does",
    label = "no function of a mailbox"
)]
pub trait ProcessBody<M, F>: FnOnce(Mailbox<M>) -> F {}

#[diagnostic::do_not_recommend]
impl<M, F, B: FnOnce(Mailbox<M>) -> F> ProcessBody<M, F> for B {}

/// Spawns a process on the current [`node`](crate::process::node) and returns a reference to it at once.
///
/// `body` is called in the new process, with its mailbox. Its result is the end of the process (see [`Outcome`]); a
/// panic in it ends only this process.
///
/// # OTP
///
/// `spawn/1`.
///
/// # Panics
///
/// Panics without a current [`node`](crate::process::node); there, use [`Node::spawn`](crate::Node::spawn).
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let adder = process::spawn(|mut mailbox: Mailbox<(u32, ProcessRef<u32>)>| async move {
///     let (number, asker) = mailbox.receive().await;
///     asker.send(number + 1);
/// });
/// let asker = process::spawn(move |mut mailbox: Mailbox<u32>| async move {
///     adder.send((41, mailbox.me()));
///     assert_eq!(mailbox.receive().await, 42);
/// });
/// assert_eq!(asker.wait().await, ExitReason::Normal);
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
    let birth = current::with(|parent| Birth::of_current(parent, type_name::<B>));
    match birth {
        Some(birth) => birth.run(body),
        None => crate::process::node().spawn(body),
    }
}

/// Spawns a process that is linked with the current one from the start.
///
/// The process has not run yet when this returns. A process that traps exits, to clean up, ends at once if it gets an
/// exit signal before its first step. A process that is started with
/// [`proc_lib::start_link`](crate::proc_lib::start_link) gets none so early.
///
/// # OTP
///
/// `spawn_link/1`.
///
/// # Panics
///
/// Panics outside of a process.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let parent = process::spawn(|_: Mailbox<Never>| async {
///     process::spawn_link(|_: Mailbox<Never>| async { ExitReason::other("burnt") });
///     std::future::pending::<()>().await;
/// });
/// // The end of the child ends the parent.
/// assert_eq!(parent.wait().await, ExitReason::other("burnt"));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[track_caller]
pub fn spawn_link<M, B, F>(body: B) -> ProcessRef<M>
where
    M: Send + 'static,
    B: ProcessBody<M, F> + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    let parent = current::process();
    Birth::linked(&parent, type_name::<B>).run(body)
}

/// Spawns a process that the current one monitors from the start.
///
/// The DOWN carries the real reason however early the process ends. A raw process sets the message for it with
/// [`Mailbox::on_down`]; in a GenServer it is an [`Info::Down`](crate::Info::Down).
///
/// # OTP
///
/// `spawn_monitor/1`.
///
/// # Panics
///
/// Panics outside of a process.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<Down>| async move {
/// let (child, monitor) = process::spawn_monitor(|_: Mailbox<Never>| async { ExitReason::other("burnt") });
/// mailbox.on_down(monitor, |down| down);
/// let down = mailbox.receive().await;
/// assert_eq!((down.target, down.reason), (child.pid().into(), ExitReason::other("burnt")));
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[track_caller]
pub fn spawn_monitor<M, B, F>(body: B) -> (ProcessRef<M>, MonitorRef)
where
    M: Send + 'static,
    B: ProcessBody<M, F> + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    let parent = current::process();
    let birth = Birth::of_child(&parent, type_name::<B>);
    let monitor = birth.monitor(&parent);
    (birth.run(body), monitor)
}
