//! The process that a pool is: it starts workers, lends them, and watches who has them.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use otp_macros::gen_server;

use super::crew::{Crew, Served};
use super::lease::Lease;
use super::options::{OnHolderEnd, Policy};
use super::{CheckoutError, PoolStatus};
use crate::child_spec::Shutdown;
use crate::exit::ExitReason;
use crate::gen_server::{Context, GenServer, Info, Init, Next, Reply, ReplyTo, ServerRef, Status};
use crate::never::Never;
use crate::pid::{MonitorRef, Pid};
use crate::process::block::Process;
use crate::process::panic::{Contained, Told};
use crate::process::{self, panic};
use crate::supervisor::shutdown::{Mortal, Reaper};

/// The server behind every [`WorkerPool`](super::WorkerPool), for code that needs it as such: to monitor it, or to ask [`sys`](crate::sys) about it.
pub struct PoolServer<S: GenServer> {
    policy: Policy<S>,
    crew: Crew<Ticket, ServerRef<S>, Caller<S>>,
    /// Who has what, or waits for it.
    holders: HashMap<Ticket, MonitorRef>,
    /// Workers that do not run.
    missing: usize,
    /// Starts in a row that have failed.
    failed: u32,
    /// Whether the next attempt has its timer.
    waits: bool,
}

type Caller<S> = ReplyTo<Result<Lease<S>, CheckoutError>>;

/// A lease, or a place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Ticket(u64);

impl Ticket {
    pub(super) fn new() -> Self {
        static TICKETS: AtomicU64 = AtomicU64::new(0);

        Self(TICKETS.fetch_add(1, Ordering::Relaxed))
    }
}

/// What is asked of a pool.
pub struct Request<S: GenServer>(pub(super) Asked<S>);

pub(super) enum Asked<S: GenServer> {
    /// By this process, for this lease.
    Checkout(Option<Pid>, Ticket, Caller<S>),
    Status(ReplyTo<PoolStatus>),
}

/// A lease is over, or a place in the queue is given up.
pub struct Returned(pub(super) Ticket);

/// To itself: it is time to start the workers that are missing.
pub struct Signal(());

#[gen_server]
impl<S: GenServer> GenServer for PoolServer<S> {
    type Args = Policy<S>;
    type Call = Request<S>;
    type Cast = Returned;
    type Info = Signal;

    async fn init(
        policy: Policy<S>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        let mut pool = Self {
            crew: Crew::new(policy.max_waiting),
            holders: HashMap::new(),
            missing: policy.size,
            failed: 0,
            waits: false,
            policy,
        };
        while pool.missing > 0 {
            if let Err(reason) = pool.start_one(context).await {
                pool.stop_all(context).await;
                return Err(reason);
            }
        }
        Ok(Init::state(pool))
    }

    async fn handle_call(
        &mut self,
        Request(asked): Request<S>,
        context: &mut Context<Self>,
    ) -> Reply<Self> {
        match asked {
            Asked::Checkout(holder, ticket, from) => {
                match self.crew.ask(ticket, from) {
                    Served::Now(worker, from) => {
                        self.watch(holder, ticket, context);
                        return from.reply(Ok(Lease::new(worker, context.me(), ticket)));
                    }
                    Served::Waits => self.watch(holder, ticket, context),
                    Served::Full(waiting, from) => {
                        return from.reply(Err(CheckoutError::QueueFull { waiting }));
                    }
                }
                Reply::later()
            }
            Asked::Status(from) => from.reply(self.status()),
        }
    }

    async fn handle_cast(
        &mut self,
        Returned(ticket): Returned,
        context: &mut Context<Self>,
    ) -> Next<Self> {
        if let Some(monitor) = self.holders.remove(&ticket) {
            context.demonitor_flush(monitor);
        }
        if let Some(worker) = self.crew.end(ticket) {
            self.free(worker, context);
        }
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Signal>, context: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Down(down) => self.bereave(down.monitor, context).await,
            Info::Exit(exit) => {
                if self.crew.lose(|worker| worker.pid() == exit.from) {
                    self.missing += 1;
                    self.start_missing(context).await;
                }
            }
            Info::Message(Signal(())) => {
                self.waits = false;
                self.start_missing(context).await;
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
            missing: self.missing,
            waiting,
        }
    }

