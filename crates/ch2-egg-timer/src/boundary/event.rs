//! What the owner of an egg timer hears.

use crate::core::{AlarmName, Length, Status};
use otp_core::ExitReason;

/// News about an alarm, in the order in which things happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The alarm is set, and replaces one that had the same name.
    Scheduled {
        /// Its name.
        name: AlarmName,
        /// How long it waits.
        length: Length,
    },
    /// The alarm rings.
    Rang {
        /// Its name.
        name: AlarmName,
        /// What it was told to say.
        message: Option<String>,
    },
    /// The action of an alarm that had rung did not end well. The timer goes on.
    Failed {
        /// The name of the alarm.
        name: AlarmName,
        /// The reason with which the action's process ended.
        reason: ExitReason,
    },
    /// The timer is about to stop, and this alarm will not ring.
    Pending(Status),
    /// The timer has stopped. Nothing comes after this.
    Stopped(ExitReason),
}
