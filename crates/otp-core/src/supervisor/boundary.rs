//! The process that a supervisor is: it tells the core what happens, and does what the core says.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use foldhash::fast::RandomState;
use tokio::time::Instant;

use super::children::{Entry, Place, State};
use super::core::Core;
use super::error::{DeleteChildError, RestartChildError, StartChildError, TerminateChildError};
use super::event::{Action, Answer, Event, Report};
use super::module::SupervisorInit;
use super::shutdown;
use super::ticket::Ticket;
use super::{ChildCounts, ChildInfo, ChildStatus, Flags};
use crate::child_spec::{Child, ChildId, ChildSpec};
use crate::exit::ExitReason;
use crate::gen_server::{Context, GenServer, Info, Init, Next, Reply, ReplyTo, Status};
use crate::name::Name;
use crate::never::Never;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::report::supervisor::{self as report, Offender};

/// A running supervisor.
pub(crate) struct Boundary {
    core: Core,
    /// The children that run. A child can have ended, and its EXIT be on its way, when it is to be
    /// stopped; then this knows why.
    processes: HashMap<Pid, Arc<dyn Process>, RandomState>,
    /// What reports call the supervisor.
    title: String,
    began: Instant,
}

/// How a supervisor is to start.
pub(crate) struct Opening {
    name: Option<Name>,
    module: &'static str,
    init: Pin<Box<dyn Future<Output = Result<SupervisorInit, ExitReason>> + Send>>,
}

impl Opening {
    pub(crate) fn new(
        name: Option<Name>,
        module: &'static str,
        init: impl Future<Output = Result<SupervisorInit, ExitReason>> + Send + 'static,
    ) -> Self {
        Self {
            name,
            module,
            init: Box::pin(init),
        }
    }
}

/// A request.
pub(crate) enum Call {
    StartChild(ChildSpec, ReplyTo<Result<Child, StartChildError>>),
    TerminateChild(ChildId, ReplyTo<Result<(), TerminateChildError>>),
    RestartChild(ChildId, ReplyTo<Result<Child, RestartChildError>>),
    DeleteChild(ChildId, ReplyTo<Result<(), DeleteChildError>>),
    WhichChildren(ReplyTo<Vec<ChildInfo>>),
    WhichChild(ChildId, ReplyTo<Option<ChildInfo>>),
    CountChildren(ReplyTo<ChildCounts>),
    ChildSpec(ChildId, ReplyTo<Option<ChildSpec>>),
    Flags(ReplyTo<Flags>),
}

/// To itself: it is time for another attempt to start a child.
#[derive(Debug)]
pub(crate) struct Retry(Place, Ticket);

impl GenServer for Boundary {
    type Args = Opening;
    type Call = Call;
    type Cast = Never;
    type Info = Retry;
    type Continue = Never;

    async fn init(opening: Opening, context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        let SupervisorInit::Supervisor(supervisor) = opening.init.await? else {
            return Ok(Init::ignore());
        };
        let title = match opening.name {
            Some(name) => name.to_string(),
            None => format!("{} ({})", context.pid(), opening.module),
        };
        let mut boundary = Self {
            core: Core::new(supervisor.flags, supervisor.children)?,
            processes: HashMap::default(),
            title,
            began: Instant::now(),
        };
        match boundary.perform(Event::Begin, context).await.end {
            None => Ok(Init::state(boundary)),
            Some(reason) => Err(reason),
        }
    }

    async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::StartChild(spec, from) => {
                match self.request(Event::StartChild(spec), context).await {
                    Some(Answer::Start(answer)) => from.reply(answer),
                    other => no_answer(other.as_ref()),
                }
            }
            Call::TerminateChild(id, from) => {
                match self.request(Event::TerminateChild(id), context).await {
                    Some(Answer::Terminate(answer)) => from.reply(answer),
                    other => no_answer(other.as_ref()),
                }
            }
            Call::RestartChild(id, from) => {
                match self.request(Event::RestartChild(id), context).await {
                    Some(Answer::Restart(answer)) => from.reply(answer),
                    other => no_answer(other.as_ref()),
                }
            }
            Call::DeleteChild(id, from) => {
                match self.request(Event::DeleteChild(id), context).await {
                    Some(Answer::Delete(answer)) => from.reply(answer),
                    other => no_answer(other.as_ref()),
                }
            }
            Call::WhichChildren(from) => {
                from.reply(self.core.children().iter().rev().map(info).collect())
            }
            Call::WhichChild(id, from) => from.reply(
                self.core
                    .children()
                    .by_id(&id)
                    .map(|(_, entry)| info(entry)),
            ),
            Call::CountChildren(from) => from.reply(self.count()),
            Call::ChildSpec(id, from) => {
                let found = self.core.children().by_id(&id);
                from.reply(found.map(|(_, entry)| entry.spec.clone()))
            }
            Call::Flags(from) => from.reply(self.core.flags()),
        }
    }

    async fn handle_info(&mut self, info: Info<Retry>, context: &mut Context<Self>) -> Next<Self> {
        let event = match info {
            Info::Exit(exit) => Event::Exited(exit.from, exit.reason),
            Info::Message(Retry(place, ticket)) => Event::Retry(place, ticket),
            // Nothing of the supervisor's own; such a message has been lost on its way.
            Info::Down(_) | Info::Timeout => return Next::NoReply,
        };
        if let Event::Exited(pid, _) = &event {
            self.processes.remove(pid);
        }
        self.perform(event, context).await.next()
    }

    async fn terminate(&mut self, _: &ExitReason, context: &mut Context<Self>) {
        self.perform(Event::End, context).await;
    }

    fn format_status(&self, status: &mut Status) {
        let counts = self.count();
        status.state = Some(format!(
            "supervisor {} of {} children, {} of them active",
            self.title, counts.specs, counts.active
        ));
    }
}

