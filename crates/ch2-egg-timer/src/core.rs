//! The rules of an egg timer, without a process, a clock or a printed line.
//!
//! Everything here is a value or a function of values. Whoever needs to know the time is told it,
//! so that a test can claim that ten years have passed.

mod alarm;
mod alarms;
mod format;
mod hms;
mod length;
mod moment;
mod name;
mod wall;

pub use alarm::{Alarm, Status};
pub use alarms::{Alarms, Rung};
pub use format::Format;
pub use hms::Hms;
pub use length::{InvalidLength, Length};
pub use moment::Moment;
pub use name::{AlarmName, InvalidName};
pub use wall::Wall;
