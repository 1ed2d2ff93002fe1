//! What a state machine handles.

use std::fmt;

use super::StateMachine;
use crate::process::panic::{self, Contained};
use crate::process::{Down, Exit};

/// What a state machine handles, one at a time. An event of more than 32 KiB does not compile: see
/// [large messages](crate::Mailbox#large-messages).
///
/// # OTP
///
/// `EventType` and `EventContent` of a state callback: `{call, From}`, `cast`, `info`, `internal`, and the three kinds of
/// time-outs, which are told apart by their names here. A DOWN and an EXIT are infos there. They stand in boxes, as every event is
/// moved several times, and most are small.
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
    /// What the machine itself has [inserted](super::Transition::insert).
    Internal(M::Internal),
    /// A time-out that the machine has set.
    Timeout(M::Timer),
}

/// Says which kind it is, and not what is in it.
impl<M: StateMachine> fmt::Debug for Event<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl<M: StateMachine> Event<M> {
    /// The event as the machine shows it, if it does; a panic of the user's code in that is shown in its place.
    #[inline(always)]
    pub(super) fn shown(&self) -> Option<String> {
        panic::quietly_if_any(|| M::format_event(self))
    }

    /// In a word, where the machine shows no more.
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

/// The event that a time-out will be, as the machine shows it.
pub(super) fn shown_timeout<M: StateMachine>(timer: &M::Timer) -> Option<String> {
    panic::quietly_if_any(|| {
        let event = Contained::new(Event::<M>::Timeout(timer.clone()));
        M::format_event(event.get())
    })
}
