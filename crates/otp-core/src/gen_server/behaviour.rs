//! What differs for a server that is the process of another behaviour: its names in reports, and its receive loop.

use std::any::type_name;

use super::call::Pending;
use super::{Context, GenServer};
use crate::exit::ExitReason;
use crate::process::span::Origin;

/// The names of a server in reports.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Behaviour {
    /// In the text of a report.
    pub(crate) title: &'static str,
    /// In the field `kind` of a report: OTP's name.
    pub(crate) kind: &'static str,
    /// The type that a user has written.
    pub(crate) server_type: &'static str,
    /// The server reports its events itself, and the loop does not.
    pub(crate) tells_itself: bool,
}

impl Behaviour {
    pub(crate) fn gen_server<S: GenServer>() -> Self {
        Self {
            title: "GenServer",
            kind: "gen_server",
            server_type: type_name::<S>(),
            tells_itself: false,
        }
    }
}

/// Which callbacks never wait: their futures are ready as soon as they are made. The loop has no place for such a future, into which
/// the message would be copied.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "one for each callback")]
pub struct Plain {
    pub handle_call: bool,
    pub handle_cast: bool,
    pub handle_info: bool,
    pub handle_continue: bool,
    /// That of a state machine.
    pub handle: bool,
}

impl Plain {
    pub const NONE: Self = Self {
        handle_call: false,
        handle_cast: false,
        handle_info: false,
        handle_continue: false,
        handle: false,
    };
}

/// What the receive loop works on.
#[doc(hidden)]
#[allow(missing_debug_implementations, reason = "users have none")]
pub struct Serving<'a, S: GenServer> {
    pub(crate) context: &'a mut Context<S>,
    pub(crate) state: &'a mut S,
    pub(crate) origin: Origin,
}

/// How the receive loop ends.
#[doc(hidden)]
#[allow(missing_debug_implementations, reason = "users have none")]
pub struct End {
    pub(super) reason: ExitReason,
    /// An answer that goes out after terminate.
    pub(super) answer: Option<Pending>,
}

impl From<ExitReason> for End {
    fn from(reason: ExitReason) -> Self {
        Self {
            reason,
            answer: None,
        }
    }
}
