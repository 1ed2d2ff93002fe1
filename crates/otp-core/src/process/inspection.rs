//! Looking at processes from outside, and watching over those that keep their thread.

mod cycles;
pub(crate) mod info;
pub(crate) mod page;
pub(crate) mod report;
pub(crate) mod span;
pub(crate) mod system_info;
pub(crate) mod telemetry;
pub(crate) mod watchdog;
