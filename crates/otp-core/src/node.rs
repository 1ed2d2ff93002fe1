//! A node: a set of processes with their names, tables and timers.
//!
//! This file has the public operations; [`tables`] has the parts of a node and the access to them. The operations whose results are types
//! of modules above this one stand there: on tables in `table/look.rs`, on timers in `timer/look.rs`.

pub(crate) mod scope;
pub(crate) mod tables;
pub(crate) mod timers;

use std::any::type_name;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::oneshot;

use self::scope::{NodeGuard, NodeScope};
pub use self::tables::Node;
pub(crate) use self::tables::{Named, WeakNode};
use crate::address::Target;
use crate::address::error::{NoSuchName, RegisterError, SendError};
use crate::address::name::Name;
use crate::exit::{ExitReason, Outcome};
use crate::pid::{NodeId, Pid};
use crate::process::inspection::contents::{self, Contents, ContentsQuery};
use crate::process::inspection::cycles;
#[cfg(feature = "metrics")]
use crate::process::inspection::gauges;
use crate::process::inspection::info::{ProcessInfo, snapshot};
use crate::process::inspection::page::{self, ProcessPage, ProcessQuery};
use crate::process::inspection::system_info::SystemInfo;
use crate::process::inspection::telemetry::{Observation, Totals};
use crate::process::life::birth::Birth;
use crate::process::life::{block, current};
use crate::process::process_ref::{ProcessRef, wait};
use crate::process::relations::carrier::Carrier;
use crate::process::relations::remote::RemoteNode;
use crate::process::relations::signal::{self, ExitOrigin};
use crate::process::{self, Mailbox, ProcessBody, relations};
use crate::stop::Stop;
use crate::util::large;
use crate::util::never::Never;
use crate::util::panic::{self, Spent};

/// Ways into the node.
impl Node {
    /// Spawns a process on this node from outside of one; it has no ancestors.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let doubler = node.spawn(|mut mailbox: Mailbox<(u32, tokio::sync::oneshot::Sender<u32>)>| async move {
    ///     let (number, answer) = mailbox.receive().await;
    ///     let _ = answer.send(2 * number);
    /// });
    /// let (sender, answer) = tokio::sync::oneshot::channel();
    /// doubler.send((21, sender));
    /// assert_eq!(answer.await, Ok(42));
    /// # }
    /// ```
    pub fn spawn<M, B, F>(&self, body: B) -> ProcessRef<M>
    where
        M: Send + 'static,
        B: ProcessBody<M, F> + Send + 'static,
        F: Future<Output: Outcome> + Send + 'static,
    {
        Birth::new(self.clone(), None, type_name::<B>).run(body)
    }

