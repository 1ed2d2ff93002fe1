//! The errors of a supervisor and its children.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::child_spec::ChildId;
use crate::exit::ExitReason;
use crate::gen_server::{CallError, StartError};
use crate::name::Name;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::stop::reasons;
use crate::util::caused::caused;

/// Flags or child specifications that contradict themselves. Nothing has been started.
///
/// # OTP
///
/// `{start_spec, What}` and `{supervisor_data, What}`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Agent;
/// use otp_core::supervisor::SpecError;
///
/// let twin = || ChildSpec::worker("twin", || Agent::start_link(|| 0));
/// let tree = Supervisor::new(Strategy::OneForOne).children([twin(), twin()]);
/// assert_eq!(tree.check(), Err(SpecError::DuplicateId("twin".into())));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpecError {
    /// Two children have this id; OTP's `duplicate_child_name`.
    #[error("two children have the id {0}: give each an id of its own")]
    DuplicateId(ChildId),
    /// This child is permanent and significant; OTP's `bad_combination`.
    #[error("child {0} is permanent, and so cannot be significant: make it transient or temporary")]
    SignificantPermanent(ChildId),
    /// This child is significant, and its supervisor never ends because of it; OTP's `bad_combination`.
    #[error("child {0} is significant: give its supervisor an auto_shutdown other than never")]
    SignificantNever(ChildId),
    /// Restarts are counted over no time at all; OTP's `invalid_period`.
    #[error("the period of max_restarts is zero: give one of at least a nanosecond")]
    ZeroPeriod,
    /// A dynamic supervisor takes no significant children.
    #[error("child {0} is significant: a dynamic supervisor has no auto_shutdown")]
    SignificantDynamic(ChildId),
    /// The restart type of this child of [`ChildSpec::once`](crate::ChildSpec::once) is not temporary.
    #[error("child {0} can be started once: leave it temporary, or specify it with `worker`")]
    OnceRestarted(ChildId),
    /// A partition supervisor without partitions.
    #[error("there are no partitions: give at least 1")]
    NoPartitions,
}

/// A supervisor did not start, because one of its children did not. The exit reason of the
/// supervisor is `ShutdownWith` this value.
///
/// # OTP
///
/// `{shutdown, {failed_to_start_child, Id, Reason}}`.
///
/// # Examples
///
/// ```
/// use otp_core::Child;
/// use otp_core::prelude::*;
/// use otp_core::supervisor::FailedToStartChild;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let mail = ChildSpec::worker("mail", || async { Err::<Child, _>(ExitReason::other("no network")) });
/// let failed = Supervisor::new(Strategy::OneForOne).child(mail).start().await;
/// let Err(StartError::Init(reason)) = failed else { panic!("it does not start") };
/// let expected = FailedToStartChild { id: "mail".into(), reason: ExitReason::other("no network") };
/// assert_eq!(reason, ExitReason::shutdown_with(expected));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct FailedToStartChild {
    /// The child.
    pub id: ChildId,
    /// Why it did not start.
    pub reason: ExitReason,
}

impl fmt::Display for FailedToStartChild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to start child {}: {}", self.id, self.reason)
    }
}

/// The same text: an exit reason shows this one.
impl fmt::Debug for FailedToStartChild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A child that was not started; the supervisor has not kept it.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Agent;
/// use otp_core::supervisor::StartChildError;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let log = || ChildSpec::worker("log", || Agent::start_link(|| 0));
/// let tree = Supervisor::new(Strategy::OneForOne).child(log()).start_link().await?;
/// assert!(matches!(tree.start_child(log()).await, Err(StartChildError::AlreadyStarted(_))));
/// tree.terminate_child("log").await.map_err(ExitReason::error)?;
/// // Its specification is still there.
/// assert_eq!(tree.start_child(log()).await.err(), Some(StartChildError::AlreadyPresent("log".into())));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum StartChildError {
    /// A child with this id runs, or the child's own start function returns that its process
    /// runs already; OTP's `{already_started, Pid}`.
    AlreadyStarted(Pid),
    /// There is a child with this id, which does not run; OTP's `already_present`.
    AlreadyPresent(ChildId),
    /// The specification is refused.
    Spec(SpecError),
    /// The child's start function has failed.
    Start {
        /// The child.
        id: ChildId,
        /// Why it did not start.
        reason: ExitReason,
    },
    /// The dynamic supervisor has as many children as it may have; OTP's `max_children`.
    MaxChildren(usize),
    /// Its start function has chosen not to start it; OTP's `ignore`. Only [`ensure_started`], which was to find a server, takes
    /// this for an error.
    ///
    /// [`ensure_started`]: crate::DynamicSupervisorRef::ensure_started
    Ignored(ChildId),
    /// [`ensure_started`] was to find a server under a name that the started child does not have.
    ///
    /// [`ensure_started`]: crate::DynamicSupervisorRef::ensure_started
    OtherName(Box<OtherName>),
    /// A task belongs to the process that waits for its value, and this is none.
    Outside,
    /// The supervisor could not be asked.
    Call(CallError),
}

