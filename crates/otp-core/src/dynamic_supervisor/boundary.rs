//! The process of a dynamic supervisor.

use std::sync::Arc;

use otp_macros::gen_server;

use super::builder::DynamicSupervisor;
use super::core::{DynamicCore, ended};
use crate::child_spec::{Child, ChildSpec};
use crate::exit::ExitReason;
use crate::gen_server::{Behaviour, Context, GenServer, Info, Init, Next, Reply, ReplyTo, Status};
use crate::name::Name;
use crate::pid::Pid;
use crate::supervisor::action::Retry;
use crate::supervisor::executor::Executor;
use crate::supervisor::hands::Hands;
use crate::supervisor::intensity::Intensity;
use crate::supervisor::{ChildCounts, ChildInfo, SpecError, StartChildError, TerminateChildError};

/// A running dynamic supervisor.
pub(crate) struct DynamicBoundary(Executor<DynamicCore>);

/// How a dynamic supervisor is to start.
pub(crate) struct DynamicOpening {
    pub(super) name: Option<Name>,
    pub(super) supervisor: DynamicSupervisor,
}

/// A request.
pub(crate) enum DynamicCall {
    StartChild(Arc<ChildSpec>, ReplyTo<Result<Child, StartChildError>>),
    TerminateChild(Pid, ReplyTo<Result<(), TerminateChildError>>),
    WhichChildren(ReplyTo<Vec<ChildInfo>>),
    CountChildren(ReplyTo<ChildCounts>),
}

#[gen_server]
impl GenServer for DynamicBoundary {
    type Args = DynamicOpening;
    type Call = DynamicCall;
    type Info = Retry<Pid>;

    async fn init(
        opening: DynamicOpening,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        let DynamicOpening { name, supervisor } = opening;
        if supervisor.period.is_zero() {
            return Err(SpecError::ZeroPeriod.into());
        }
        let intensity = Intensity::new(supervisor.max_restarts, supervisor.period);
        let core = DynamicCore::new(supervisor.max_children, intensity);
        let hands = Hands::new(name.as_ref(), context.pid(), "DynamicSupervisor");
        let hands = hands.dynamic().extra(supervisor.extra);
        Ok(Init::state(Self(Executor::new(core, hands, context.pid()))))
    }

    async fn handle_call(&mut self, call: DynamicCall, context: &mut Context<Self>) -> Reply<Self> {
        let children = self.0.core.children();
        match call {
            DynamicCall::StartChild(spec, from) => {
                from.reply(self.start_child(spec, context).await)
            }
            DynamicCall::TerminateChild(pid, from) => {
                from.reply(self.terminate_child(pid, context).await)
            }
            DynamicCall::WhichChildren(from) => from.reply(children.infos()),
            DynamicCall::CountChildren(from) => from.reply(children.count()),
        }
    }

    async fn handle_info(
        &mut self,
        info: Info<Retry<Pid>>,
        context: &mut Context<Self>,
    ) -> Next<Self> {
        let end = self.0.hear(info, context).await;
        end.map_or(Next::NoReply, Next::Stop)
    }

    async fn terminate(&mut self, _: &ExitReason, context: &mut Context<Self>) {
        let children = self.0.core.leave();
        let all = self.0.stop_all(children, context).await;
        let reports = all
            .into_iter()
            .filter_map(|(child, reason)| ended(child, reason));
        self.0.report(reports);
    }

    fn format_status(&self, status: &mut Status) {
        let counts = self.0.core.children().count();
        status.state = Some(self.0.status("dynamic supervisor", counts));
    }

    fn behaviour() -> Behaviour {
        Behaviour {
            // The path that users know.
            server_type: "otp_core::DynamicSupervisor",
            ..Behaviour::gen_server::<Self>()
        }
    }
}

impl DynamicBoundary {
    async fn start_child(
        &mut self,
        spec: Arc<ChildSpec>,
        context: &Context<Self>,
    ) -> Result<Child, StartChildError> {
        self.0.core.admit(&spec)?;
        let outcome = self.0.start(&spec, context).await;
        self.0.core.added(spec, outcome)
    }

    async fn terminate_child(
        &mut self,
        pid: Pid,
        context: &Context<Self>,
    ) -> Result<(), TerminateChildError> {
        if let Some(child) = self.0.core.terminate_child(pid)? {
            let reason = self.0.stop(&child, context).await;
            self.0.report(ended(child, reason));
        }
        Ok(())
    }
}
