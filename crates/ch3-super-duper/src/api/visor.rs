//! The supervisor as its users see it.

use crate::supervision::{self, Plan, SUPER_VISOR, SuperDuper};
use futures_util::stream;
use otp_core::application::{self, ApplicationSpec, ExitStatus};
use otp_core::child_spec::{Child, ChildId, ChildType};
use otp_core::prelude::*;
use otp_core::supervisor::{
    ChildCounts, ChildInfo, DeleteChildError, RestartChildError, StartChildError,
    TerminateChildError,
};
use otp_core::{StopError, SupervisorRef};

/// The running supervisor at the top of the tree.
#[derive(Debug, Clone)]
pub struct SuperVisor {
    supervisor: SupervisorRef,
}

impl SuperVisor {
    /// Starts the tree, linked with the calling process.
    ///
    /// # Errors
    ///
    /// [`StartError`] if it runs already, or if a child does not start; then those before it have been stopped again.
    ///
    /// # Panics
    ///
    /// Outside a process.
    pub async fn start_link(plan: &Plan) -> Result<Self, StartError> {
        let started = supervision::start_link(plan).await;
        // A start that fails ends whoever is linked with it and does not trap exits, and that is here.
        tokio::task::yield_now().await;
        let supervisor = started?;
        Ok(Self { supervisor })
    }

    /// The one that runs on this node, if one does.
    pub fn find(node: &Node) -> Option<Self> {
        let supervisor = SupervisorRef::find(node, Name::local(SUPER_VISOR))?;
        Some(Self { supervisor })
    }

    /// Adds a character to the tree, after all others. It is restarted and stopped as the plan says.
    ///
    ///
    /// # Errors
    ///
    /// [`StartChildError`] if there is a child of this name, or it does not start.
    pub async fn add(
        &self,
        plan: &Plan,
        name: &str,
        line: Option<String>,
        declared: ChildType,
    ) -> Result<Child, StartChildError> {
        let spec = supervision::character(plan, name, line, declared);
        self.supervisor.start_child(spec).await
    }

    /// Stops a child; it is not started again, and not forgotten either, unless it is temporary.
    ///
    /// # Errors
    ///
    /// [`TerminateChildError`] if there is none.
    pub async fn terminate(&self, id: impl Into<ChildId>) -> Result<(), TerminateChildError> {
        self.supervisor.terminate_child(id).await
    }

    /// Starts a child that does not run.
    ///
    /// # Errors
    ///
    /// [`RestartChildError`] if there is none, it runs, or it does not start.
    pub async fn restart(&self, id: impl Into<ChildId>) -> Result<Child, RestartChildError> {
        self.supervisor.restart_child(id).await
    }

    /// Forgets a child that does not run.
    ///
    /// # Errors
    ///
    /// [`DeleteChildError`] if there is none, or it runs.
    pub async fn delete(&self, id: impl Into<ChildId>) -> Result<(), DeleteChildError> {
        self.supervisor.delete_child(id).await
    }

    /// The children, the last one first.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor has ended.
    pub async fn children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.supervisor.which_children().await
    }

    /// How many children there are.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor has ended.
    pub async fn count(&self) -> Result<ChildCounts, CallError> {
        self.supervisor.count_children().await
    }

    /// How a child is started, restarted and stopped.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor has ended.
    pub async fn spec(&self, id: impl Into<ChildId>) -> Result<Option<ChildSpec>, CallError> {
        self.supervisor.childspec(id).await
    }

    /// Stops the tree, last child first, and waits until all of it is dead.
    ///
    /// # Errors
    ///
    /// [`StopError`] if it has ended already.
    pub async fn stop(&self, reason: ExitReason) -> Result<(), StopError> {
        let stopped = self.supervisor.stop_with(reason).await;
        // With another reason than `normal` it takes along whoever is linked with it.
        tokio::task::yield_now().await;
        stopped
    }

    /// Its pid.
    pub fn pid(&self) -> Pid {
        self.supervisor.pid()
    }

    /// Waits until it has ended, and says why.
    pub async fn wait(&self) -> ExitReason {
        self.supervisor.wait().await
    }
}

/// Runs the tree as an application, linked with nobody, until it ends or `signal` does, and says how it went.
///
/// This is what the `main` function of a service does.
pub async fn run(node: &Node, plan: &Plan, signal: impl Future<Output = ()> + Send) -> ExitStatus {
    let spec = ApplicationSpec::new::<SuperDuper>("super_duper", plan.clone());
    application::run(node, spec, stream::once(signal)).await
}
