//! Time as values: instants, the wall clock, policies for missed ticks, and whether a runtime has timers.

mod driver;
mod instant;
mod missed_ticks;
mod wall_clock;

pub(crate) use driver::{NO_TIMERS, are_timers_here, try_sleep_until};
pub(crate) use instant::{after, far_future};
pub use missed_ticks::MissedTicks;
pub use wall_clock::{ManualClock, WallClock};
