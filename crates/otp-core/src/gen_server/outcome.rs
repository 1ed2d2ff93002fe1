//! The arguments and the results of callbacks.

use std::fmt;
use std::time::Duration;

use super::GenServer;
use crate::exit::ExitReason;
use crate::process::{Down, Exit};

/// The next step of a server after a callback.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
///
/// struct Idle;
///
/// #[gen_server]
/// impl GenServer for Idle {
///     type Call = ReplyTo<()>;
///
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         Ok(Init::state(Self))
///     }
///
///     async fn handle_call(&mut self, from: ReplyTo<()>, _: &mut Context<Self>) -> Reply<Self> {
///         from.reply(()).then(Next::Timeout(Duration::from_secs(60)))
///     }
///
///     async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
///         match info {
///             Info::Timeout => Next::Stop(ExitReason::Shutdown),
///             _ => Next::NoReply,
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let idle = Idle::start(()).await?;
/// idle.call(|from| from).await?;
/// assert_eq!(idle.wait().await, ExitReason::Shutdown, "after a minute without a message");
/// # Ok(())
/// # }).await
/// # }
/// ```
pub enum Next<S: GenServer> {
    /// Waits for the next message; OTP's `{noreply, State}`.
    NoReply,
    /// Waits, and gets [`Info::Timeout`] if no message of any kind comes within this time; OTP's
    /// `{noreply, State, Timeout}`. The limit is for this wait only. With a limit of zero an empty mailbox
    /// means a timeout at once.
    Timeout(Duration),
    /// Waits, after giving memory back; a hint that the wait will be long. OTP's
    /// `{noreply, State, hibernate}`.
    Hibernate,
    /// Calls [`GenServer::handle_continue`] with this before any message, those already queued
    /// included; OTP's `{noreply, State, {continue, Continue}}`.
    Continue(S::Continue),
    /// Ends: calls [`GenServer::terminate`], then the process ends with this reason; OTP's
    /// `{stop, Reason, State}`.
    Stop(ExitReason),
}

impl<S: GenServer> fmt::Debug for Next<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReply => f.write_str("NoReply"),
            Self::Timeout(limit) => write!(f, "Timeout({limit:?})"),
            Self::Hibernate => f.write_str("Hibernate"),
            Self::Continue(_) => f.write_str("Continue"),
            Self::Stop(reason) => write!(f, "Stop({reason:?})"),
        }
    }
}

/// The result of [`GenServer::init`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
///
/// struct Door;
///
/// #[gen_server]
/// impl GenServer for Door {
///     type Args = &'static str;
///
///     async fn init(name: &'static str, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         Ok(match name {
///             "" => Init::error(ExitReason::other("no name")),
///             "none" => Init::ignore(),
///             _ => Init::state(Self),
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// assert!(Door::start("front").await.is_ok());
/// assert_eq!(Door::start("none").await.err(), Some(StartError::Ignored));
/// let why = Door::start("").await.err();
/// assert_eq!(why, Some(StartError::Init(ExitReason::other("no name"))));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "a server starts, or does not, by what its init returns"]
pub struct Init<S: GenServer>(pub(crate) InitOutcome<S>);

pub(crate) enum InitOutcome<S: GenServer> {
    State(S, Next<S>),
    Ignore,
    Error(ExitReason),
}

impl<S: GenServer> Init<S> {
    /// The server starts with this state; OTP's `{ok, State}`.
    pub fn state(state: S) -> Self {
        Self(InitOutcome::State(state, Next::NoReply))
    }

    /// The server does not start, which is no error: the start returns
    /// [`StartError::Ignored`](crate::StartError::Ignored) and the process ends with `Normal`. OTP's
    /// `ignore`.
    pub fn ignore() -> Self {
        Self(InitOutcome::Ignore)
    }

    /// The server cannot start, and its starter gets the error. The process ends with `Normal`
    /// and nothing is reported. OTP's `{error, Reason}`.
    ///
    /// To end with the reason, and be reported if it is abnormal, return it as `Err` from `init`: OTP's
    /// `{stop, Reason}`.
    pub fn error(reason: impl Into<ExitReason>) -> Self {
        Self(InitOutcome::Error(reason.into()))
    }

    /// The first step of the server; for [`Init::state`] only.
    pub fn then(self, next: Next<S>) -> Self {
        match self.0 {
            InitOutcome::State(state, _) => Self(InitOutcome::State(state, next)),
            other => Self(other),
        }
    }
}

impl<S: GenServer> fmt::Debug for Init<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            InitOutcome::State(_, next) => write!(f, "Init(state, {next:?})"),
            InitOutcome::Ignore => f.write_str("Init(ignore)"),
            InitOutcome::Error(reason) => write!(f, "Init(error: {reason})"),
        }
    }
}

/// The argument of [`GenServer::handle_info`]: everything that is neither a call nor a cast.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Info;
///
/// // What a server that handles casts only hears besides.
/// let names = |info: &Info<u8>| match info {
///     Info::Timeout => "a time-out",
///     Info::Down(_) => "the end of what it monitors",
///     Info::Exit(_) => "the end of what it is linked with, if it traps exits",
///     Info::Message(_) => "a plain message",
/// };
/// assert_eq!(names(&Info::Message(5)), "a plain message");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Info<M> {
    /// No message came within the limit of [`Next::Timeout`]; OTP's `timeout`.
    Timeout,
    /// A monitored process has ended; OTP's `{'DOWN', …}`.
    Down(Down),
    /// An exit signal came while trapping exits, and not from the parent; OTP's `{'EXIT', …}`.
    Exit(Exit),
    /// A message of the server's own kind: sent with [`ServerRef::send`](crate::ServerRef::send) or
    /// by a timer.
    Message(M),
}
