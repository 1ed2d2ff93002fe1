//! The settings of a child specification: when the child is started again, how it is stopped, and its role under the
//! supervisor.

use std::fmt;
use std::time::Duration;

/// When a child that has ended is started again.
///
/// # OTP
///
/// `restart`.
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
/// let spec = ChildSpec::worker("counter", || Counter::start_link(0)).restart(Restart::Transient);
/// let supervisor = Supervisor::new(Strategy::OneForOne).child(spec).start_link().await?;
/// let pid = supervisor.which_child("counter").await?.and_then(|child| child.pid());
/// otp_core::process::exit(pid.expect("it runs"), ExitReason::Shutdown);
/// # while supervisor.count_children().await?.active == 1 { tokio::task::yield_now().await; }
/// assert_eq!(supervisor.count_children().await?.active, 0, "an orderly end is no reason to start it again");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Restart {
    /// Always; the default.
    #[default]
    Permanent,
    /// After an abnormal end only: any reason but `Normal`, `Shutdown` and `ShutdownWith`. Being killed
    /// is abnormal.
    Transient,
    /// Never. Its specification is forgotten when it ends.
    Temporary,
}

/// How a supervisor stops a child.
///
/// A child that gets an exit signal from its supervisor should end with `Shutdown`. Another reason is reported as an
/// error, `shutdown_error`. For a permanent child this includes `Normal`, as in OTP. So a permanent child whose future
/// returns normally when it is stopped causes a report at each deployment. There are two ways to avoid it: let the body
/// of the process return [`ExitReason::Shutdown`](crate::ExitReason::Shutdown), or set [`ChildSpec::allow_normal_shutdown`](crate::ChildSpec::allow_normal_shutdown).
///
/// # OTP
///
/// `shutdown`.
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
/// use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let spec = ChildSpec::worker("counter", || Counter::start_link(0))
///     .shutdown(Shutdown::Within(Duration::from_secs(30)));
/// let supervisor = Supervisor::new(Strategy::OneForOne).child(spec).start_link().await?;
/// supervisor.stop().await?;
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// By a kill, at once; OTP's `brutal_kill`.
    BrutalKill,
    /// By an exit signal `Shutdown`, and by a kill if it has not ended within this time. With a time of zero the kill
    /// follows the signal at once.
    Within(Duration),
    /// By an exit signal `Shutdown`. The supervisor then waits without a limit.
    Infinity,
}

impl Shutdown {
    /// The default for a worker: 5 s.
    pub const DEFAULT: Self = Self::Within(Duration::from_secs(5));
}

/// Whether a child is a supervisor itself. The supervisor does not check it; only counts show it.
///
/// # OTP
///
/// `type`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::child_spec::ChildType;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let worker = ChildSpec::worker(1, || otp_core::Agent::start_link(|| ()));
/// let supervisor = ChildSpec::supervisor(2, || Supervisor::new(Strategy::OneForOne).start_link());
/// assert_eq!(worker.child_type(), ChildType::Worker);
/// assert_eq!(supervisor.child_type(), ChildType::Supervisor);
/// let tree = Supervisor::new(Strategy::OneForOne).children([worker, supervisor]).start_link().await?;
/// assert_eq!(tree.count_children().await?.supervisors, 1);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChildType {
    /// Anything that does the work.
    Worker,
    /// A supervisor.
    Supervisor,
}

/// Whether the end of a child may end its supervisor: see [`ChildSpec::significant`](crate::ChildSpec::significant).
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::child_spec::Significance;
/// use otp_core::supervisor::AutoShutdown;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// // A job, and what it needs: when the job is done the supervisor stops the rest.
/// let job = ChildSpec::worker("job", || async { process::spawn_link(|_: Mailbox<()>| async {}) })
///     .restart(Restart::Transient)
///     .significant(Significance::Significant);
/// let cache = ChildSpec::worker("cache", || otp_core::Agent::start_link(Vec::<u8>::new));
/// let tree = Supervisor::new(Strategy::RestForOne)
///     .auto_shutdown(AutoShutdown::AnySignificant)
///     .children([cache, job])
///     .start()
///     .await?;
/// assert_eq!(tree.wait().await, ExitReason::Shutdown);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Significance {
    /// The end may end the supervisor, as its [`AutoShutdown`](crate::supervisor::AutoShutdown) says.
    Significant,
    /// The end does not end the supervisor.
    #[default]
    Ordinary,
}

/// The value of OTP's key `significant`.
impl From<bool> for Significance {
    fn from(significant: bool) -> Self {
        match significant {
            true => Self::Significant,
            false => Self::Ordinary,
        }
    }
}

impl fmt::Display for Restart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Permanent => "permanent",
            Self::Transient => "transient",
            Self::Temporary => "temporary",
        })
    }
}

impl fmt::Display for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrutalKill => f.write_str("brutal_kill"),
            Self::Within(limit) => write!(f, "{limit:?}"),
            Self::Infinity => f.write_str("infinity"),
        }
    }
}

impl fmt::Display for ChildType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Worker => "worker",
            Self::Supervisor => "supervisor",
        })
    }
}
