//! The process of a pool: it starts workers, lends them, and monitors their holders.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use otp_macros::gen_server;
use tokio::sync::watch;

use super::crew::{Crew, Served};
use super::lease::Lease;
use super::options::{OnHolderEnd, Policy};
use super::{CheckoutError, PoolStatus};
use crate::child_spec::{ChildSpec, Shutdown};
use crate::exit::ExitReason;
use crate::gen_server::{
    Context, GenServer, Info, Init, Next, Reply, ReplyTo, ServerRef, Status, TimeLimit,
};
use crate::guard::keep::{self, GuardMessage, Stoppable};
use crate::guard::ready::Standing;
use crate::guard::{Guard, WaitsFrom};
use crate::pid::{MonitorRef, Pid};
use crate::process::{self, ProcessRef};
use crate::supervisor::shutdown::Reaper;

/// The server of a [`WorkerPool`](super::WorkerPool), for code that needs its type: to monitor it, or for
/// [`sys`](crate::sys).
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys;
/// use otp_core::worker_pool::{PoolServer, WorkerPool};
/// # struct Counter(u64);
/// #
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// WorkerPool::options(2, || Counter::start_link(0)).name("counters").start_link().await?;
/// let server = ServerName::<PoolServer<Counter>>::new("counters");
/// assert!(sys::get_status(&server).await?.state.is_some());
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct PoolServer<S: GenServer> {
    policy: Policy<S>,
    worker: Arc<ChildSpec>,
    /// Each keeps one worker running.
    guards: Vec<ProcessRef<GuardMessage>>,
    /// Guards that are stopping, with their workers.
    leaving: Vec<ProcessRef<GuardMessage>>,
    crew: Crew<WaitTicket, Worker<S>, Borrower<S>>,
    /// The monitors of holders and of waiting callers.
    holders: HashMap<WaitTicket, MonitorRef>,
}

/// A worker that runs.
struct Worker<S: GenServer> {
    server: ServerRef<S>,
    guard: Pid,
}

impl<S: GenServer> Worker<S> {
    fn is_alive(&self) -> bool {
        self.server.is_alive()
    }
}

impl<S: GenServer> Clone for Worker<S> {
    fn clone(&self) -> Self {
        Self {
            server: self.server.clone(),
            guard: self.guard,
        }
    }
}

type Borrower<S> = ReplyTo<Result<Lease<S>, CheckoutError>>;

/// A lease, or a place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct WaitTicket(u64);

impl WaitTicket {
    pub(super) fn new() -> Self {
        static TICKETS: AtomicU64 = AtomicU64::new(0);

        Self(TICKETS.fetch_add(1, Ordering::Relaxed))
    }
}

/// A request to a pool.
pub struct PoolRequest<S: GenServer>(pub(super) PoolAsk<S>);

pub(super) enum PoolAsk<S: GenServer> {
    /// A checkout by this process, for this lease, with the time that it may wait.
    Checkout(Option<Pid>, WaitTicket, TimeLimit, Borrower<S>),
    Status(ReplyTo<PoolStatus>),
}

/// A lease is over, or a place in the queue is given up.
pub struct Returned {
    pub(super) ticket: WaitTicket,
    /// The process that had the worker has failed with it.
    pub(super) cut_short: bool,
}

/// A message to itself: the state of the worker of this guard.
pub struct PoolSignal {
    guard: Pid,
    stands: Standing,
}

#[gen_server]
impl<S: GenServer> GenServer for PoolServer<S> {
    type Args = Policy<S>;
    type Call = PoolRequest<S>;
    type Cast = Returned;
    type Info = PoolSignal;

    async fn init(
        policy: Policy<S>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        let mut pool = Self {
            worker: Arc::new(policy.worker()),
            guards: Vec::with_capacity(policy.size),
            leaving: Vec::new(),
            crew: Crew::new(policy.max_waiting),
            holders: HashMap::new(),
            policy,
        };
        for _ in 0..pool.policy.size {
            let (guard, mut has_run) = pool.add(pool.guard().must_start(), context);
            // An error is the guard's end.
            if has_run.wait_for(|has_run| *has_run).await.is_err() {
                let reason = guard.wait().await;
                pool.stop_all(context).await;
                return Err(reason);
            }
        }
        Ok(Init::state(pool))
    }

    async fn handle_call(
        &mut self,
        PoolRequest(asked): PoolRequest<S>,
        context: &mut Context<Self>,
    ) -> Reply<Self> {
        match asked {
            PoolAsk::Checkout(holder, ticket, limit, from) => {
                let waits = limit != TimeLimit::After(Duration::ZERO);
                match self.crew.ask(ticket, from, waits, Worker::is_alive) {
                    Served::Now(worker, from) => {
                        self.watch(holder, ticket, context);
                        return from.reply(Ok(Lease::new(worker.server, context.me(), ticket)));
                    }
                    Served::Waits => self.watch(holder, ticket, context),
                    Served::Full(waiting, from) => {
                        let error = match waits {
                            true => CheckoutError::QueueFull { waiting },
                            false => CheckoutError::Timeout(Duration::ZERO),
                        };
                        return from.reply(Err(error));
                    }
                }
                Reply::later()
            }
            PoolAsk::Status(from) => from.reply(self.status()),
        }
    }

