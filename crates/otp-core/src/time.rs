//! Time as values: instants, and what becomes of ticks that are missed.

mod instant;
mod missed_ticks;

pub(crate) use instant::{after, far_future};
pub use missed_ticks::MissedTicks;
