//! Watchdogs, and reports of what no model has.

#[path = "../../../src/process/inspection/watchdog.rs"]
pub(crate) mod watchdog;

pub(crate) mod report {
    use std::time::Duration;

    use crate::exit::PanicInfo;
    use crate::process::life::block::Head;

    pub(crate) fn process_panicked(_: &Head, info: &PanicInfo) {
        unreachable!("{info}");
    }

    pub(crate) fn long_schedule(head: &Head, _: Duration) {
        unreachable!("{}", head.pid);
    }
}