    async fn handle_cast(
        &mut self,
        Returned { ticket, cut_short }: Returned,
        context: &mut Context<Self>,
    ) -> Next<Self> {
        if let Some(monitor) = self.holders.remove(&ticket) {
            context.demonitor_flush(monitor);
        }
        if let Some(worker) = self.crew.end(ticket) {
            match cut_short {
                false => self.free(worker, context),
                true => self.take_back(worker, context),
            }
        }
        Next::NoReply
    }

    async fn handle_info(
        &mut self,
        info: Info<PoolSignal>,
        context: &mut Context<Self>,
    ) -> Next<Self> {
        match info {
            Info::Down(down) => self.bereave(down.monitor, context),
            Info::Message(PoolSignal { guard, stands }) => match stands {
                Standing::Running(worker) => self.has_started(guard, worker, context),
                _ => self.crew.lose(|it| it.guard == guard),
            },
            Info::Exit(exit) => {
                self.leaving.retain(|guard| guard.pid() != exit.from);
                // Only a process from outside ends a guard that is to stay.
                if self.dismiss(exit.from).is_some() {
                    self.add(self.guard(), context);
                }
            }
            Info::Timeout => {}
        }
        Next::NoReply
    }

    async fn terminate(&mut self, _: &ExitReason, context: &mut Context<Self>) {
        self.stop_all(context).await;
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(format!("{:?}", self.status()));
    }
}

impl<S: GenServer> PoolServer<S> {
    fn status(&self) -> PoolStatus {
        let (idle, lent, waiting) = self.crew.counts();
        PoolStatus {
            idle,
            lent,
            missing: self.policy.size.saturating_sub(idle + lent),
            waiting,
        }
    }

    fn watch(&mut self, holder: Option<Pid>, ticket: WaitTicket, context: &Context<Self>) {
        if let Some(holder) = holder {
            self.holders.insert(ticket, context.monitor(holder));
        }
    }

    /// How a worker is kept running.
    fn guard(&self) -> Guard {
        let guard = Guard::new().backoff(self.policy.backoff.clone());
        guard.waits_from(WaitsFrom::Start)
    }

    /// Starts a guard, which keeps one more worker running. Returns the guard, and whether the worker has run.
    fn add(
        &mut self,
        guard: Guard,
        context: &Context<Self>,
    ) -> (ProcessRef<GuardMessage>, watch::Receiver<bool>) {
        let (me, (runs, has_run)) = (context.me(), watch::channel(false));
        let tell = move |stands| {
            let guard = process::current();
            me.send(PoolSignal { guard, stands });
            if let Standing::Running(_) = stands {
                runs.send_replace(true);
            }
        };
        let guard = keep::start_link(self.worker.clone(), guard, None, tell, None);
        self.guards.push(guard.clone());
        (guard, has_run)
    }

    /// Forgets a guard, and its worker.
    fn dismiss(&mut self, guard: Pid) -> Option<ProcessRef<GuardMessage>> {
        let place = self.guards.iter().position(|it| it.pid() == guard)?;
        self.crew.lose(|it| it.guard == guard);
        Some(self.guards.swap_remove(place))
    }

    fn has_started(&mut self, guard: Pid, worker: Pid, context: &Context<Self>) {
        let is_kept = self.guards.iter().any(|it| it.pid() == guard);
        // `None` has ended meanwhile, and the guard reports that, too.
        if let Some(server) = context.node().process_ref(worker).filter(|_| is_kept) {
            let server = ServerRef::from(server);
            self.free(Worker { server, guard }, context);
        }
    }

    /// Lends a worker to the next caller, if there is one.
    fn free(&mut self, worker: Worker<S>, context: &Context<Self>) {
        // It may have ended before its guard has reported that, and its user returns it at once then.
        if !worker.is_alive() {
            return;
        }
        if let Some((ticket, worker, caller)) = self.crew.free(worker) {
            caller.send(Ok(Lease::new(worker.server, context.me(), ticket)));
        }
    }

    /// A holder or a waiting caller has ended.
    fn bereave(&mut self, monitor: MonitorRef, context: &Context<Self>) {
        let held = self.holders.iter().find(|(_, it)| **it == monitor);
        let Some(ticket) = held.map(|(ticket, _)| *ticket) else {
            return;
        };
        self.holders.remove(&ticket);
        if let Some(worker) = self.crew.end(ticket) {
            self.take_back(worker, context);
        }
    }

    /// A worker comes back that its holder may have left in the middle of something.
    fn take_back(&mut self, worker: Worker<S>, context: &Context<Self>) {
        match self.policy.on_holder_end {
            OnHolderEnd::Reuse => self.free(worker, context),
            OnHolderEnd::Replace => {
                // The stop may take long, and other requests must not wait for it.
                if let Some(guard) = self.dismiss(worker.guard) {
                    process::exit(&guard, ExitReason::Shutdown);
                    self.leaving.push(guard);
                }
                self.add(self.guard(), context);
            }
        }
    }

    async fn stop_all(&mut self, context: &Context<Self>) {
        let guards = self.guards.drain(..).chain(self.leaving.drain(..));
        let guards = guards.map(|guard| Stoppable {
            process: guard.block().clone(),
            // Each keeps the limit of its worker.
            shutdown: Shutdown::Infinity,
        });
        drop(Reaper::new(context.pid()).stop_all(guards.collect()).await);
    }
}

impl<S: GenServer> fmt::Debug for PoolServer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PoolServer").field(&self.status()).finish()
    }
}

impl<S: GenServer> fmt::Debug for PoolRequest<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request")
    }
}

impl fmt::Debug for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Returned")
    }
}

impl fmt::Debug for PoolSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signal")
    }
}
