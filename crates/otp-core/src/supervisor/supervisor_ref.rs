//! A reference to a running supervisor.

use std::sync::Arc;

use super::boundary::{Boundary, Call};
use super::error::{DeleteChildError, RestartChildError, StartChildError, TerminateChildError};
use super::handle::{supervisor_handle, supervisor_server};
use super::{ChildCounts, ChildInfo, Flags};
use crate::child_spec::{Child, ChildId, ChildSpec};
use crate::gen_server::{CallError, Envelope, ServerRef};
use crate::node::Node;
use crate::process::Target;
use crate::process::block::Process;

/// A reference to one running supervisor.
///
/// It addresses one process, so it does not find the supervisor after a restart. For
/// that, look it up by its name with [`find`](Self::find) each time.
///
/// Requests are handled one after the other, and have no time limit: while the
/// supervisor waits for a child to start or to stop, they wait in its mailbox.
///
/// # OTP
///
/// A supervisor's pid.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Agent;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let tree = Supervisor::new(Strategy::OneForOne).start_link().await?;
/// tree.start_child(ChildSpec::worker("log", || Agent::start_link(Vec::<u8>::new))).await?;
/// tree.terminate_child("log").await.map_err(ExitReason::error)?;
/// tree.restart_child("log").await.map_err(ExitReason::error)?;
/// tree.terminate_child("log").await.map_err(ExitReason::error)?;
/// tree.delete_child("log").await.map_err(ExitReason::error)?;
/// assert_eq!(tree.count_children().await?.specs, 0);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
pub struct SupervisorRef(ServerRef<Boundary>);

