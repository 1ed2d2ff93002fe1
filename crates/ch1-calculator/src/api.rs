//! The API of the calculators. Its functions hide the messages.

mod handmade;
mod otp;

pub use self::handmade::{Handmade, NoAnswer};
pub use self::otp::Calculator;
pub use crate::core::{Number, Op};

use std::time::Duration;

/// The default time limit of a question for the total.
pub const STATE_TIMEOUT: Duration = Duration::from_secs(5);
