//! The process that a supervisor is: it tells the core what happens, and does what the core says.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;

use super::children::{Entry, Place};
use super::core::Core;
use super::error::{DeleteChildError, RestartChildError, StartChildError, TerminateChildError};
use super::event::{Action, Answer, Event};
use super::hands::Hands;
use super::module::SupervisorInit;
use super::shutdown;
use super::ticket::Ticket;
use super::{ChildCounts, ChildInfo, Flags};
use crate::child_spec::{Child, ChildId, ChildSpec};
use crate::exit::ExitReason;
use crate::gen_server::{Context, GenServer, Info, Init, Next, Reply, ReplyTo, Status};
use crate::name::Name;
use crate::never::Never;
use crate::pid::Pid;

/// A running supervisor.
pub(crate) struct Boundary {
    core: Core,
    hands: Hands,
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
        let hands = Hands::new(opening.name.as_ref(), context.pid(), opening.module);
        let core = Core::new(supervisor.flags, supervisor.children)?;
        let mut boundary = Self { core, hands };
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
                from.reply(self.core.children().iter().rev().map(Entry::info).collect())
            }
            Call::WhichChild(id, from) => from.reply(
                self.core
                    .children()
                    .by_id(&id)
                    .map(|(_, entry)| entry.info()),
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
            self.hands.release(*pid);
        }
        self.perform(event, context).await.next()
    }

    async fn terminate(&mut self, _: &ExitReason, context: &mut Context<Self>) {
        self.perform(Event::End, context).await;
    }

    fn format_status(&self, status: &mut Status) {
        let counts = self.count();
        status.state = Some(format!(
            "supervisor {}; children: {}, active: {}",
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
        let mut actions = VecDeque::from(self.core.handle(event, self.hands.now()));
        while let Some(action) = actions.pop_front() {
            match action {
                Action::Start(spec) => {
                    let outcome = self.hands.start(&spec, context.node()).await;
                    actions.extend(self.tell(Event::Started(outcome)));
                }
                Action::Stop(pid, spec) => {
                    let reason = self.stop(pid, &spec, context).await;
                    actions.extend(self.tell(Event::Stopped(reason)));
                }
                Action::Retry(place, ticket) => context.me().send(Retry(place, ticket)),
                Action::Report(report) => self.hands.report(&report),
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
        self.core.handle(event, self.hands.now())
    }

    async fn stop(&mut self, pid: Pid, spec: &ChildSpec, context: &Context<Self>) -> ExitReason {
        match self.hands.release(pid) {
            Some(process) => {
                let reason = shutdown::stop(context.pid(), &process, spec.shutdown_value()).await;
                context.unlink(pid);
                reason
            }
            // It had ended, and was not linked, when its start function returned.
            None => ExitReason::NoProcess,
        }
    }

    /// A child that has unlinked itself may have ended without being noticed: it is not counted as active.
    fn count(&self) -> ChildCounts {
        self.core.children().count(|pid| self.hands.is_alive(pid))
    }
}

fn no_answer(answer: Option<&Answer>) -> ! {
    unreachable!("a request gets an answer of its own kind, not {answer:?}")
}
