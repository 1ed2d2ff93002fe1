//! The process of a supervisor.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use otp_macros::gen_server;

use super::action::{Retry, ToStart};
use super::children::{ChildEntry, Position};
use super::core::{Requested, SupervisorCore};
use super::error::{DeleteChildError, RestartChildError, StartChildError, TerminateChildError};
use super::executor::Executor;
use super::hands::Hands;
use super::module::SupervisorInit;
use super::{ChildCounts, ChildInfo, Flags};
use crate::child_spec::{Child, ChildId, ChildSpec};
use crate::exit::ExitReason;
use crate::gen_server::{Behaviour, Context, GenServer, Info, Init, Next, Reply, ReplyTo, Status};
use crate::name::Name;

/// A running supervisor.
pub(crate) struct Boundary(Executor<SupervisorCore>);

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

#[gen_server]
impl GenServer for Boundary {
    type Args = Opening;
    type Call = Call;
    type Info = Retry<Position>;

    async fn init(opening: Opening, context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        let SupervisorInit::Supervisor(supervisor) = opening.init.await? else {
            return Ok(Init::ignore());
        };
        let hands = Hands::new(opening.name.as_ref(), context.pid(), opening.module);
        let core = SupervisorCore::new(supervisor.flags, supervisor.children)?;
        let mut executor = Executor::new(core, hands, context.pid());
        executor.decide(SupervisorCore::begin);
        match executor.perform(context).await {
            None => Ok(Init::state(Self(executor))),
            Some(reason) => Err(reason),
        }
    }

    async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
        let children = self.0.core.children();
        match call {
            Call::StartChild(spec, from) => from.reply(self.start_child(spec, context).await),
            Call::TerminateChild(id, from) => from.reply(self.terminate_child(id, context).await),
            Call::RestartChild(id, from) => from.reply(self.restart_child(id, context).await),
            Call::DeleteChild(id, from) => from.reply(self.0.core.delete_child(id)),
            Call::WhichChildren(from) => {
                from.reply(children.iter().rev().map(ChildEntry::info).collect())
            }
            Call::WhichChild(id, from) => {
                from.reply(children.by_id(&id).map(|(_, entry)| entry.info()))
            }
            Call::CountChildren(from) => from.reply(children.count()),
            Call::ChildSpec(id, from) => {
                let found = children.by_id(&id);
                from.reply(found.map(|(_, entry)| ChildSpec::clone(&entry.spec)))
            }
            Call::Flags(from) => from.reply(self.0.core.flags()),
        }
    }

    async fn handle_info(
        &mut self,
        info: Info<Retry<Position>>,
        context: &mut Context<Self>,
    ) -> Next<Self> {
        let end = self.0.hear(info, context).await;
        end.map_or(Next::NoReply, Next::Stop)
    }

    async fn terminate(&mut self, _: &ExitReason, context: &mut Context<Self>) {
        self.0.decide(SupervisorCore::end_all);
        self.0.perform(context).await;
    }

    fn format_status(&self, status: &mut Status) {
        let counts = self.0.core.children().count();
        status.state = Some(self.0.status("supervisor", counts));
    }

    fn behaviour() -> Behaviour {
        Behaviour {
            // The path that users know.
            server_type: "otp_core::Supervisor",
            ..Behaviour::gen_server::<Self>()
        }
    }
}

impl Boundary {
    async fn start_child(
        &mut self,
        spec: Arc<ChildSpec>,
        context: &Context<Self>,
    ) -> Result<Child, StartChildError> {
        let start = self.0.core.start_child(spec)?;
        let outcome = self.start(&start, context).await;
        outcome.map_err(|reason| StartChildError::of(start.spec.id(), reason))
    }

    async fn restart_child(
        &mut self,
        id: ChildId,
        context: &Context<Self>,
    ) -> Result<Child, RestartChildError> {
        let start = self.0.core.restart_child(id.clone())?;
        let outcome = self.start(&start, context).await;
        outcome.map_err(|reason| RestartChildError::Start { id, reason })
    }

    async fn start(
        &mut self,
        start: &ToStart<Requested>,
        context: &Context<Self>,
    ) -> Result<Child, ExitReason> {
        let outcome = self.0.start(&start.spec, context).await;
        let report = self.0.core.requested(start, &outcome);
        self.0.report(report);
        outcome
    }

    async fn terminate_child(
        &mut self,
        id: ChildId,
        context: &Context<Self>,
    ) -> Result<(), TerminateChildError> {
        if let Some(stop) = self.0.core.terminate_child(id)? {
            let reason = self.0.stop(&stop.child, context).await;
            let report = self.0.core.terminated(stop, reason);
            self.0.report(report);
        }
        Ok(())
    }
}
