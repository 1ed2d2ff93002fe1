//! How processes come to be.

use std::any::type_name;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::block::{Ancestor, Block, Head, Process};
use super::mailbox::Mailbox;
use super::process_ref::ProcessRef;
use super::queue::Queue;
use super::signal::Target;
use super::{current, group, relations, run};
use crate::exit::{ExitReason, Outcome};
use crate::never::Never;
use crate::node::Node;
use crate::pid::MonitorRef;
use crate::stop::Stop;

/// Spawns a process on the current process's node and returns a reference to it at once.
///
/// `body` is called in the new process, with its mailbox. How the process ends is what the body
/// returns (see [`Outcome`]); a panic in it ends only this process.
///
/// # Panics
///
/// Panics outside of a process; there, use [`Node::spawn`].
///
/// OTP: `spawn/1`.
#[track_caller]
pub fn spawn<M, B, F>(body: B) -> ProcessRef<M>
where
    M: Send + 'static,
    B: FnOnce(Mailbox<M>) -> F + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    let parent = current::process();
    let birth = Birth::of_child(&parent, type_name::<B>);
    birth.run(body)
}

/// Spawns a process that is linked with the current one from the start.
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
                // The task that asked for the output may have stopped waiting.
                let _ = sender.send(output);
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
                // Whoever asked for the output may have stopped waiting.
                let _ = sender.send(body(mailbox).await);
            });
            let reason = process.wait().await;
            receiver.try_recv().map_err(|_| reason)
        }
    }
}

/// A process that does not run yet: the moment for its name, and for links and monitors that are there
/// from the start.
pub(crate) struct Birth<M> {
    block: Arc<Block<M>>,
}

impl<M: Send + 'static> Birth<M> {
    pub(crate) fn new(
        node: Node,
        ancestors: Option<Arc<Ancestor>>,
        initial_call: fn() -> &'static str,
    ) -> Self {
        let head = Head::new(node, ancestors, initial_call);
        let block = Arc::new(Block {
            head,
            queue: Queue::new(),
        });
        block.head.node.insert(block.clone());
        Self { block }
    }

    pub(crate) fn of_child(parent: &Arc<dyn Process>, initial_call: fn() -> &'static str) -> Self {
        let node = parent.head().node.clone();
        Self::new(node, Some(as_ancestor(parent)), initial_call)
    }

    /// A server started by `starter`, if that is a process.
    pub(crate) fn of_server(
        node: Node,
        starter: Option<&Arc<dyn Process>>,
        initial_call: fn() -> &'static str,
    ) -> Self {
        Self::new(node, starter.map(as_ancestor), initial_call)
    }

    /// Gives up: the process never runs.
    pub(crate) fn abort(self) {
        run::never(&*self.block);
    }

    pub(crate) fn block(&self) -> &Arc<Block<M>> {
        &self.block
    }

    pub(crate) fn process(&self) -> Arc<dyn Process> {
        self.block.clone()
    }

    pub(crate) fn link(&self, parent: &Arc<dyn Process>) {
        relations::try_link(parent, &self.process());
    }

    pub(crate) fn monitor(&self, watcher: &Arc<dyn Process>) -> MonitorRef {
        let monitor = Node::next_monitor();
        let target = Target::Pid(self.block.head.pid);
        relations::monitor_process(watcher, &self.process(), monitor, target);
        monitor
    }

    /// Starts it. `body` is called in the new process, so that even its synchronous part may panic.
    fn run<B, F>(self, body: B) -> ProcessRef<M>
    where
        B: FnOnce(Mailbox<M>) -> F + Send + 'static,
        F: Future<Output: Outcome> + Send + 'static,
    {
        let mailbox = Mailbox::new(self.block.clone());
        ProcessRef::new(self.run_future(async move { body(mailbox).await }))
    }

    /// Starts it with a body that is a future already.
    pub(crate) fn run_future<F>(self, body: F) -> Arc<Block<M>>
    where
        F: Future<Output: Outcome> + Send + 'static,
    {
        run::spawn(self.block.clone(), body);
        self.block
    }
}

/// A process as the nearest ancestor of those it starts.
pub(crate) fn as_ancestor(parent: &Arc<dyn Process>) -> Arc<Ancestor> {
    let head = parent.head();
    let mut ties = head.ties.lock();
    ties.more()
        .as_ancestor
        .get_or_insert_with(|| {
            Arc::new(Ancestor {
                pid: head.pid,
                next: head.ancestors.clone(),
                group: group::leader(head),
            })
        })
        .clone()
}
