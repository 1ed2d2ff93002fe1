//! The process that a dynamic supervisor is: it tells the core what happens, and does what the core says.

use std::collections::VecDeque;

use futures_util::future::join_all;

use super::builder::DynamicSupervisor;
use super::core::{Action, Answer, Core, Event};
use crate::child_spec::{Child, ChildSpec, Shutdown};
use crate::exit::ExitReason;
use crate::gen_server::{Context, GenServer, Info, Init, Next, Reply, ReplyTo, Status};
use crate::name::Name;
use crate::never::Never;
use crate::pid::Pid;
use crate::supervisor::children::{Entry, Place};
use crate::supervisor::hands::Hands;
use crate::supervisor::intensity::Intensity;
use crate::supervisor::ticket::Ticket;
use crate::supervisor::{
    ChildCounts, ChildInfo, SpecError, StartChildError, TerminateChildError, shutdown,
};

/// A running dynamic supervisor.
pub(crate) struct Boundary {
    core: Core,
    hands: Hands,
}

/// How a dynamic supervisor is to start.
pub(crate) struct Opening {
    pub(super) name: Option<Name>,
    pub(super) supervisor: DynamicSupervisor,
}

/// A request.
pub(crate) enum Call {
    StartChild(ChildSpec, ReplyTo<Result<Child, StartChildError>>),
    TerminateChild(Pid, ReplyTo<Result<(), TerminateChildError>>),
    WhichChildren(ReplyTo<Vec<ChildInfo>>),
    CountChildren(ReplyTo<ChildCounts>),
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
        let Opening { name, supervisor } = opening;
        if supervisor.period.is_zero() {
            return Err(SpecError::ZeroPeriod.into());
        }
        let intensity = Intensity::new(supervisor.max_restarts, supervisor.period);
        let hands = Hands::new(name.as_ref(), context.pid(), "DynamicSupervisor");
        Ok(Init::state(Self {
            core: Core::new(supervisor.max_children, intensity),
            hands: hands.dynamic(supervisor.extra),
        }))
    }

    async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::StartChild(spec, from) => {
                match self.request(Event::StartChild(spec), context).await {
                    Some(Answer::Start(answer)) => from.reply(answer),
                    other => no_answer(other.as_ref()),
                }
            }
            Call::TerminateChild(pid, from) => {
                match self.request(Event::TerminateChild(pid), context).await {
                    Some(Answer::Terminate(answer)) => from.reply(answer),
                    other => no_answer(other.as_ref()),
                }
            }
            Call::WhichChildren(from) => {
                from.reply(self.core.children().iter().map(anonymous).collect())
            }
            Call::CountChildren(from) => from.reply(self.count()),
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
            self.hands.release(*pid);
        }
        match self.perform(event, context).await.gives_up {
            true => Next::Stop(ExitReason::Shutdown),
            false => Next::NoReply,
        }
    }

    async fn terminate(&mut self, _: &ExitReason, context: &mut Context<Self>) {
        self.perform(Event::End, context).await;
    }

    fn format_status(&self, status: &mut Status) {
        let counts = self.count();
        status.state = Some(format!(
            "dynamic supervisor {}; children: {}, active: {}",
            self.hands.title(),
            counts.specs,
            counts.active
        ));
    }
}

/// What has come of an event.
#[derive(Default)]
struct Done {
    answer: Option<Answer>,
    gives_up: bool,
}

impl Boundary {
    async fn request(&mut self, event: Event, context: &mut Context<Self>) -> Option<Answer> {
        self.perform(event, context).await.answer
    }

    /// Lets the core decide about an event, and does what it says until nothing is left to do.
    async fn perform(&mut self, event: Event, context: &mut Context<Self>) -> Done {
        let mut done = Done::default();
        let mut actions = VecDeque::from(self.core.handle(event, self.hands.now()));
        while let Some(action) = actions.pop_front() {
            match action {
                Action::Start(spec) => {
                    let outcome = self.hands.start(&spec, context.node()).await;
                    let event = Event::Started(outcome);
                    actions.extend(self.core.handle(event, self.hands.now()));
                }
                Action::Stop(children) => {
                    let ended = self.stop(children, context).await;
                    let event = Event::Stopped(ended);
                    actions.extend(self.core.handle(event, self.hands.now()));
                }
                Action::Retry(place, ticket) => context.me().send(Retry(place, ticket)),
                Action::Report(report) => self.hands.report(&report),
                Action::Answer(answer) => done.answer = Some(answer),
                Action::GiveUp => done.gives_up = true,
            }
        }
        done
    }

    /// Stops children at the same time: all are told before one is waited for, and each has its own limit.
    async fn stop(
        &mut self,
        children: Vec<(Place, Pid, Shutdown)>,
        context: &Context<Self>,
    ) -> Vec<(Place, ExitReason)> {
        let supervisor = context.pid();
        let ends = children.into_iter().map(|(place, pid, how)| {
            let process = self.hands.release(pid);
            async move {
                let Some(process) = process else {
                    return (place, ExitReason::NoProcess);
                };
                let reason = shutdown::stop(supervisor, &process, how).await;
                context.unlink(pid);
                (place, reason)
            }
        });
        join_all(ends).await
    }

    /// As in Elixir, a child counts as active until the supervisor has been told of its end.
    fn count(&self) -> ChildCounts {
        self.core.children().count(|_| true)
    }
}

fn no_answer(answer: Option<&Answer>) -> ! {
    unreachable!("a request gets an answer of its own kind, not {answer:?}")
}

/// Ids mean nothing here, and are not told.
fn anonymous(entry: &Entry) -> ChildInfo {
    ChildInfo {
        id: None,
        ..entry.info()
    }
}
