//! A reference to a running supervisor.

use std::fmt;
use std::sync::Arc;

use super::boundary::{Boundary, Call};
use super::error::{DeleteChildError, RestartChildError, StartChildError, TerminateChildError};
use super::{ChildCounts, ChildInfo, Flags};
use crate::child_spec::{Child, ChildId, ChildSpec};
use crate::exit::ExitReason;
use crate::gen_server::{
    Begin, CallError, Envelope, Limited, ReplyTo, ServerRef, StopError, Timeout,
};
use crate::node::Node;
use crate::pid::Pid;
use crate::process::Target;
use crate::process::block::Process;

/// A reference to one running supervisor.
///
/// It addresses this very process: when the supervisor has ended it does not find a restarted one. For
/// that, look it up by its name with [`find`](Self::find) each time.
///
/// Requests are handled in order, one after the other, and wait for as long as it takes: while the
/// supervisor waits for a child to start or to stop, they queue.
///
/// # OTP
///
/// A supervisor's pid.
///
/// # Examples
///
/// ```
/// # use otp_core::prelude::*;
/// # struct Counter(u64);
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let supervisor = Supervisor::new(Strategy::OneForOne).start_link().await?;
/// supervisor.start_child(ChildSpec::worker("counter", || Counter::start_link(0))).await?;
/// assert_eq!(supervisor.count_children().await?.workers, 1);
/// supervisor.terminate_child("counter").await?;
/// supervisor.delete_child("counter").await?;
/// assert_eq!(supervisor.count_children().await?.specs, 0);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SupervisorRef(ServerRef<Boundary>);

impl SupervisorRef {
    pub(crate) fn new(server: ServerRef<Boundary>) -> Self {
        Self(server)
    }

    /// The supervisor with this pid or name; `None` if there is no such process, or if it is something
    /// else.
    #[must_use]
    pub fn find(node: &Node, target: impl Into<Target>) -> Option<Self> {
        let process = node.process_ref::<Envelope<Boundary>>(target)?;
        Some(Self(process.into())).filter(Self::is_alive)
    }

    /// The supervisor's pid.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.0.pid()
    }

    /// Whether the supervisor lives. One whose end is decided does not.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.0.is_alive()
    }

    /// Adds a child and starts it, after all others.
    ///
    /// # OTP
    ///
    /// `supervisor:start_child/2`.
    ///
    /// # Cancel safety
    ///
    /// As for all requests: dropped before its first poll it has done nothing; dropped later it gives up
    /// waiting, and the supervisor still does what it was asked.
    ///
    /// # Errors
    ///
    /// [`StartChildError`]; then the child is not kept.
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

    /// How the supervisor behaves.
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

    /// Stops the supervisor with `Normal`, after its children, and waits until it is dead.
    ///
    /// # OTP
    ///
    /// `supervisor:stop/1`.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it no longer waits; the supervisor stops nevertheless.
    ///
    /// # Errors
    ///
    /// [`StopError`].
    pub fn stop(&self) -> Limited<impl Begin<Output = Result<(), StopError>>> {
        self.0.stop()
    }

    /// Stops the supervisor with a reason, after its children, and waits until it is dead, for at most
    /// `limit`. The children are told `Shutdown`, whatever the reason.
    ///
    /// # OTP
    ///
    /// `supervisor:stop/3`.
    ///
    /// # Cancel safety
    ///
    /// As for [`stop`](Self::stop).
    ///
    /// # Errors
    ///
    /// [`StopError`].
    pub async fn stop_with(
        &self,
        reason: impl Into<ExitReason>,
        limit: impl Into<Timeout>,
    ) -> Result<(), StopError> {
        self.0.stop_with(reason, limit).await
    }

    /// Waits until the supervisor is dead, and returns why it ended.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub async fn wait(&self) -> ExitReason {
        self.0.wait().await
    }

    pub(crate) fn process(&self) -> Arc<dyn Process> {
        self.0.block().clone()
    }

    async fn ask<T: Send + 'static>(
        &self,
        request: impl FnOnce(ReplyTo<T>) -> Call,
    ) -> Result<T, CallError> {
        self.0.call(request).timeout(Timeout::Infinity).await
    }
}

impl fmt::Debug for SupervisorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SupervisorRef({})", self.pid())
    }
}

impl From<&SupervisorRef> for Pid {
    fn from(supervisor: &SupervisorRef) -> Self {
        supervisor.pid()
    }
}

impl From<&SupervisorRef> for Target {
    fn from(supervisor: &SupervisorRef) -> Self {
        Self::Pid(supervisor.pid())
    }
}

impl From<SupervisorRef> for Child {
    fn from(supervisor: SupervisorRef) -> Self {
        supervisor.0.into()
    }
}

impl From<SupervisorRef> for Pid {
    fn from(handle: SupervisorRef) -> Self {
        handle.pid()
    }
}

impl From<SupervisorRef> for Target {
    fn from(handle: SupervisorRef) -> Self {
        Self::Pid(handle.pid())
    }
}
