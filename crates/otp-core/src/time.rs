//! Time as values: instants, and policies for missed ticks.

mod instant;
mod missed_ticks;

pub(crate) use instant::{after, far_future};
pub use missed_ticks::MissedTicks;
