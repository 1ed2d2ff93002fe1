//! The functions that the attribute `state_machine` calls in a callback that returns a `Result`. Only the attribute
//! uses them.

use super::{Entered, Initial, StateMachine, Transition};
use crate::exit::ExitReason;
use crate::gen_server::attribute::Stopping;
use crate::stop::Stop;

pub use crate::gen_server::attribute::{body, value};

/// The result of `init`, with the error type that the trait names.
pub fn init<M: StateMachine, E: Into<Stop>>(
    returned: Result<Initial<M>, E>,
) -> Result<Initial<M>, ExitReason> {
    returned.map_err(|error| error.into().into_reason())
}

impl<M: StateMachine> Stopping for Transition<M> {
    fn stopping(reason: ExitReason) -> Self {
        Self::stop(reason)
    }
}

impl<M: StateMachine> Stopping for Entered<M> {
    fn stopping(reason: ExitReason) -> Self {
        Self::stop(reason)
    }
}
