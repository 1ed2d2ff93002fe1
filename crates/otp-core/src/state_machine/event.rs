//! The events of a state machine.

use std::fmt;

use super::StateMachine;
use crate::process::panic::{self, Contained};
use crate::process::{Down, Exit};
use crate::sys::event::MessageKind;

/// An event of a state machine. It handles one at a time. An event of more than 16 KiB does not compile: see [large
/// messages](crate::Mailbox#large-messages).
///
/// # OTP
///
/// `EventType` and `EventContent` of a state callback: `{call, From}`, `cast`, `info`, `internal`, and the three kinds
/// of time-outs, which are told apart by their names here. A DOWN and an EXIT are infos there. Here they are in boxes,
/// because every event is moved several times and most are small.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
///
/// struct Clerk(ProcessRef<&'static str>);
///
/// #[state_machine]
/// impl StateMachine for Clerk {
///     type Args = ProcessRef<&'static str>;
///     type State = ();
///     type Call = ReplyTo<()>;
///     type Cast = ();
///     type Timer = ();
///
/// #     async fn init(to: Self::Args, _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> { Ok(Initial::state((), Self(to))) }
///     // …
///     async fn handle(&mut self, (): &(), event: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> {
///         let (kind, transition) = match event {
///             Event::Call(from) => ("call", Transition::keep().reply(from, ())),
///             Event::Cast(()) => ("cast", Transition::keep().timeout((), Duration::from_secs(1))),
///             Event::Timeout(()) => ("timeout", Transition::keep()),
///             _ => ("other", Transition::keep()),
///         };
///         self.0.send(kind);
///         transition
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
/// let clerk = Clerk::start_link(mailbox.me()).await?;
/// clerk.call(|from| from).await?;
/// clerk.cast(());
/// for kind in ["call", "cast", "timeout"] {
///     assert_eq!(mailbox.receive().await, kind);
/// }
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
pub enum Event<M: StateMachine> {
    /// A request with an answer, which the [`ReplyTo`](crate::ReplyTo) in it takes.
    Call(M::Call),
    /// A request without an answer.
    Cast(M::Cast),
    /// A message of the machine's own kind: sent with [`ServerRef::send`](crate::ServerRef::send), or by a timer.
    Info(M::Info),
    /// A monitored process has ended.
    Down(Box<Down>),
    /// An exit signal came while trapping exits, and not from the parent.
    Exit(Box<Exit>),
    /// An event that the machine itself has [inserted](super::Transition::insert).
    Internal(M::Internal),
    /// A time-out that the machine has set.
    Timeout(M::Timer),
}

/// Shows the kind, and not the content.
impl<M: StateMachine> fmt::Debug for Event<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl<M: StateMachine> Event<M> {
    /// The text of the event, if the machine has one. A panic of the user's code is shown in place of the text.
    #[inline(always)]
    pub(super) fn shown(&self) -> Option<String> {
        panic::quietly_if_any(|| M::format_event(self))
    }

    /// The text of the event, for the tools of `sys` and for lists of events. The runtime shows its own messages without the machine's help.
    #[cold]
    pub(super) fn shown_anyway(&self) -> Option<String> {
        self.shown().or_else(|| match self {
            Self::Down(down) => Some(panic::quietly(|| down.to_string())),
            Self::Exit(exit) => Some(panic::quietly(|| exit.to_string())),
            _ => None,
        })
    }

    /// The kind, for the tools of `sys`.
    pub(super) fn message_kind(&self) -> MessageKind {
        match self {
            Self::Call(_) => MessageKind::Call,
            Self::Cast(_) => MessageKind::Cast,
            Self::Info(_) | Self::Down(_) | Self::Exit(_) => MessageKind::Info,
            Self::Internal(_) => MessageKind::Internal,
            Self::Timeout(_) => MessageKind::Timeout,
        }
    }

    /// The name of the kind, for events without a text.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Call(_) => "call",
            Self::Cast(_) => "cast",
            Self::Info(_) | Self::Down(_) | Self::Exit(_) => "info",
            Self::Internal(_) => "internal",
            Self::Timeout(_) => "timeout",
        }
    }
}

/// The text of a time-out's event, as the machine shows it.
pub(super) fn shown_timeout<M: StateMachine>(timer: &M::Timer) -> Option<String> {
    panic::quietly_if_any(|| {
        let event = Contained::new(Event::<M>::Timeout(timer.clone()));
        M::format_event(event.get())
    })
}