    /// Runs a future as a process of this node and returns its output when the process has ended.
    ///
    /// A `main` function enters a node in this way: the future is a process like any other.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future stops the waiting; the process goes on.
    ///
    /// # Errors
    ///
    /// The exit reason, if the process ended without an output: it panicked, was ended by a signal,
    /// or called [`exit_self`](crate::process::exit_self).
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::{ExitReason, Node, process};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let sum = node.run(async { 40 + 2 }).await;
    /// assert_eq!(sum, Ok(42));
    /// // The body is a process, which can be ended.
    /// let ended = node.run(async { process::exit_self(ExitReason::Shutdown) }).await;
    /// assert_eq!(ended, Err::<(), _>(ExitReason::Shutdown));
    /// # }
    /// ```
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
    /// # Cancel safety
    ///
    /// Dropping this future stops the waiting; the process goes on.
    ///
    /// # Errors
    ///
    /// The exit reason, if the process failed or ended without an output.
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
        const { large::assert_value::<T>() };
        let node = self.clone();
        async move {
            let (sender, mut receiver) = oneshot::channel();
            let body = Box::pin(async {
                let output = Spent::new(body).await?;
                // The task that asked for the output may have stopped waiting, as below.
                let unwanted = sender.send(output);
                panic::run_quietly(|| drop(unwanted));
                Ok(())
            });
            let process = Birth::new(node, None, type_name::<F>).run_boxed(body);
            let reason = process.wait().await;
            receiver.try_recv().map_err(|_| reason)
        }
    }

    /// As [`run`](Self::run), for a process that also receives messages.
    ///
    /// # Cancel safety
    ///
    /// As for [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// As for [`run`](Self::run).
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let received = Node::new().run_with(|mut mailbox: Mailbox<&str>| async move {
    ///     mailbox.me().send("hello");
    ///     mailbox.receive().await
    /// });
    /// assert_eq!(received.await, Ok("hello"));
    /// # }
    /// ```
    pub fn run_with<M, B, F>(
        &self,
        body: B,
    ) -> impl Future<Output = Result<F::Output, ExitReason>> + Send + use<M, B, F>
    where
        M: Send + 'static,
        B: ProcessBody<M, F> + Send + 'static,
        F: Future<Output: Send> + Send + 'static,
    {
        const { large::assert_value::<F::Output>() };
        let node = self.clone();
        async move {
            let (sender, mut receiver) = oneshot::channel();
            let process = Birth::new(node, None, type_name::<B>).run(|mailbox| async {
                // The task that asked for the output may have stopped waiting. Then it is dropped here, and its destructor
                // decides nothing about how the process ends.
                let unwanted = sender.send(Spent::new(body(mailbox)).await);
                panic::run_quietly(|| drop(unwanted));
            });
            let reason = process.wait().await;
            receiver.try_recv().map_err(|_| reason)
        }
    }

    /// Makes this node the current one on this thread, for code outside of processes, until the guard is dropped.
    ///
    /// Operations that need a node but no process then work: starts without a link, spawns, names, timers, system
    /// requests. Operations on behalf of a process, such as a link, still panic. Inside of a process the guard has no
    /// effect: there the process's node is the current one.
    ///
    /// Guards are dropped in the reverse order. Async code uses [`scope`](Self::scope): a guard must not be held across an
    /// `await`, and is not `Send`, so that the compiler says so.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::{Node, process};
    ///
    /// let node = Node::new();
    /// let entered = node.enter();
    /// assert_eq!(process::node(), node);
    /// assert_eq!(process::whereis("clock"), None);
    /// drop(entered);
    /// assert_eq!(process::try_node(), None);
    /// ```
    #[must_use = "the node is left when the guard is dropped"]
    pub fn enter(&self) -> NodeGuard<'_> {
        scope::enter(self)
    }

    /// Runs a future with this node as the current one, without making a process of it: see [`enter`](Self::enter).
    ///
    /// It is for tasks that other code spawns, such as the handlers of a web server: wrap the task, or each request, in
    /// it.
    ///
    /// # Cancel safety
    ///
    /// As for the future.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// # struct Counter(u64);
    /// # #[gen_server]
    /// # impl GenServer for Counter {
    /// #     type Call = ReplyTo<u64>;
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(42)))
    /// #     }
    /// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
    /// #         from.reply(self.0)
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let node = Node::new();
    /// let started = Counter::options().name("counter").on(&node).start(()).await;
    /// let counter = started.expect("it starts");
    /// let handler = node.scope(async {
    ///     ServerName::<Counter>::new("counter").call(|from| from).await
    /// });
    /// assert_eq!(tokio::spawn(handler).await.expect("it does not panic"), Ok(42));
    /// # drop(counter);
    /// # }
    /// ```
    pub fn scope<F: Future>(&self, future: F) -> NodeScope<F> {
        NodeScope::new(self.clone(), future)
    }

    /// The node with this number, if it is one of this program and still there. A [`Pid`] names its node by that
    /// number.
    #[must_use]
    pub fn find_node(id: NodeId) -> Option<Self> {
        scope::find_node(id)
    }
}

/// Operations on processes, from outside of them.
impl Node {
    /// Sends an exit signal, as [`process::exit`] does. The target sees itself as the sender, because
    /// there is no other.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let idle = node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// node.exit(&idle, ExitReason::Shutdown);
    /// assert_eq!(idle.wait().await, ExitReason::Shutdown);
    /// # }
    /// ```
    pub fn exit(&self, target: impl Into<Pid>, reason: impl Into<ExitReason>) {
        let target = target.into();
        if let Some(process) = self.find_anywhere(target) {
            let (from, via) = match process::try_current() {
                Some(sender) => (sender, ExitOrigin::Hand),
                None => (target, ExitOrigin::Outside),
            };
            signal::exit(&process, from, reason.into(), via);
        }
    }

