//! The rules of an egg timer, without a process, a clock or a printed line.
//!
//! Everything here is a value or a function of values. What needs to know the time is told it, so a test can claim that ten
//! years have passed.

mod alarm;
mod alarms;

pub use alarm::{Alarm, Status};
pub use alarms::Alarms;
pub use otp_text::length::{InvalidLength, Length};
pub use otp_text::name::{InvalidName, Name as AlarmName};
pub use otp_text::time::{OutsideCalendar, after};
