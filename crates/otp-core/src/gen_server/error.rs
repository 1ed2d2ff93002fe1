//! The errors of a start, a call and a stop.

use std::fmt;
use std::time::Duration;

use crate::address::error::RegisterError;
use crate::exit::ExitReason;
use crate::name::Name;
use crate::pid::Pid;
use crate::stop::reasons;
use crate::util::caused::caused;

/// The server of a call, as the caller has addressed it.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::gen_server::Address;
///
/// # struct Lamp(bool);
/// #
/// # #[gen_server]
/// # impl GenServer for Lamp {
/// #     type Call = ReplyTo<bool>;
/// #     type Cast = bool;
/// #
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(false)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<bool>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, on: bool, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 = on;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let lamp = ServerName::<Lamp>::new("lamp");
/// let Err(CallError::NoProcess { server }) = lamp.call(|from| from).await else { unreachable!() };
/// assert_eq!(server, Address::Name("lamp".into()));
/// assert_eq!(server.to_string(), "lamp");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// This process.
    Pid(Pid),
    /// The process that has this name.
    Name(Name),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pid(pid) => fmt::Display::fmt(pid, f),
            Self::Name(name) => fmt::Display::fmt(name, f),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A call that got no answer.
///
/// It converts into an [`ExitReason`], so `?` in the body of a process ends the caller with it, as
/// in OTP.
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
/// let counter = Counter::start(1).await?;
/// counter.stop().await?;
/// let error = counter.call(|from| from).await;
/// assert!(matches!(error, Err(CallError::NoProcess { .. })));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CallError {
    /// The process does not exist, or no process has the name; OTP's `noproc`.
    NoProcess {
        /// The server that was called.
        server: Address,
    },
    /// No answer came in time; OTP's `timeout`. The server does not learn of it and continues; a late answer is
    /// dropped.
    Timeout {
        /// The server that was called.
        server: Address,
        /// The time limit of the call.
        limit: Duration,
    },
    /// The server is alive, but has dropped the call's [`ReplyTo`](crate::ReplyTo). (In OTP the caller
    /// would wait for its time limit.)
    ReplyDropped {
        /// The server that was called.
        server: Address,
    },
    /// A process called itself; OTP's `calling_self`.
    CallingSelf {
        /// The server that was called.
        server: Address,
    },
    /// The server's mailbox holds as many messages as its [limit](crate::MailboxLimit) allows. The call has
    /// not reached it.
    MailboxFull {
        /// The server that was called.
        server: Address,
        /// How many messages may wait there.
        messages: usize,
    },
    /// The server ended before it answered, for this reason.
    Exited {
        /// The server that was called.
        server: Address,
        /// Why it ended.
        reason: ExitReason,
    },
    /// The call has a time limit and is polled where limits do not work: outside of a tokio runtime, or in one whose builder has not
    /// called `enable_time` or `enable_all`. If the first poll was there, the server has not got the call. (A call with
    /// [`TimeLimit::Infinity`](crate::TimeLimit::Infinity) needs neither.)
    NoRuntime {
        /// The server that was called.
        server: Address,
    },
    /// The call would close a cycle of calls that wait for each other: see
    /// [`Node::detect_call_cycles`](crate::Node::detect_call_cycles). The server has got the call, and may handle it.
    Cycle {
        /// The server that was called.
        server: Address,
        /// The processes in the cycle: the server, the process that it has called, and so on, the caller last.
        through: Vec<Address>,
    },
    /// A [blocking](crate::gen_server::CallFuture::blocking) call was made on a thread of a tokio runtime, which it would
    /// block. The server has not got the call.
    WouldBlock {
        /// The server that was called.
        server: Address,
    },
    /// The name cannot be looked up: this is no process, and no node was [entered](crate::Node::enter). Bind the name to one with
    /// [`ServerName::on`](crate::ServerName::on).
    Outside {
        /// The server that was called.
        server: Address,
    },
    /// The process with this name is not a server of the expected type.
    WrongServer {
        /// The server that was called.
        server: Address,
        /// The type of server that the caller expected.
        expected: &'static str,
    },
}

caused!(CallError {
    Self::NoProcess { server } => ("no process {server} to call"),
    Self::Timeout { server, limit } => ("the call to {server} got no answer within {limit:?}"),
    Self::ReplyDropped { server } => ("{server} dropped the call without an answer"),
    Self::CallingSelf { server } => ("process {server} called itself"),
    Self::MailboxFull { server, messages } => ("the mailbox of {server} is full with {messages} messages"),
    Self::Exited { server, reason } => ("{server} ended before it answered: {reason}") by reason,
    Self::NoRuntime { server } => ("a call to {server} with a limit needs a tokio runtime with `enable_time`"),
    Self::Cycle { server, through } => ("{server} waits for its caller: {}", cycle(through)),
    Self::WouldBlock { server } => ("a blocking call to {server} inside of a tokio runtime: await the call, or in `spawn_blocking` use `Handle::block_on`"),
    Self::Outside { server } => ("there is no node here to look {server} up on: use `on`, `Node::scope` or a process"),
    Self::WrongServer { server, expected } => ("the process registered as {server} is no {expected}"),
});