impl SupervisorRef {
    /// The supervisor with this pid or name; `None` if there is no such process, or if the process is no supervisor.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{SupervisorRef, process};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let tree = Supervisor::new(Strategy::OneForOne).name("top").start_link().await?;
    /// let found = SupervisorRef::find(&process::node(), "top").expect("it runs");
    /// assert_eq!(found.pid(), tree.pid());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn find(node: &Node, target: impl Into<Target>) -> Option<Self> {
        let process = node.process_ref::<Envelope<Boundary>>(target)?;
        Some(Self(process.into())).filter(Self::is_alive)
    }

    /// Adds a child and starts it, after all others.
    ///
    /// # OTP
    ///
    /// `supervisor:start_child/2`.
    ///
    /// # Cancel safety
    ///
    /// As for all requests: if the future is dropped before its first poll, nothing has been sent. If it is dropped
    /// later, the supervisor still handles the request.
    ///
    /// # Errors
    ///
    /// [`StartChildError`]; then the child is not kept.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let tree = Supervisor::new(Strategy::OneForOne).start_link().await?;
    /// let log = ChildSpec::worker("log", || Agent::options().name("log").start_link(|| 0));
    /// let child = tree.start_child(log).await?;
    /// assert_eq!(child.pid(), Agent::<u32>::named("log").pid());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn start_child(&self, spec: ChildSpec) -> Result<Child, StartChildError> {
        let spec = Arc::new(spec);
        self.ask(|from| Call::StartChild(spec, from)).await?
    }

    /// Stops a child, and does not start it again. Its specification is kept, unless it is temporary.
    /// It is no error if the child does not run.
    ///
    /// # OTP
    ///
    /// `supervisor:terminate_child/2`.
    ///
    /// # Cancel safety
    ///
    /// As for [`start_child`](Self::start_child).
    ///
    /// # Errors
    ///
    /// [`TerminateChildError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let log = ChildSpec::worker("log", || Agent::start_link(|| 0));
    /// let tree = Supervisor::new(Strategy::OneForOne).child(log).start_link().await?;
    /// tree.terminate_child("log").await?;
    /// assert_eq!(tree.count_children().await?.active, 0);
    /// assert_eq!(tree.count_children().await?.specs, 1, "its specification is kept");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn terminate_child(&self, id: impl Into<ChildId>) -> Result<(), TerminateChildError> {
        let id = id.into();
        self.ask(|from| Call::TerminateChild(id, from)).await?
    }

    /// Starts a child that does not run.
    ///
    /// # OTP
    ///
    /// `supervisor:restart_child/2`.
    ///
    /// # Cancel safety
    ///
    /// As for [`start_child`](Self::start_child).
    ///
    /// # Errors
    ///
    /// [`RestartChildError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let log = ChildSpec::worker("log", || Agent::start_link(|| 0));
    /// let tree = Supervisor::new(Strategy::OneForOne).child(log).start_link().await?;
    /// tree.terminate_child("log").await?;
    /// let child = tree.restart_child("log").await?;
    /// assert!(child.pid().is_some());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn restart_child(&self, id: impl Into<ChildId>) -> Result<Child, RestartChildError> {
        let id = id.into();
        self.ask(|from| Call::RestartChild(id, from)).await?
    }

    /// Forgets a child that does not run.
    ///
    /// # OTP
    ///
    /// `supervisor:delete_child/2`.
    ///
    /// # Cancel safety
    ///
    /// As for [`start_child`](Self::start_child).
    ///
    /// # Errors
    ///
    /// [`DeleteChildError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let log = ChildSpec::worker("log", || Agent::start_link(|| 0));
    /// let tree = Supervisor::new(Strategy::OneForOne).child(log).start_link().await?;
    /// assert!(tree.delete_child("log").await.is_err(), "it runs");
    /// tree.terminate_child("log").await?;
    /// tree.delete_child("log").await?;
    /// assert_eq!(tree.count_children().await?.specs, 0);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn delete_child(&self, id: impl Into<ChildId>) -> Result<(), DeleteChildError> {
        let id = id.into();
        self.ask(|from| Call::DeleteChild(id, from)).await?
    }

    /// All children, the last started one first.
    ///
    /// # OTP
    ///
    /// `supervisor:which_children/1`.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor does not live, or ends before it answers.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let child = |id: &'static str| ChildSpec::worker(id, || Agent::start_link(|| 0));
    /// let tree = Supervisor::new(Strategy::OneForOne).child(child("a")).child(child("b")).start_link().await?;
    /// let children = tree.which_children().await?;
    /// // The last one comes first, as in OTP.
    /// let ids: Vec<_> = children.into_iter().filter_map(|child| child.id).collect();
    /// assert_eq!(ids, ["b".into(), "a".into()]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.ask(Call::WhichChildren).await
    }

    /// One child; `None` if the supervisor has none with this id.
    ///
    /// # OTP
    ///
    /// `supervisor:which_child/2`.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// # Errors
    ///
    /// As for [`which_children`](Self::which_children).
    pub async fn which_child(
        &self,
        id: impl Into<ChildId>,
    ) -> Result<Option<ChildInfo>, CallError> {
        let id = id.into();
        self.ask(|from| Call::WhichChild(id, from)).await
    }

    /// How many children there are.
    ///
    /// # OTP
    ///
    /// `supervisor:count_children/1`.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// # Errors
    ///
    /// As for [`which_children`](Self::which_children).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let log = ChildSpec::worker("log", || Agent::start_link(|| 0));
    /// let tree = Supervisor::new(Strategy::OneForOne).child(log).start_link().await?;
    /// let counts = tree.count_children().await?;
    /// assert_eq!((counts.specs, counts.active, counts.workers, counts.supervisors), (1, 1, 1, 0));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn count_children(&self) -> Result<ChildCounts, CallError> {
        self.ask(Call::CountChildren).await
    }

    /// The specification of a child, complete with defaults; `None` if the supervisor has none with this
    /// id.
    ///
    /// # OTP
    ///
    /// `supervisor:get_childspec/2`.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// # Errors
    ///
    /// As for [`which_children`](Self::which_children).
    pub async fn childspec(&self, id: impl Into<ChildId>) -> Result<Option<ChildSpec>, CallError> {
        let id = id.into();
        self.ask(|from| Call::ChildSpec(id, from)).await
    }

    /// The flags of the supervisor.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// # Errors
    ///
    /// As for [`which_children`](Self::which_children).
    pub async fn flags(&self) -> Result<Flags, CallError> {
        self.ask(Call::Flags).await
    }

    pub(crate) fn process(&self) -> Arc<dyn Process> {
        self.0.block().clone()
    }
}

supervisor_server!(SupervisorRef, Boundary);