    /// Registers a process under a name, as [`process::register`] does.
    ///
    /// # Errors
    ///
    /// [`RegisterError`], and nothing has changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let clock = node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// assert_eq!(node.register("clock", &clock), Ok(()));
    /// assert_eq!(node.registered(), ["clock"]);
    /// # }
    /// ```
    pub fn register(
        &self,
        name: impl Into<Name>,
        process: impl Into<Pid>,
    ) -> Result<(), RegisterError> {
        let pid = process.into();
        let process = self.find(pid).ok_or(RegisterError::NoProcess { pid })?;
        relations::name(&process, name.into())
    }

    /// Frees a name.
    ///
    /// # Errors
    ///
    /// [`NoSuchName`] if no process has it.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let clock = node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// node.register("clock", &clock).expect("the name is free");
    /// assert_eq!(node.unregister("clock"), Ok(()));
    /// assert!(node.unregister("clock").is_err());
    /// # }
    /// ```
    pub fn unregister(&self, name: impl Into<Name>) -> Result<(), NoSuchName> {
        let name = name.into();
        match relations::unname(self, &name) {
            true => Ok(()),
            false => Err(NoSuchName { name }),
        }
    }

    /// Sends a message to the process that has the name now.
    ///
    /// # Errors
    ///
    /// [`SendError`] if no process has the name, or a process that takes other messages.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let sink = node.spawn(|mut mailbox: Mailbox<u32>| async move { ExitReason::other(mailbox.receive().await) });
    /// node.register("sink", &sink).expect("the name is free");
    /// assert_eq!(node.send("sink", 42_u32), Ok(()));
    /// assert_eq!(sink.wait().await, ExitReason::other(42_u32));
    /// # }
    /// ```
    pub fn send<M: Send + 'static>(
        &self,
        name: impl Into<Name>,
        message: M,
    ) -> Result<(), SendError> {
        let name = name.into();
        let Some(process) = self.resolve(&name) else {
            return Err(SendError::NoSuchName(NoSuchName { name }));
        };
        match block::downcast(process) {
            Some(block) => {
                ProcessRef::new(block).send(message);
                Ok(())
            }
            None => Err(SendError::WrongType {
                name,
                expected: type_name::<M>(),
            }),
        }
    }

    /// A typed reference to the process with this pid or name, if it lives and receives messages
    /// of type `M`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let clock = node.spawn(|_: Mailbox<u32>| std::future::pending::<()>());
    /// node.register("clock", &clock).expect("the name is free");
    /// assert_eq!(node.process_ref::<u32>("clock"), Some(clock));
    /// // Its mailbox is of another type.
    /// assert_eq!(node.process_ref::<String>("clock"), None);
    /// # }
    /// ```
    #[must_use]
    pub fn process_ref<M: Send + 'static>(
        &self,
        target: impl Into<Target>,
    ) -> Option<ProcessRef<M>> {
        let process = match target.into() {
            Target::Pid(pid) => self.find(pid)?,
            Target::Name(name) => self.resolve(&name)?,
        };
        block::downcast(process).map(ProcessRef::new)
    }

    /// As [`ProcessRef::wait`], by the pid of a process; `None`, at once, if the process does not exist
    /// any more.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let done = node.spawn(|_: Mailbox<Never>| async { ExitReason::Shutdown });
    /// assert_eq!(node.wait(done.pid()).await, Some(ExitReason::Shutdown));
    /// assert_eq!(node.wait(done.pid()).await, None, "it does not exist any more");
    /// # }
    /// ```
    pub async fn wait(&self, pid: Pid) -> Option<ExitReason> {
        current::goes_on().await;
        Some(wait(self.find(pid)?).await)
    }
}

