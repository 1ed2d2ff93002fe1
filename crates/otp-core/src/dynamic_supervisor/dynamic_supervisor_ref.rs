//! A reference to a running dynamic supervisor.

use std::fmt;
use std::sync::Arc;

use super::boundary::{Boundary, Call};
use crate::child_spec::{Child, ChildSpec};
use crate::exit::ExitReason;
use crate::gen_server::{
    Begin, CallError, Envelope, Limited, ReplyTo, ServerRef, StopError, Timeout,
};
use crate::node::Node;
use crate::pid::Pid;
use crate::process::Target;
use crate::supervisor::{ChildCounts, ChildInfo, StartChildError, TerminateChildError};

/// A reference to one running dynamic supervisor.
///
/// As a [`SupervisorRef`](crate::SupervisorRef) it addresses this very process, and its requests wait for as
/// long as it takes.
///
/// # OTP
///
/// A dynamic supervisor's pid.
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
/// let counters = DynamicSupervisor::new().start_link().await?;
/// let spec = ChildSpec::worker("counter", || Counter::start_link(0)).restart(Restart::Temporary);
/// let child = counters.start_child(spec).await?;
/// counters.terminate_child(child.pid().expect("it runs")).await?;
/// assert_eq!(counters.count_children().await?.active, 0);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DynamicSupervisorRef(ServerRef<Boundary>);

impl DynamicSupervisorRef {
    pub(super) fn new(server: ServerRef<Boundary>) -> Self {
        Self(server)
    }

    /// The dynamic supervisor with this pid or name; `None` if there is no such process, or if it is
    /// something else.
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

    /// Starts a child. The same specification may be used any number of times; its id plays no role.
    ///
    /// # OTP
    ///
    /// Elixir's `DynamicSupervisor.start_child/2`, `supervisor:start_child/2`.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its first poll it has done nothing; dropped later it gives up waiting, and the
    /// supervisor still does what it was asked.
    ///
    /// # Errors
    ///
    /// [`StartChildError`]; then nothing is kept.
    pub async fn start_child(&self, spec: ChildSpec) -> Result<Child, StartChildError> {
        let spec = Arc::new(spec);
        self.ask(|from| Call::StartChild(spec, from)).await?
    }

    /// Stops a child and forgets it.
    ///
    /// # OTP
    ///
    /// Elixir's `DynamicSupervisor.terminate_child/2`, `supervisor:terminate_child/2`.
    ///
    /// # Cancel safety
    ///
    /// As for [`start_child`](Self::start_child).
    ///
    /// # Errors
    ///
    /// [`TerminateChildError::NotAChild`] if it is not, or no longer, a child of this supervisor.
    pub async fn terminate_child(&self, child: impl Into<Pid>) -> Result<(), TerminateChildError> {
        let pid = child.into();
        self.ask(|from| Call::TerminateChild(pid, from)).await?
    }

    /// All children, in no order that is promised. They have no ids.
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

    /// Stops the supervisor with `Normal`, after its children, and waits until it is dead.
    ///
    /// # OTP
    ///
    /// Elixir's `DynamicSupervisor.stop/1`.
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
    /// `limit`.
    ///
    /// # OTP
    ///
    /// Elixir's `DynamicSupervisor.stop/3`.
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

    async fn ask<T: Send + 'static>(
        &self,
        request: impl FnOnce(ReplyTo<T>) -> Call,
    ) -> Result<T, CallError> {
        self.0.call(request).timeout(Timeout::Infinity).await
    }
}

impl fmt::Debug for DynamicSupervisorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DynamicSupervisorRef({})", self.pid())
    }
}

impl From<&DynamicSupervisorRef> for Pid {
    fn from(supervisor: &DynamicSupervisorRef) -> Self {
        supervisor.pid()
    }
}

impl From<&DynamicSupervisorRef> for Target {
    fn from(supervisor: &DynamicSupervisorRef) -> Self {
        Self::Pid(supervisor.pid())
    }
}

impl From<DynamicSupervisorRef> for Child {
    fn from(supervisor: DynamicSupervisorRef) -> Self {
        supervisor.0.into()
    }
}

impl From<DynamicSupervisorRef> for Pid {
    fn from(handle: DynamicSupervisorRef) -> Self {
        handle.pid()
    }
}

impl From<DynamicSupervisorRef> for Target {
    fn from(handle: DynamicSupervisorRef) -> Self {
        Self::Pid(handle.pid())
    }
}