    fn watch(&mut self, holder: Option<Pid>, ticket: Ticket, context: &Context<Self>) {
        if let Some(holder) = holder {
            self.holders.insert(ticket, context.monitor(holder));
        }
    }

    /// Lends a worker to the next caller, if there is one.
    fn free(&mut self, worker: ServerRef<S>, context: &Context<Self>) {
        if let Some((ticket, worker, caller)) = self.crew.free(worker) {
            caller.send(Ok(Lease::new(worker, context.me(), ticket)));
        }
    }

    /// A holder, or one who waited, has ended.
    async fn bereave(&mut self, monitor: MonitorRef, context: &mut Context<Self>) {
        let held = self.holders.iter().find(|(_, it)| **it == monitor);
        let Some(ticket) = held.map(|(ticket, _)| *ticket) else {
            return;
        };
        self.holders.remove(&ticket);
        let Some(worker) = self.crew.end(ticket) else {
            return;
        };
        match self.policy.on_holder_end {
            OnHolderEnd::Reuse => self.free(worker, context),
            OnHolderEnd::Replace => {
                // Its EXIT finds it unknown.
                context.unlink(worker.pid());
                let told = Dismissed::new(&worker, self.policy.shutdown);
                // It may take its time; the others are not to wait for it.
                let reaper = Reaper::new(context.pid());
                process::spawn_link(move |_: process::Mailbox<Never>| async move {
                    let mut reaper = reaper;
                    drop(reaper.stop(&told).await);
                });
                self.missing += 1;
                self.start_missing(context).await;
            }
        }
    }

    /// Starts what is missing; what does not start is tried again later.
    async fn start_missing(&mut self, context: &mut Context<Self>) {
        while self.missing > 0 && !self.waits {
            if self.start_one(context).await.is_ok() {
                self.failed = 0;
                continue;
            }
            let delay = self.policy.backoff.delay(self.failed);
            self.failed = self.failed.saturating_add(1);
            self.waits = true;
            let _ = context.send_after(delay, Signal(()));
        }
    }

    async fn start_one(&mut self, context: &Context<Self>) -> Result<(), ExitReason> {
        let starting = Told::Supervisor.catch(|| (self.policy.start)());
        let started = match starting {
            Ok(starting) => {
                let mut starting = Contained::new(starting);
                std::future::poll_fn(|cx| {
                    use std::task::Poll;
                    match Told::Supervisor.catch(|| starting.get_mut().as_mut().poll(cx)) {
                        Ok(polled) => polled.map(|started| started.map_err(ExitReason::from)),
                        Err(payload) => Poll::Ready(Err(panic::reason(payload))),
                    }
                })
                .await
            }
            Err(payload) => Err(panic::reason(payload)),
        };
        let worker = started?;
        self.missing -= 1;
        self.free(worker, context);
        Ok(())
    }

    async fn stop_all(&mut self, context: &Context<Self>) {
        let shutdown = self.policy.shutdown;
        let workers = self.crew.all().into_iter();
        let workers = workers.map(|worker| {
            context.unlink(worker.pid());
            Dismissed::new(&worker, shutdown)
        });
        let workers: Vec<_> = workers.collect();
        drop(Reaper::new(context.pid()).stop_all(workers).await);
    }
}

/// A worker that is to stop.
struct Dismissed {
    process: Arc<dyn Process>,
    shutdown: Shutdown,
}

impl Dismissed {
    fn new<S: GenServer>(worker: &ServerRef<S>, shutdown: Shutdown) -> Self {
        Self {
            process: worker.block().clone(),
            shutdown,
        }
    }
}

impl Mortal for Dismissed {
    fn process(&self) -> Option<&Arc<dyn Process>> {
        Some(&self.process)
    }

    fn shutdown(&self) -> Shutdown {
        self.shutdown
    }
}

impl<S: GenServer> fmt::Debug for PoolServer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PoolServer").field(&self.status()).finish()
    }
}

impl<S: GenServer> fmt::Debug for Request<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request")
    }
}

impl fmt::Debug for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Returned")
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signal")
    }
}
