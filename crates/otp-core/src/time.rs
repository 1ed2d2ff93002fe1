//! Time: instants, policies for missed ticks, and whether a runtime has timers.

mod driver;
mod instant;
mod missed_ticks;

pub(crate) use driver::{NO_TIMERS, are_timers_here, try_sleep_until};
pub(crate) use instant::{after, far_future};
pub use missed_ticks::MissedTicks;
