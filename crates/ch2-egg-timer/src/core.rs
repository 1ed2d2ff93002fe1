//! The rules of an egg timer, without a process, a clock or output.
//!
//! The core has only values and functions of values. The time is an argument, so a test can use any time.

mod alarm;
mod alarms;

pub use alarm::{Alarm, Status};
pub use alarms::Alarms;
pub use otp_text::length::{InvalidLength, Length};
pub use otp_text::name::{InvalidName, Name as AlarmName};
pub use otp_text::time::{OutsideCalendar, after};
