//! The events that a debugged server reports.

use std::fmt;

use crate::pid::Pid;

/// Something that a debugged server has done.
///
/// Texts of messages are there if the server has a
/// [`format_message`](crate::GenServer::format_message), and that of its state if it has a
/// [`format_status`](crate::GenServer::format_status); without them the event says only that it happened.
///
/// # OTP
///
/// `sys:system_event()`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys::{self, SysEvent};
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
/// let lamp = Lamp::start_link(()).await?;
/// sys::log(&lamp, 10).await?;
/// lamp.cast(true);
/// assert!(lamp.call(|from| from).await?);
/// let log = sys::get_log(&lamp).await?;
/// assert!(log.iter().any(|event| matches!(event, SysEvent::In { .. })));
/// assert!(log.iter().any(|event| matches!(event, SysEvent::Out { .. })));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SysEvent {
    /// It has taken a message, and handles it next; OTP's `{in, Message}`.
    #[non_exhaustive]
    In {
        /// The kind of the message.
        kind: MessageKind,
        /// The message.
        message: Option<String>,
        /// The caller, if that is known: a process of the same node, or of another one that is connected.
        client: Option<Pid>,
    },
    /// It handles the value of a `Continue`; OTP's `{continue, Continue}`.
    Continue,
    /// A callback has answered a call, its own or one that was kept, and the answer is out; OTP's
    /// `{out, Reply, To, State}`. An answer that is [sent](crate::ReplyTo::send) is none: as
    /// `gen_server:reply/2` it may come from anywhere.
    #[non_exhaustive]
    Out {
        /// The caller that got the answer, if that is known. If the server had kept its call, that is not the caller of the
        /// message that it handles.
        to: Option<Pid>,
        /// The state after it.
        state: Option<String>,
    },
    /// A callback has returned without an answer; OTP's `{noreply, State}`.
    #[non_exhaustive]
    NoReply {
        /// The state after it.
        state: Option<String>,
    },
    /// A state machine has handled an event; OTP's `{consume, Event, State, NextState}`.
    #[non_exhaustive]
    Consumed {
        /// The event.
        message: Option<String>,
        /// The state after it.
        state: Option<String>,
    },
    /// A state machine has postponed an event; OTP's `{postpone, Event, State, NextState}`.
    #[non_exhaustive]
    Postponed {
        /// The event.
        message: Option<String>,
        /// The state after it.
        state: Option<String>,
    },
    /// A state machine has started a time-out; OTP's `{start_timer, Action, State}`.
    #[non_exhaustive]
    TimerStarted {
        /// Its name.
        timer: Option<String>,
    },
    /// A state machine ends in order, and its [`terminate`](crate::StateMachine::terminate) has run; OTP's
    /// `{terminate, Reason, State}`. An abnormal end has a report instead.
    #[non_exhaustive]
    Terminated {
        /// The reason.
        reason: String,
        /// The state in which it ends.
        state: Option<String>,
    },
}

/// The kind of a message that a server handles.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys::{self, Keep, MessageKind, SysEvent};
/// # struct Counter(u64);
/// #
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<MessageKind>| async move {
/// let (counter, me) = (Counter::start_link(0).await?, mailbox.me());
/// sys::install(&counter, "kinds", move |event| {
///     if let SysEvent::In { kind, .. } = event {
///         me.send(*kind);
///     }
///     Keep::Yes
/// })
/// .await?;
/// counter.cast(1);
/// assert_eq!(mailbox.receive().await, MessageKind::Cast);
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageKind {
    /// A call.
    Call,
    /// A cast.
    Cast,
    /// Any other message, for [`handle_info`](crate::GenServer::handle_info).
    Info,
    /// An event that a state machine has inserted.
    Internal,
    /// A time-out of a state machine.
    Timeout,
}

impl SysEvent {
    /// The name of the kind, for the field of a trace.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::In { .. } => "in",
            Self::Continue => "continue",
            Self::Out { .. } => "out",
            Self::NoReply { .. } => "noreply",
            Self::Consumed { .. } => "consume",
            Self::Postponed { .. } => "postpone",
            Self::TimerStarted { .. } => "start_timer",
            Self::Terminated { .. } => "terminate",
        }
    }
}

impl fmt::Display for SysEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::In {
                kind,
                message,
                client,
            } => {
                f.write_str(match kind {
                    MessageKind::Call => "got call",
                    MessageKind::Cast => "got cast",
                    MessageKind::Info => "got message",
                    MessageKind::Internal => "got internal event",
                    MessageKind::Timeout => "got time-out",
                })?;
                if let Some(message) = message {
                    write!(f, " {message}")?;
                }
                client.map_or(Ok(()), |client| write!(f, " from {client}"))
            }
            Self::Continue => f.write_str("continues"),
            Self::Out { to, state } => {
                f.write_str("sent answer")?;
                if let Some(to) = to {
                    write!(f, " to {to}")?;
                }
                state
                    .as_ref()
                    .map_or(Ok(()), |state| write!(f, ", new state {state}"))
            }
            Self::NoReply { state: Some(state) } => write!(f, "new state {state}"),
            Self::NoReply { state: None } => f.write_str("returned"),
            Self::Consumed { message, state } => write_ended(f, "consumed", message, state),
            Self::Postponed { message, state } => write_ended(f, "postponed", message, state),
            Self::TimerStarted { timer: Some(timer) } => write!(f, "set time-out {timer}"),
            Self::TimerStarted { timer: None } => f.write_str("set a time-out"),
            Self::Terminated { reason, state } => {
                let reason = Some(format!("with {reason}"));
                write_ended(f, "terminated", &reason, state)
            }
        }
    }
}

fn write_ended(
    f: &mut fmt::Formatter<'_>,
    how: &str,
    message: &Option<String>,
    state: &Option<String>,
) -> fmt::Result {
    f.write_str(how)?;
    if let Some(message) = message {
        write!(f, " {message}")?;
    }
    state
        .as_ref()
        .map_or(Ok(()), |state| write!(f, ", state {state}"))
}
