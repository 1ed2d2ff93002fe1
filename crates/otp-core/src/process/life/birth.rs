//! A process between its making and its first poll, and one whose start fails.

use std::future::{Future, poll_fn};
use std::mem;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::lazy;

use super::ancestors::Ancestors;
use super::block::{Block, Head, Process};
use super::current::{self, Current};
use super::own_thread;
use super::run;
use crate::address::Target;
use crate::address::error::RegisterError;
use crate::address::name::Name;
use crate::exit::Outcome;
use crate::node::Node;
use crate::pid::MonitorRef;
use crate::process::mailbox::Mailbox;
use crate::process::mailbox::limit::MailboxLimit;
use crate::process::mailbox::queue::Queue;
use crate::process::process_ref::{ProcessRef, wait};
use crate::process::relations;
use crate::process::relations::signal;
use crate::process::reply::slot::Limit;
use crate::process::span::{Doing, Origin};
use crate::stop::Stop;
use crate::util::large;
use crate::util::never::Never;
use crate::util::panic::Spent;

/// How a process is tied to its starter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tie {
    None,
    Link,
    Monitor,
}

/// A process that does not run yet: the moment for its name, and for links and monitors that are there
/// from the start.
pub(crate) struct Birth<M> {
    block: Arc<Block<M>>,
}

/// Ends a process that never runs: its name cannot be, or a registry of the user's has panicked.
struct Unborn<'a>(&'a dyn Process);

impl Drop for Unborn<'_> {
    fn drop(&mut self) {
        // Its starter knows nothing of a link yet.
        let head = self.0.head();
        let starter = head.starter();
        drop(starter.and_then(|pid| head.ties.with(|ties| ties.remove_link(pid))));
        run::never(self.0);
    }
}

