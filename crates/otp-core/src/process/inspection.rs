//! Looking at processes from outside, and watching over those that keep their thread.

mod clock;
pub(crate) mod contents;
pub(crate) mod cycles;
#[cfg(feature = "metrics")]
pub(crate) mod gauges;
pub(crate) mod info;
pub(crate) mod meter;
pub(crate) mod observed;
pub(crate) mod page;
pub(crate) mod report;
pub(crate) mod span;
pub(crate) mod system_info;
pub(crate) mod telemetry;
pub(crate) mod types;
pub(crate) mod watchdog;