/// Inspection.
impl Node {
    /// Inspects a process of this node; `None` if it does not exist, and for processes of other nodes.
    ///
    /// # OTP
    ///
    /// `erlang:process_info/1`, which fails with `badarg` for a process of another node.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let idle = node.spawn(|_: Mailbox<u32>| std::future::pending::<()>());
    /// idle.send(1);
    /// let info = node.process_info(idle.pid()).expect("it lives");
    /// assert_eq!((info.message_queue_len, info.message_type), (1, "u32"));
    /// # }
    /// ```
    #[must_use]
    pub fn process_info(&self, pid: Pid) -> Option<ProcessInfo> {
        let process = self.find(pid)?;
        if process.head().is_exiting() {
            return None;
        }
        Some(snapshot(&*process))
    }

    /// Lists some of the node's processes, sorted: see [`ProcessQuery`].
    ///
    /// Its time is linear in the number of processes, for every order. It sends them no message, so a stuck process is
    /// listed like the others. The processes run meanwhile, so the entries of a page are not from the same moment.
    ///
    /// # OTP
    ///
    /// There `observer` does it with `erlang:processes/0` and `erlang:process_info/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process::ProcessQuery;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// for _ in 0..3 {
    ///     node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// }
    /// let page = node.process_page(&ProcessQuery::new().limit(2));
    /// assert_eq!((page.total, page.processes.len()), (3, 2));
    /// # }
    /// ```
    #[must_use]
    pub fn process_page(&self, query: &ProcessQuery) -> ProcessPage {
        page::page(self, query)
    }

