//! The process of a supervisor: it passes events to the core, and performs the core's actions.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use otp_macros::gen_server;

use super::children::{Entry, Place, State};
use super::core::Core;
use super::error::{DeleteChildError, RestartChildError, StartChildError, TerminateChildError};
use super::event::{Action, Actions, Answer, Event};
use super::hands::Hands;
use super::module::SupervisorInit;
use super::shutdown::Reaper;
use super::ticket::Ticket;
use super::{ChildCounts, ChildInfo, Flags};
use crate::child_spec::{Child, ChildId, ChildSpec};
use crate::exit::ExitReason;
use crate::gen_server::{Context, GenServer, Info, Init, Next, Reply, ReplyTo, Status};
use crate::name::Name;

/// A running supervisor.
pub(crate) struct Boundary {
    core: Core,
    /// Nothing in between two events.
    actions: Actions,
    hands: Hands,
    reaper: Reaper,
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
    StartChild(Arc<ChildSpec>, ReplyTo<Result<Child, StartChildError>>),
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

#[gen_server]
impl GenServer for Boundary {
    type Args = Opening;
    type Call = Call;
    type Info = Retry;

    async fn init(opening: Opening, context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        let SupervisorInit::Supervisor(supervisor) = opening.init.await? else {
            return Ok(Init::ignore());
        };
        let hands = Hands::new(opening.name.as_ref(), context.pid(), opening.module);
        let core = Core::new(supervisor.flags, supervisor.children)?;
        let mut boundary = Self {
            core,
            actions: Actions::new(),
            hands,
            reaper: Reaper::new(context.pid()),
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
                from.reply(self.core.children().iter().rev().map(Entry::info).collect())
            }
            Call::WhichChild(id, from) => from.reply(
                self.core
                    .children()
                    .by_id(&id)
                    .map(|(_, entry)| entry.info()),
            ),
            Call::CountChildren(from) => from.reply(self.core.children().count()),
            Call::ChildSpec(id, from) => {
                let found = self.core.children().by_id(&id);
                from.reply(found.map(|(_, entry)| ChildSpec::clone(&entry.spec)))
            }
            Call::Flags(from) => from.reply(self.core.flags()),
        }
    }

    async fn handle_info(&mut self, info: Info<Retry>, context: &mut Context<Self>) -> Next<Self> {
        let event = match info {
            Info::Exit(exit) => Event::Exited(exit.from, exit.reason, self.hands.now().await),
            Info::Message(Retry(place, ticket)) => {
                Event::Retry(place, ticket, self.hands.now().await)
            }
            // The supervisor itself causes no such message. It was sent to the wrong process.
            Info::Down(_) | Info::Timeout => return Next::NoReply,
        };
        self.perform(event, context).await.next()
    }

    async fn terminate(&mut self, _: &ExitReason, context: &mut Context<Self>) {
        self.perform(Event::End, context).await;
    }

    fn format_status(&self, status: &mut Status) {
        let counts = self.core.children().count();
        status.state = Some(format!(
            "supervisor {}; children: {}, active: {}",
            self.hands.title(),
            counts.specs,
            counts.active
        ));
    }
}

/// The results of an event.
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
    /// Passes an event to the core, and performs its actions until there are none left.
    async fn perform(&mut self, event: Event, context: &mut Context<Self>) -> Done {
        let mut done = Done::default();
        self.core.handle(event, &mut self.actions);
        while let Some(action) = self.actions.pop_front() {
            let event = match action {
                Action::Start(place) => Event::Started(self.start(place, context).await),
                Action::Stop(place) => Event::Stopped(self.stop(place, context).await),
                Action::Retry(place, ticket) => {
                    context.me().send(Retry(place, ticket));
                    continue;
                }
                Action::Report(report) => {
                    self.hands.report(&report);
                    continue;
                }
                Action::Answer(answer) => {
                    done.answer = Some(answer);
                    continue;
                }
                Action::Abort(reason) => {
                    done.end = Some(reason);
                    continue;
                }
                Action::GiveUp => {
                    done.end = Some(ExitReason::Shutdown);
                    continue;
                }
            };
            self.core.handle(event, &mut self.actions);
        }
        #[cfg(feature = "metrics")]
        self.hands.count(self.core.children().restarted);
        done
    }

    async fn request(&mut self, event: Event, context: &mut Context<Self>) -> Option<Answer> {
        self.perform(event, context).await.answer
    }

    async fn start(&self, place: Place, context: &Context<Self>) -> Result<Child, ExitReason> {
        let child = self.core.children().get(place);
        let child = child.expect("who is started is kept");
        self.hands.start(&child.spec, &**context.block()).await
    }

    async fn stop(&mut self, place: Place, context: &Context<Self>) -> ExitReason {
        let child = self.core.children().get(place);
        let child = child.expect("who is stopped is kept");
        let reason = self.reaper.stop(child).await;
        if let State::Running(pid) = child.state {
            context.unlink(pid);
        }
        reason
    }
}

fn no_answer(answer: Option<&Answer>) -> ! {
    unreachable!("a request gets an answer of its own kind, not {answer:?}")
}