impl<M: Send + 'static> Birth<M> {
    pub(crate) fn new(
        node: Node,
        ancestors: Option<Arc<Ancestors>>,
        initial_call: fn() -> &'static str,
    ) -> Self {
        Self::of(node, ancestors, initial_call, None).enter()
    }

    pub(crate) fn of_child(parent: &Arc<dyn Process>, initial_call: fn() -> &'static str) -> Self {
        let node = parent.head().node.clone();
        Self::new(node, Some(current::ancestors_below(parent)), initial_call)
    }

    /// A child of the current process.
    pub(crate) fn of_current(parent: &mut Current, initial_call: fn() -> &'static str) -> Self {
        let node = parent.process.head().node.clone();
        Self::new(node, Some(parent.ancestors_below()), initial_call)
    }

    /// A child that is linked with its parent.
    pub(crate) fn linked(parent: &Arc<dyn Process>, initial_call: fn() -> &'static str) -> Self {
        let node = parent.head().node.clone();
        let ancestors = current::ancestors_below(parent);
        let birth = Self::of(node, Some(ancestors), initial_call, Some(parent.clone()));
        relations::link_newborn(parent, birth.process());
        birth.enter()
    }

    /// A server started by `starter`, if that is a process. For a linked start, [`tie`](Self::tie) makes the starter's
    /// end of the link.
    pub(crate) fn of_server(
        node: Node,
        starter: Option<&Arc<dyn Process>>,
        tie: Tie,
        initial_call: fn() -> &'static str,
    ) -> Self {
        let ancestors = starter.map(current::ancestors_below);
        let link = starter.filter(|_| tie == Tie::Link).cloned();
        Self::of(node, ancestors, initial_call, link).enter()
    }

    fn of(
        node: Node,
        ancestors: Option<Arc<Ancestors>>,
        initial_call: fn() -> &'static str,
        link: Option<Arc<dyn Process>>,
    ) -> Self {
        const { large::assert_message::<M>() };
        Self {
            block: Arc::new(Block {
                head: Head::new(node, ancestors, initial_call, link),
                queue: Queue::new(),
            }),
        }
    }

    /// From here on the node knows it.
    fn enter(self) -> Self {
        self.block.enter();
        self
    }

    /// Gives the process its name and the limit of its mailbox; if that cannot be, it never runs.
    pub(crate) fn prepare(
        self,
        name: Option<Name>,
        mailbox: Option<MailboxLimit>,
    ) -> Result<Self, RegisterError> {
        if mailbox.is_some() {
            self.block.limit(mailbox);
        }
        let unborn = Unborn(&*self.block);
        name.map_or(Ok(()), |name| relations::name(&self.process(), name))?;
        mem::forget(unborn);
        Ok(self)
    }

    /// Ties the process to its starter.
    pub(crate) fn tie(&self, tie: Tie, starter: Option<&Arc<dyn Process>>) -> Option<MonitorRef> {
        let starter = starter?;
        match tie {
            Tie::None => None,
            Tie::Link => {
                relations::link_newborn(starter, self.process());
                None
            }
            Tie::Monitor => Some(self.monitor(starter)),
        }
    }

    /// Abandons the start: the process never runs.
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
    pub(crate) fn run<B, F>(self, body: B) -> ProcessRef<M>
    where
        B: FnOnce(Mailbox<M>) -> F + Send + 'static,
        F: Future<Output: Outcome> + Send + 'static,
    {
        let block = self.block.clone();
        ProcessRef::new(self.run_future(move || called(body, Mailbox::new(block))))
    }

    /// As [`run`](Self::run), on a thread of its own.
    pub(crate) fn run_on_thread<B, F>(self, body: B) -> ProcessRef<M>
    where
        B: FnOnce(Mailbox<M>) -> F + Send + 'static,
        F: Future<Output: Outcome> + Send + 'static,
    {
        let span = Origin::here().span(&self.block.head, Doing::Run);
        let body = called(body, Mailbox::new(self.block.clone()));
        ProcessRef::new(self.run_server_on_thread(|| span.around(body)))
    }

    /// As [`run_server`](Self::run_server), on a thread of its own.
    pub(crate) fn run_server_on_thread<F>(self, make: impl FnOnce() -> F) -> Arc<Block<M>>
    where
        F: Future<Output: Outcome> + Send + 'static,
    {
        own_thread::spawn(self.block.clone(), make());
        self.block
    }

    /// Starts it with the future that `make` makes, which runs no code of the user's.
    #[inline]
    pub(crate) fn run_future<F>(self, make: impl FnOnce() -> F + 'static) -> Arc<Block<M>>
    where
        F: Future<Output: Outcome> + Send + 'static,
    {
        let span = Origin::here().span(&self.block.head, Doing::Run);
        self.run_server(move || span.around(make()))
    }

    /// As [`run_future`](Self::run_future), for a server, which has a span for each message.
    #[inline]
    pub(crate) fn run_server<F>(self, make: impl FnOnce() -> F + 'static) -> Arc<Block<M>>
    where
        F: Future<Output: Outcome> + Send + 'static,
    {
        run::spawn(self.block.clone(), make);
        self.block
    }
}

impl Birth<Never> {
    /// Starts a process without messages. Its body is of no known type: the code of a process is compiled once for all of them.
    pub(crate) fn run_boxed(
        self,
        body: Pin<Box<dyn Future<Output = Result<(), Stop>> + Send>>,
    ) -> ProcessRef<Never> {
        ProcessRef::new(self.run_future(move || body))
    }
}

/// The body of a process, which is called at its first poll.
///
/// A combinator and no `async` block: a block would have memory for the mailbox beside the future that owns it.
#[inline(always)]
fn called<M, B, F>(body: B, mailbox: Mailbox<M>) -> impl Future<Output = F::Output> + Send
where
    M: Send + 'static,
    B: FnOnce(Mailbox<M>) -> F + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    lazy(move |_| Spent::new(body(mailbox))).flatten()
}

/// How long a starter waits for the end of a process that it has killed, before it looks whether that blocks its thread.
const PATIENCE: Duration = Duration::from_millis(10);

/// Ends a process that takes too long to start. As in OTP, its starter gets only the result of the start, so it is
/// unlinked first.
///
/// The starter waits for the end, unless the process blocks its thread: nothing ends that, and the limit of the start
/// holds all the same. For others the process is dead at that time, and its name is free.
pub(crate) async fn kill(process: &Arc<dyn Process>, starter: Option<&Arc<dyn Process>>) {
    if let Some(starter) = starter {
        relations::unlink(starter, process.head().pid);
    }
    signal::kill(process);
    let mut ended = pin!(wait(process.clone()));
    let mut patience = Limit::default();
    poll_fn(|cx| {
        let polled = ended.as_mut().poll(cx).map(drop);
        if polled.is_ready() || patience.poll(cx, Some(PATIENCE)).is_pending() {
            return polled;
        }
        if process.head().is_polled() {
            return Poll::Ready(());
        }
        // It is about to be polled, and ends then.
        patience = Limit::default();
        patience.poll(cx, Some(PATIENCE)).map(drop)
    })
    .await;
}

/// Takes back the messages that a process that did not start has put in its starter's mailbox.
pub(crate) fn forget(
    process: &Arc<dyn Process>,
    starter: Option<&Arc<dyn Process>>,
    monitor: Option<MonitorRef>,
) {
    let Some(starter) = starter else { return };
    starter.flush_exit(process.head().pid);
    if let Some(monitor) = monitor {
        relations::demonitor(starter, monitor);
        starter.flush_down(monitor);
    }
}
