//! Time as values: instants, the wall clock, and policies for missed ticks.

mod instant;
mod missed_ticks;
mod wall_clock;

pub(crate) use instant::{after, far_future};
pub use missed_ticks::MissedTicks;
pub use wall_clock::{ManualClock, WallClock};
