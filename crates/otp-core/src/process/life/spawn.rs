//! How processes come to be.

use std::any::type_name;
use std::future::Future;

use tokio::sync::oneshot;

use super::birth::Birth;
use super::current;
use crate::exit::{ExitReason, Outcome};
use crate::node::Node;
use crate::pid::MonitorRef;
use crate::process::mailbox::Mailbox;
use crate::process::process_ref::ProcessRef;
use crate::stop::Stop;
use crate::util::never::Never;
use crate::util::panic;

/// Spawns a process on the current [`node`](crate::process::node) and returns a reference to it at once.
///
/// `body` is called in the new process, with its mailbox. How the process ends is what the body
/// returns (see [`Outcome`]); a panic in it ends only this process.
///
/// # Panics
///
/// Panics without a current [`node`](crate::process::node); there, use [`Node::spawn`].
///
/// OTP: `spawn/1`.
#[track_caller]
pub fn spawn<M, B, F>(body: B) -> ProcessRef<M>
where
    M: Send + 'static,
    B: FnOnce(Mailbox<M>) -> F + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    match current::try_process() {
        Some(parent) => Birth::of_child(&parent, type_name::<B>).run(body),
        None => crate::process::node().spawn(body),
    }
}

/// Spawns a process that is linked with the current one from the start.
///
/// It has not run yet when this returns. One that traps exits, to clean up, and is told to stop before it has come to that
/// ends at once; started with [`proc_lib::start_link`](crate::proc_lib::start_link) it never is told so early.
///
/// # Panics
///
/// Panics outside of a process.
///
/// OTP: `spawn_link/1`.
#[track_caller]
pub fn spawn_link<M, B, F>(body: B) -> ProcessRef<M>
where
    M: Send + 'static,
    B: FnOnce(Mailbox<M>) -> F + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    let parent = current::process();
    let birth = Birth::of_child(&parent, type_name::<B>);
    birth.link(&parent);
    birth.run(body)
}

/// Spawns a process that the current one monitors from the start.
///
/// The DOWN carries the real reason however early the process ends. A raw process says what
/// message it becomes with [`Mailbox::on_down`]; in a GenServer it is an
/// [`Info::Down`](crate::Info::Down).
///
/// # Panics
///
/// Panics outside of a process.
///
/// OTP: `spawn_monitor/1`.
#[track_caller]
pub fn spawn_monitor<M, B, F>(body: B) -> (ProcessRef<M>, MonitorRef)
where
    M: Send + 'static,
    B: FnOnce(Mailbox<M>) -> F + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    let parent = current::process();
    let birth = Birth::of_child(&parent, type_name::<B>);
    let monitor = birth.monitor(&parent);
    (birth.run(body), monitor)
}

impl Node {
    /// Spawns a process on this node from outside of one; it has no ancestors.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub fn spawn<M, B, F>(&self, body: B) -> ProcessRef<M>
    where
        M: Send + 'static,
        B: FnOnce(Mailbox<M>) -> F + Send + 'static,
        F: Future<Output: Outcome> + Send + 'static,
    {
        Birth::new(self.clone(), None, type_name::<B>).run(body)
    }

    /// Runs a future as a process of this node and returns its output when the process has ended.
    ///
    /// This is how a `main` function enters a node: what runs inside is a process like any other.
    ///
    /// # Errors
    ///
    /// The exit reason, if the process ended without an output: it panicked, was ended by a signal,
    /// or called [`exit_self`](crate::process::exit_self).
    ///
    /// # Cancel safety
    ///
    /// Dropping this future stops the waiting; the process goes on.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub fn run<F>(
        &self,
        body: F,
    ) -> impl Future<Output = Result<F::Output, ExitReason>> + Send + use<F>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.run_with(|_: Mailbox<Never>| body)
    }

    /// As [`run`](Self::run), for a body that may fail: `?` in it ends the process with that error as its reason.
    ///
    /// # Errors
    ///
    /// The exit reason, if the process failed or ended without an output.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future stops the waiting; the process goes on.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::{ExitReason, Node};
    ///
    /// #[tokio::main]
    /// async fn main() -> Result<(), ExitReason> {
    ///     let port: u16 = Node::new().try_run(async { Ok("4369".parse()?) }).await?;
    ///     assert_eq!(port, 4369);
    ///     Ok(())
    /// }
    /// ```
    pub fn try_run<T, F>(
        &self,
        body: F,
    ) -> impl Future<Output = Result<T, ExitReason>> + Send + use<T, F>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Stop>> + Send + 'static,
    {
        let node = self.clone();
        async move {
            let (sender, mut receiver) = oneshot::channel();
            let process = Birth::new(node, None, type_name::<F>).run(|_: Mailbox<Never>| async {
                let output = body.await?;
                // The task that asked for the output may have stopped waiting, as below.
                let unwanted = sender.send(output);
                panic::run_quietly(|| drop(unwanted));
                Ok::<_, Stop>(())
            });
            let reason = process.wait().await;
            receiver.try_recv().map_err(|_| reason)
        }
    }

    /// As [`run`](Self::run), for a process that also receives messages.
    ///
    /// # Errors
    ///
    /// As for [`run`](Self::run).
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub fn run_with<M, B, F>(
        &self,
        body: B,
    ) -> impl Future<Output = Result<F::Output, ExitReason>> + Send + use<M, B, F>
    where
        M: Send + 'static,
        B: FnOnce(Mailbox<M>) -> F + Send + 'static,
        F: Future<Output: Send> + Send + 'static,
    {
        let node = self.clone();
        async move {
            let (sender, mut receiver) = oneshot::channel();
            let process = Birth::new(node, None, type_name::<B>).run(|mailbox| async {
                // Whoever asked for the output may have stopped waiting. Then it is dropped here, and its destructor
                // decides nothing about how the process ends.
                let unwanted = sender.send(body(mailbox).await);
                panic::run_quietly(|| drop(unwanted));
            });
            let reason = process.wait().await;
            receiver.try_recv().map_err(|_| reason)
        }
    }
}