/// The processes of a cycle of calls, as text.
fn cycle(through: &[Address]) -> String {
    let caller = through.last().into_iter();
    let all = caller.chain(through).map(ToString::to_string);
    all.collect::<Vec<_>>().join(" -> ")
}

impl From<Result<Name, Pid>> for Address {
    fn from(called: Result<Name, Pid>) -> Self {
        called.map_or_else(Self::Pid, Self::Name)
    }
}

/// A server that did not start. Its process is gone, and its name is free.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
///
/// # struct Lamp(bool);
/// #
/// # #[gen_server]
/// # impl GenServer for Lamp {
/// #     type Call = ReplyTo<bool>;
/// #     type Cast = bool;
/// #
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(false)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<bool>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, on: bool, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 = on;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let lamp = Lamp::options().name("lamp").start_link(()).await?;
/// let second = Lamp::options().name("lamp").start_link(()).await;
/// assert_eq!(second.err(), Some(StartError::AlreadyStarted(lamp.pid())));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum StartError {
    /// The name is taken; OTP's `{already_started, Pid}`. `init` was not run.
    AlreadyStarted(Pid),
    /// The name cannot be used; `init` was not run.
    Name(RegisterError),
    /// `init` did not return in time; the process has been killed. OTP's `timeout`.
    Timeout(Duration),
    /// `init` returned [`Init::ignore`](crate::Init::ignore); OTP's `ignore`.
    Ignored,
    /// This is no process. A link or a monitor needs one; a start without either needs a node, which is given with
    /// [`on`](crate::gen_server::StartOptions::on) or [entered](crate::Node::enter).
    Outside,
    /// This thread is in no tokio runtime that could run the process: see [`Handle::enter`](tokio::runtime::Handle::enter). Or
    /// the runtime has no timers, and the start has a time limit or is that of a supervisor or a pool of workers, which stop
    /// their children with a limit. `init` was not run.
    NoRuntime,
    /// `init` returned an error or panicked, or the process was ended while it ran.
    Init(ExitReason),
}

caused!(StartError {
    Self::AlreadyStarted(it) => ("already started as {it}"),
    Self::Name(it) => ("{it}") by it,
    Self::Timeout(it) => ("init did not return within {it:?}"),
    Self::Ignored => ("init chose not to start the server"),
    Self::Outside => ("outside of a process: start it without a link, on a node that is named or entered"),
    Self::NoRuntime => ("outside of a tokio runtime, or with limits in one without `enable_time`"),
    Self::Init(it) => ("init failed: {it}") by it,
});

/// A server that was not stopped as asked.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{StopError, process};
///
/// # struct Lamp(bool);
/// #
/// # #[gen_server]
/// # impl GenServer for Lamp {
/// #     type Call = ReplyTo<bool>;
/// #     type Cast = bool;
/// #
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(false)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<bool>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, on: bool, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 = on;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let lamp = Lamp::start(()).await?;
/// process::exit(&lamp, ExitReason::Kill);
/// lamp.wait().await;
/// assert!(matches!(lamp.stop().await, Err(StopError::NoProcess { .. })));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum StopError {
    /// The process does not exist, or no process has the name; OTP's `noproc`.
    NoProcess {
        /// The server that was to stop.
        server: Address,
    },
    /// The server has not ended in time. It may end later. OTP's `timeout`.
    Timeout {
        /// The server that was to stop.
        server: Address,
        /// The time limit.
        limit: Duration,
    },
    /// A process cannot wait for its own end; OTP's `calling_self`.
    CallingSelf {
        /// The server that was to stop.
        server: Address,
    },
    /// The stop has a time limit, and this is outside of a tokio runtime, or in one whose builder has not called
    /// `enable_time` or `enable_all`. The server was not told to stop.
    NoRuntime {
        /// The server that was to stop.
        server: Address,
    },
    /// The name cannot be looked up: this is no process, and no node was [entered](crate::Node::enter).
    Outside {
        /// The server that was to stop.
        server: Address,
    },
    /// It ended, but for another reason than the one given.
    Exited {
        /// The server that was to stop.
        server: Address,
        /// Why it ended.
        reason: ExitReason,
    },
}

caused!(StopError {
    Self::NoProcess { server } => ("no process {server} to stop"),
    Self::Timeout { server, limit } => ("{server} has not ended within {limit:?}"),
    Self::CallingSelf { server } => ("process {server} cannot wait for its own end"),
    Self::NoRuntime { server } => ("a stop of {server} with a limit needs a tokio runtime with `enable_time`"),
    Self::Outside { server } => ("there is no node here to look {server} up on: use `on`, `Node::scope` or a process"),
    Self::Exited { server, reason } => ("{server} ended with another reason: {reason}") by reason,
});

reasons!(CallError, StartError, StopError);
