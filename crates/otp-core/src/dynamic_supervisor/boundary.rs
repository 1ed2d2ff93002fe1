//! The process of a dynamic supervisor: it passes events to the core, and performs the core's actions.

use std::sync::Arc;

use otp_macros::gen_server;

use super::builder::DynamicSupervisor;
use super::children::Leaving;
use super::core::{Action, Actions, Answer, Core, Event};
use crate::child_spec::{Child, ChildSpec};
use crate::exit::ExitReason;
use crate::gen_server::{Context, GenServer, Info, Init, Next, Reply, ReplyTo, Status};
use crate::name::Name;
use crate::pid::Pid;
use crate::process::relations;
use crate::supervisor::hands::Hands;
use crate::supervisor::intensity::Intensity;
use crate::supervisor::shutdown::{Mortal, Reaper};
use crate::supervisor::ticket::Ticket;
use crate::supervisor::{ChildCounts, ChildInfo, SpecError, StartChildError, TerminateChildError};

/// A running dynamic supervisor.
pub(crate) struct Boundary {
    core: Core,
    /// Nothing in between two events.
    actions: Actions,
    hands: Hands,
    reaper: Reaper,
}

/// How a dynamic supervisor is to start.
pub(crate) struct Opening {
    pub(super) name: Option<Name>,
    pub(super) supervisor: DynamicSupervisor,
}

/// A request.
pub(crate) enum Call {
    StartChild(Arc<ChildSpec>, ReplyTo<Result<Child, StartChildError>>),
    TerminateChild(Pid, ReplyTo<Result<(), TerminateChildError>>),
    WhichChildren(ReplyTo<Vec<ChildInfo>>),
    CountChildren(ReplyTo<ChildCounts>),
}

/// To itself: it is time for another attempt to start the child that had this pid.
#[derive(Debug)]
pub(crate) struct Retry(Pid, Ticket);

#[gen_server]
impl GenServer for Boundary {
    type Args = Opening;
    type Call = Call;
    type Info = Retry;

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
            actions: Actions::new(),
            hands: hands.dynamic(supervisor.extra),
            reaper: Reaper::new(context.pid()),
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
            Call::WhichChildren(from) => from.reply(self.core.children().infos()),
            Call::CountChildren(from) => from.reply(self.core.children().count()),
        }
    }

    async fn handle_info(&mut self, info: Info<Retry>, context: &mut Context<Self>) -> Next<Self> {
        let event = match info {
            Info::Exit(exit) => Event::Exited(exit.from, exit.reason, self.hands.now().await),
            Info::Message(Retry(former, ticket)) => {
                Event::Retry(former, ticket, self.hands.now().await)
            }
            // The supervisor itself causes no such message. It was sent to the wrong process.
            Info::Down(_) | Info::Timeout => return Next::NoReply,
        };
        match self.perform(event, context).await.gives_up {
            true => Next::Stop(ExitReason::Shutdown),
            false => Next::NoReply,
        }
    }

    async fn terminate(&mut self, _: &ExitReason, context: &mut Context<Self>) {
        self.perform(Event::End, context).await;
    }

    fn format_status(&self, status: &mut Status) {
        let counts = self.core.children().count();
        status.state = Some(format!(
            "dynamic supervisor {}; children: {}, active: {}",
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
    gives_up: bool,
}

impl Boundary {
    async fn request(&mut self, event: Event, context: &mut Context<Self>) -> Option<Answer> {
        self.perform(event, context).await.answer
    }

    /// Passes an event to the core, and performs its actions until there are none left.
    async fn perform(&mut self, event: Event, context: &mut Context<Self>) -> Done {
        let mut done = Done::default();
        self.core.handle(event, &mut self.actions);
        while let Some(action) = self.actions.pop_front() {
            let event = match action {
                Action::Start(spec) => {
                    Event::Started(self.hands.start(&spec, &**context.block()).await)
                }
                Action::Stop(child) => {
                    // First, as Elixir does: its end is waited for, and no EXIT is wanted.
                    unlink(&child, context);
                    let reason = self.reaper.stop(&child).await;
                    Event::Stopped(child, reason)
                }
                Action::StopAll(children) => {
                    for child in &children {
                        unlink(child, context);
                    }
                    Event::AllStopped(self.reaper.stop_all(children).await)
                }
                Action::Retry(former, ticket) => {
                    context.me().send(Retry(former, ticket));
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
                Action::GiveUp => {
                    done.gives_up = true;
                    continue;
                }
            };
            self.core.handle(event, &mut self.actions);
        }
        #[cfg(feature = "metrics")]
        self.hands.count(self.core.children().restarted);
        done
    }
}

fn unlink(child: &Leaving, context: &Context<Boundary>) {
    match child.process() {
        Some(process) => relations::unlink_from(&**context.block(), process),
        None => context.unlink(child.pid),
    }
}

fn no_answer(answer: Option<&Answer>) -> ! {
    unreachable!("a request gets an answer of its own kind, not {answer:?}")
}
