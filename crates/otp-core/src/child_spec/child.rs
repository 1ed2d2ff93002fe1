//! The result of a start function.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::agent::Agent;
use crate::exit::ExitReason;
use crate::gen_server::{GenServer, ServerRef, StartError};
use crate::node::Node;
use crate::pid::Pid;
use crate::process::ProcessRef;
use crate::process::block::Process;
use crate::stop::Stop;

/// A child that was started, or that chose not to be.
///
/// # OTP
///
/// `{ok, Pid}`, `{ok, Pid, Info}` and `ignore`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{Child, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// // A start function may say more than which process it has started.
/// let spec = ChildSpec::worker("port", || async {
///     let listener = process::spawn_link(|_: Mailbox<()>| std::future::pending::<()>());
///     Child::new(&listener).with_extra(4369_u16)
/// });
/// let ports = DynamicSupervisor::new().start_link().await?;
/// let child = ports.start_child(spec).await?;
/// assert_eq!(child.extra::<u16>(), Some(&4369));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
pub struct Child {
    pid: Option<Pid>,
    /// The process itself, if it is known: so the end of a process that ends at once is not missed.
    process: Option<Arc<dyn Process>>,
    extra: Option<Arc<dyn Any + Send + Sync>>,
}

impl Child {
    /// A child that runs as this process, which is linked with the supervisor.
    pub fn new(process: impl Into<Pid>) -> Self {
        Self {
            pid: Some(process.into()),
            process: None,
            extra: None,
        }
    }

    /// A child that does not run, and nothing is wrong: the supervisor keeps its specification, unless
    /// it is temporary. OTP's `ignore`.
    #[must_use]
    pub fn ignore() -> Self {
        Self {
            pid: None,
            process: None,
            extra: None,
        }
    }

    /// Adds a value for the caller of `start_child`; the supervisor itself does not use it.
    #[must_use]
    pub fn with_extra<T: Any + Send + Sync>(self, extra: T) -> Self {
        Self {
            extra: Some(Arc::new(extra)),
            ..self
        }
    }

    /// The child's pid; `None` if it does not run.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        self.pid
    }

    /// The extra value of the start function, if it is a `T`.
    #[must_use]
    pub fn extra<T: Any>(&self) -> Option<&T> {
        self.extra.as_ref()?.downcast_ref()
    }

    pub(crate) fn process(&self) -> Option<&Arc<dyn Process>> {
        self.process.as_ref()
    }

    pub(crate) fn into_process(self) -> Option<Arc<dyn Process>> {
        self.process
    }

    /// With its process, if it was not known and has not ended yet.
    pub(crate) fn found_on(mut self, node: &Node) -> Self {
        if self.process.is_none() {
            self.process = self.pid.and_then(|pid| node.find(pid));
        }
        self
    }

    fn of(process: Arc<dyn Process>) -> Self {
        Self {
            pid: Some(process.head().pid),
            process: Some(process),
            extra: None,
        }
    }
}

impl<S: GenServer> From<ServerRef<S>> for Child {
    fn from(server: ServerRef<S>) -> Self {
        Self::of(server.into_block())
    }
}

impl<M: Send + 'static> From<ProcessRef<M>> for Child {
    fn from(process: ProcessRef<M>) -> Self {
        Self::of(process.block().clone())
    }
}

impl From<Pid> for Child {
    fn from(pid: Pid) -> Self {
        Self::new(pid)
    }
}

/// An agent that is addressed by a name counts as the process that has the name now.
impl<T: Send + 'static> From<Agent<T>> for Child {
    fn from(agent: Agent<T>) -> Self {
        agent.pid().map_or_else(Self::ignore, Self::new)
    }
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "Child({pid})"),
            None => f.write_str("Child(ignored)"),
        }
    }
}

/// The possible results of the start function of a [`ChildSpec`](super::ChildSpec):
///
/// - the result of any `start_link`: `Result<ServerRef<S>, StartError>` and similar ones. [`StartError::Ignored`] is no
///   error here, and of [`StartError::Init`] the reason counts;
/// - a [`ProcessRef`], of a process that was spawned with a link, or of a task;
/// - a [`Child`], to add extra information or to [`ignore`](Child::ignore);
/// - a `Result` of any of these, with any error or an [`ExitReason`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::child_spec::StartOutcome;
/// use otp_core::process;
///
/// fn idler() -> impl StartOutcome {
///     process::spawn_link(|_: Mailbox<()>| std::future::pending::<()>())
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// assert!(idler().into_child()?.pid().is_some());
/// // That a server chose not to run is no failure.
/// let ignored: Result<ProcessRef<()>, _> = Err(StartError::Ignored);
/// assert_eq!(ignored.into_child()?.pid(), None);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is no started child: return what a start returns, such as `Counter::start_link(0).await`, a `ProcessRef` or a `Child`"
)]
pub trait StartOutcome {
    /// The child, or why it did not start.
    ///
    /// # Errors
    ///
    /// The reason of the failure.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::child_spec::StartOutcome;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let agent = Agent::start_link(|| 7).await;
    /// let child = agent.clone().into_child()?;
    /// assert_eq!(child.pid(), agent?.pid());
    ///
    /// let taken: Result<Agent<u8>, _> = Err(StartError::Init(ExitReason::other("the port is taken")));
    /// assert_eq!(taken.into_child().err(), Some(ExitReason::other("the port is taken")));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn into_child(self) -> Result<Child, ExitReason>;
}

#[diagnostic::do_not_recommend]
impl StartOutcome for Child {
    fn into_child(self) -> Result<Child, ExitReason> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Send + 'static> StartOutcome for ProcessRef<M> {
    fn into_child(self) -> Result<Child, ExitReason> {
        Ok(self.into())
    }
}

#[diagnostic::do_not_recommend]
impl<C: Into<Child>, E: Into<Stop>> StartOutcome for Result<C, E> {
    fn into_child(self) -> Result<Child, ExitReason> {
        match self {
            Ok(child) => Ok(child.into()),
            Err(error) => {
                let reason = error.into().into_reason();
                match reason.downcast_error::<StartError>() {
                    Some(StartError::Ignored) => Ok(Child::ignore()),
                    Some(StartError::Init(why)) => Err(why.clone()),
                    _ => Err(reason),
                }
            }
        }
    }
}