/// A child that does not have the name under which its server was wanted: see [`StartChildError::OtherName`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::supervisor::StartChildError;
///
/// struct Room;
///
/// #[gen_server]
/// impl GenServer for Room {
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         Ok(Init::state(Self))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let rooms = DynamicSupervisor::new().start_link().await?;
/// let cellar = ChildSpec::worker("room", || Room::options().name("cellar").start_link(()));
/// let wanted = rooms.ensure_started(&ServerName::<Room>::new("attic"), cellar).await;
/// let Err(StartChildError::OtherName(other)) = wanted else { panic!("it has another name") };
/// assert_eq!((other.wanted, other.has), ("attic".into(), vec!["cellar".into()]));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OtherName {
    /// The child.
    pub id: ChildId,
    /// The name that it was to have.
    pub wanted: Name,
    /// The process that its start function has started, or that has the child's name already.
    pub pid: Pid,
    /// The names of this process.
    pub has: Vec<Name>,
}

impl OtherName {
    pub(crate) fn of(id: &ChildId, wanted: &Name, pid: Pid, node: &Node) -> Self {
        let process = node.find(pid);
        let names = |process: Arc<dyn Process>| {
            process
                .head()
                .ties
                .with(|ties| ties.names().cloned().collect())
        };
        Self {
            id: id.clone(),
            wanted: wanted.clone(),
            pid,
            has: process.map(names).unwrap_or_default(),
        }
    }
}

impl From<OtherName> for StartChildError {
    fn from(other: OtherName) -> Self {
        Self::OtherName(Box::new(other))
    }
}

impl fmt::Display for OtherName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id, wanted, pid, ..
        } = self;
        write!(
            f,
            "child {id} is not named {wanted}: its start function leads to process {pid}, which "
        )?;
        match &self.has[..] {
            [] => f.write_str("has no name")?,
            [first, more @ ..] => {
                write!(f, "is named {first}")?;
                for name in more {
                    write!(f, " and {name}")?;
                }
            }
        }
        write!(f, "; start the server under the name {wanted}")
    }
}

caused!(StartChildError {
    Self::AlreadyStarted(it) => ("already started as {it}"),
    Self::AlreadyPresent(it) => ("child {it} is present but does not run: restart or delete it"),
    Self::Spec(it) => ("{it}") by it,
    Self::Start { id, reason } => ("child {id} did not start: {reason}") by reason,
    Self::MaxChildren(it) => ("there are {it} children already, the most that there may be"),
    Self::Ignored(it) => ("child {it} chose not to start"),
    Self::OtherName(it) => ("{it}"),
    Self::Outside => ("only a process can own a task: outside of one, use `TaskSupervisorRef::start_child`"),
    Self::Call(it) => ("{it}") by it,
});

impl From<CallError> for StartChildError {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl StartChildError {
    pub(crate) fn of(id: &ChildId, reason: ExitReason) -> Self {
        match reason.downcast_error::<StartError>() {
            Some(StartError::AlreadyStarted(pid)) => Self::AlreadyStarted(*pid),
            _ => Self::Start {
                id: id.clone(),
                reason,
            },
        }
    }
}

/// A child that was not stopped.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::supervisor::TerminateChildError;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let tree = Supervisor::new(Strategy::OneForOne).start_link().await?;
/// let unknown = tree.terminate_child("log").await;
/// assert_eq!(unknown, Err(TerminateChildError::NotFound("log".into())));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum TerminateChildError {
    /// The supervisor has no such child; OTP's `not_found`.
    #[error("there is no child {0}")]
    NotFound(ChildId),
    /// The dynamic supervisor has no such child; OTP's `not_found`.
    #[error("process {0} is not a child of this supervisor")]
    NotAChild(Pid),
    /// The supervisor could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// A child that a request did not restart.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Agent;
/// use otp_core::supervisor::RestartChildError;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let log = ChildSpec::worker("log", || Agent::start_link(|| 0));
/// let tree = Supervisor::new(Strategy::OneForOne).child(log).start_link().await?;
/// assert!(matches!(tree.restart_child("log").await, Err(RestartChildError::Running(_))));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RestartChildError {
    /// The supervisor has no such child; OTP's `not_found`.
    NotFound(ChildId),
    /// It runs; OTP's `running`.
    Running(Pid),
    /// The supervisor is about to restart it; OTP's `restarting`.
    Restarting(ChildId),
    /// Its start function has failed; the supervisor keeps the specification.
    Start {
        /// The child.
        id: ChildId,
        /// Why it did not start.
        reason: ExitReason,
    },
    /// The supervisor could not be asked.
    Call(CallError),
}

caused!(RestartChildError {
    Self::NotFound(it) => ("there is no child {it}"),
    Self::Running(it) => ("the child runs as {it}"),
    Self::Restarting(it) => ("child {it} is about to be restarted anyway"),
    Self::Start { id, reason } => ("child {id} did not start: {reason}") by reason,
    Self::Call(it) => ("{it}") by it,
});

impl From<CallError> for RestartChildError {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

/// A child that was not forgotten.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Agent;
/// use otp_core::supervisor::DeleteChildError;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let log = ChildSpec::worker("log", || Agent::start_link(|| 0));
/// let tree = Supervisor::new(Strategy::OneForOne).child(log).start_link().await?;
/// assert!(matches!(tree.delete_child("log").await, Err(DeleteChildError::Running(_))), "stop it first");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DeleteChildError {
    /// The supervisor has no such child; OTP's `not_found`.
    #[error("there is no child {0}")]
    NotFound(ChildId),
    /// It runs; OTP's `running`.
    #[error("the child runs as {0}: terminate it first")]
    Running(Pid),
    /// The supervisor is about to start it again; OTP's `restarting`.
    #[error("child {0} is about to be restarted: terminate it first")]
    Restarting(ChildId),
    /// The supervisor could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
}

reasons!(
    SpecError,
    StartChildError,
    TerminateChildError,
    RestartChildError,
    DeleteChildError
);
