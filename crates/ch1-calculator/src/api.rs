//! The calculators as their users see them: functions, no messages.

mod handmade;
mod otp;

pub use self::handmade::{Handmade, NoAnswer};
pub use self::otp::Calculator;
pub use crate::core::{Number, Op};

use std::time::Duration;

/// How long to wait for the total, unless the caller says otherwise.
pub const STATE_TIMEOUT: Duration = Duration::from_secs(5);