/// What has come of an event.
#[derive(Default)]
struct Done {
    answer: Option<Answer>,
    /// The supervisor is to end.
    end: Option<ExitReason>,
}

impl Done {
    fn next(self) -> Next<Boundary> {
        self.end.map_or(Next::NoReply, Next::Stop)
    }
}

impl Boundary {
    /// Lets the core decide about an event, and does what it says until nothing is left to do.
    async fn perform(&mut self, event: Event, context: &mut Context<Self>) -> Done {
        let mut done = Done::default();
        let mut actions = VecDeque::from(self.core.handle(event, self.began.elapsed()));
        while let Some(action) = actions.pop_front() {
            match action {
                Action::Start(spec) => {
                    let outcome = self.start(&spec, context).await;
                    actions.extend(self.tell(Event::Started(outcome)));
                }
                Action::Stop(pid, spec) => {
                    let reason = self.stop(pid, &spec, context).await;
                    actions.extend(self.tell(Event::Stopped(reason)));
                }
                Action::Retry(place, ticket) => context.me().send(Retry(place, ticket)),
                Action::Report(report) => self.report(&report),
                Action::Answer(answer) => done.answer = Some(answer),
                Action::Abort(reason) => done.end = Some(reason),
                Action::GiveUp => done.end = Some(ExitReason::Shutdown),
            }
        }
        done
    }

    async fn request(&mut self, event: Event, context: &mut Context<Self>) -> Option<Answer> {
        self.perform(event, context).await.answer
    }

    fn tell(&mut self, event: Event) -> Vec<Action> {
        self.core.handle(event, self.began.elapsed())
    }

    async fn start(
        &mut self,
        spec: &ChildSpec,
        context: &Context<Self>,
    ) -> Result<Child, ExitReason> {
        let child = spec.start(None).await?;
        if let Some(pid) = child.pid() {
            let process = match child.process() {
                Some(process) => Some(process.clone()),
                None => context.node().find(pid),
            };
            if let Some(process) = process {
                self.processes.insert(pid, process);
            }
        }
        Ok(child)
    }

    async fn stop(&mut self, pid: Pid, spec: &ChildSpec, context: &Context<Self>) -> ExitReason {
        match self.processes.remove(&pid) {
            Some(process) => {
                let reason = shutdown::stop(context.pid(), &process, spec.shutdown_value()).await;
                context.unlink(pid);
                reason
            }
            // It had ended, and was not linked, when its start function returned.
            None => ExitReason::NoProcess,
        }
    }

    fn report(&self, report: &Report) {
        match report {
            Report::Trouble {
                context,
                child,
                pid,
                reason,
            } => report::trouble(*context, &self.offender(child, *pid), reason),
            Report::Progress {
                child,
                pid,
                by_hand,
            } => report::progress(&self.offender(child, Some(*pid)), *by_hand),
            Report::Limit(child) => report::limit(&self.offender(child, None)),
        }
    }

    fn offender<'a>(&'a self, child: &'a ChildSpec, pid: Option<Pid>) -> Offender<'a> {
        Offender {
            supervisor: &self.title,
            id: Some(child.id()),
            pid,
            start: child.start_call(),
            restart: child.restart_type().to_string(),
            shutdown: child.shutdown_value().to_string(),
            child_type: child.child_type().to_string(),
        }
    }

    fn count(&self) -> ChildCounts {
        let mut counts = ChildCounts::default();
        // A child that has unlinked itself may have ended without being noticed.
        let lives = |pid| {
            let process = self.processes.get(pid);
            process.is_some_and(|process| !process.head().is_exiting())
        };
        for entry in self.core.children().iter() {
            let is_active = matches!(&entry.state, State::Running(pid) if lives(pid));
            counts.add(entry.spec.child_type(), is_active);
        }
        counts
    }
}

fn no_answer(answer: Option<&Answer>) -> ! {
    unreachable!("a request gets an answer of its own kind, not {answer:?}")
}

fn info(entry: &Entry) -> ChildInfo {
    ChildInfo {
        id: Some(entry.spec.id().clone()),
        status: match entry.state {
            State::Running(pid) => ChildStatus::Running(pid),
            State::Restarting(_) => ChildStatus::Restarting,
            State::Stopped => ChildStatus::Stopped,
        },
        child_type: entry.spec.child_type(),
        restart: entry.spec.restart_type(),
        restarts: entry.restarts,
    }
}