    /// Lets each process of the node count its work until the returned [`Observation`] is dropped. The counts start
    /// anew. [`ProcessInfo::activity`] has them.
    ///
    /// A process that runs counts from its next poll on, a server from its next message on. Without an [`Observation`]
    /// nothing is counted. With one, about one poll in eight is timed, and a thread tells the others the time. So the times
    /// are estimates: see [`Activity::busy`](crate::process::Activity::busy).
    ///
    /// # OTP
    ///
    /// `erlang:system_flag(scheduler_wall_time, true)`, but for each process; there reductions are always counted.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    /// # struct Counter(u64);
    /// # #[gen_server]
    /// # impl GenServer for Counter {
    /// #     type Call = ReplyTo<u64>;
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(42)))
    /// #     }
    /// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
    /// #         from.reply(self.0)
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let node = process::node();
    /// let observation = node.observe();
    /// let counter = Counter::start_link(()).await?;
    /// for _ in 0..3 {
    ///     counter.call(|from| from).await?;
    /// }
    /// let info = node.process_info(counter.pid()).expect("it lives");
    /// let activity = info.activity.expect("the node is observed");
    /// assert!(activity.handled >= 2, "the last one may be counted in a moment");
    /// drop(observation);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn observe(&self) -> Observation {
        Observation::begin(self)
    }

    /// Sets the gauges of the crate `metrics` to the present values: `otp_processes`, `otp_messages_queued` and
    /// `otp_queue_longest`, by the type of the processes. Each of the 50 types with the most processes has separate gauges; the
    /// other types share one. Call it before the numbers are collected; see [`guide::metrics`](crate::guide::metrics).
    ///
    /// Its time is linear in the number of processes. It sends them no message.
    #[cfg(feature = "metrics")]
    #[cfg_attr(docsrs, doc(cfg(feature = "metrics")))]
    pub fn record_gauges(&self) {
        gauges::record(self);
    }

    /// The activity of the node. Its time is linear in the number of processes. It sends them no message.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let idle = node.spawn(|_: Mailbox<u32>| std::future::pending::<()>());
    /// idle.send(1);
    /// let totals = node.totals();
    /// assert_eq!((totals.process_count, totals.queued), (1, 1));
    /// # }
    /// ```
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals::of(self)
    }

    /// Counts the processes, names, links, monitors, timers and tables of the node.
    ///
    /// The parts are counted one after the other while the processes run, so for a busy node it is an estimate.
    ///
    /// # OTP
    ///
    /// `erlang:system_info/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// let info = node.system_info();
    /// assert_eq!((info.process_count, info.timers, info.table_count), (1, 0, 0));
    /// # }
    /// ```
    #[must_use]
    pub fn system_info(&self) -> SystemInfo {
        SystemInfo::of(self)
    }

    /// Some objects of the table with this [number](crate::table::TableInfo::number), as the table shows them. `None` if there is no such
    /// table, if it is [private](crate::table::Access::Private), or if it is not
    /// [visible](crate::table::TableOptions::visible). The owner is not asked.
    ///
    /// It takes as many steps as the table has objects.
    ///
    /// # OTP
    ///
    /// `observer_backend:get_table/3`.
    ///
    /// # Differences from OTP
    ///
    /// There every table is shown that is not private.
    #[must_use]
    pub fn table_contents(&self, number: u64, query: &ContentsQuery) -> Option<Contents> {
        contents::of_table(self, number, query)
    }

    /// Some entries of a registry, or some groups of a scope, by the pid of its process. `None` if the process has neither.
    ///
    /// Of a registry these are the keys with their processes, of a scope the groups with their members. The values of a registry are not
    /// shown. The process is not asked.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process::ContentsQuery;
    /// use otp_core::{Registry, process};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let rooms = Registry::<&str>::unique("rooms");
    /// let keeper = rooms.start_link().await?;
    /// rooms.register("hall", ()).map_err(ExitReason::error)?;
    /// let seen = process::node().entries(keeper, &ContentsQuery::new()).expect("it is a registry");
    /// assert_eq!(seen.rows[0].key.as_deref(), Some("\"hall\""));
    /// assert_eq!(seen.rows[0].processes, [process::current()]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn entries(&self, keeper: Pid, query: &ContentsQuery) -> Option<Contents> {
        contents::of_keeper(self, keeper, query)
    }

    /// Turns on the detection of calls that wait for each other. Without it, two servers that call each other wait
    /// until the time limit of one of the calls. With it, such a call fails with
    /// [`CallError::Cycle`](crate::CallError::Cycle) as soon as the cycle is found.
    ///
    /// A call that is answered soon costs nothing more. Only for a call that has to wait, the caller looks up the
    /// callee, the process that the callee waits for, and so on.
    ///
    /// It is for programs of servers, which handle no message while they wait for an answer. A raw process that waits for
    /// an answer and for messages at the same time is seen as one that only waits for the answer. A caller is seen as one that waits
    /// for the server also if the server has given the [`ReplyTo`](crate::ReplyTo) to another process: the server must not call the
    /// caller then.
    ///
    /// Only calls count: a cycle in which a process waits for a start or for an end is not found. A cycle through several nodes of one
    /// program is found if the detection is on for all of them.
    ///
    /// # Differences from OTP
    ///
    /// OTP has no such detection; there both calls end with `timeout`.
    pub fn detect_call_cycles(&self) {
        cycles::detect(self);
    }
}

/// Connections with other nodes.
impl Node {
    /// Makes another node known to this one. Signals to it leave through `carrier`; signals from it go to the
    /// [`RemoteNode`].
    ///
    /// This is for a distribution, such as `otp-dist`. Each call makes a new [`NodeId`], whose pids differ from all others. An incarnation
    /// that was connected before keeps its number by [`RemoteNode::reconnect`].
    #[must_use]
    pub fn connect(&self, carrier: Arc<dyn Carrier>) -> RemoteNode {
        RemoteNode::connect(self, carrier)
    }

    /// Makes a node known that has ended, such as an earlier incarnation of this node. Its pids are those of processes that do not exist: a
    /// link with one, and a monitor of one, fires with [`NoProcess`](crate::ExitReason::NoProcess). After [`lost`](RemoteNode::lost) it
    /// fires with [`NoConnection`](crate::ExitReason::NoConnection), as with every node that is not known.
    ///
    /// This is for a distribution.
    #[must_use]
    pub fn ended_node(&self) -> RemoteNode {
        RemoteNode::of_ended(self)
    }

    /// The connected node that has this number in pids of its processes.
    #[must_use]
    pub fn remote_node(&self, id: NodeId) -> Option<RemoteNode> {
        self.known_nodes()?.get(id)
    }
}
