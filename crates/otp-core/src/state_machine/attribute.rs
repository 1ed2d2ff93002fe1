//! What the attribute `state_machine` writes into a callback that returns a `Result`. Nothing here is for use by hand.

use super::{Entered, Initial, StateMachine, Transition};
use crate::exit::ExitReason;
use crate::gen_server::attribute::Stopping;
use crate::stop::Stop;

pub use crate::gen_server::attribute::{body, value};

/// What `init` returned, with the error that the trait names.
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
