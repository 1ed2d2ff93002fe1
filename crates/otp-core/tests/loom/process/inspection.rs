//! Watchdogs and observations, and what no model has: counters of observed processes, and reports.

#[path = "../../../src/process/inspection/observed.rs"]
pub(crate) mod observed;

/// Nothing is counted in a model.
pub(crate) mod telemetry {
    use super::observed::Observed;
    use crate::process::life::block::Head;

    #[derive(Default)]
    pub(crate) struct Telemetry {
        pub(crate) observed: Observed,
    }

    impl Telemetry {
        pub(crate) fn is_observed(&self) -> bool {
            self.observed.is_now()
        }

        pub(crate) fn forget(&self, _: &Head) {}
    }

    pub(crate) struct Counters;

    impl Counters {
        pub(crate) fn new() -> Self {
            Self
        }
    }

    pub(crate) struct CountedPoll<'a>(&'a Head);

    impl<'a> CountedPoll<'a> {
        pub(crate) fn begin(head: &'a Head) -> Self {
            Self(head)
        }
    }
}

/// A model shows nothing of what its processes keep.
pub(crate) mod contents {
    use std::any::Any;

    pub(crate) struct ContentsQuery;

    pub(crate) struct Contents;

    pub(crate) trait Exhibit: Any {}
}

/// A model's processes are not counted.
pub(crate) mod meter {
    use crate::process::life::block::Process;

    pub(crate) fn started(_: fn() -> &'static str) {}

    pub(crate) fn ended(_: &dyn Process) {}
}

#[path = "../../../src/process/inspection/watchdog.rs"]
pub(crate) mod watchdog;

pub(crate) mod report {
    use std::time::Duration;

    use crate::exit::PanicInfo;
    use crate::process::life::block::Head;
    use crate::process::limit::MailboxLimit;

    pub(crate) fn mailbox_full(head: &Head, limit: MailboxLimit) {
        unreachable!("{} with {limit:?}", head.pid);
    }

    pub(crate) fn process_panicked(_: &Head, info: &PanicInfo) {
        unreachable!("{info}");
    }

    pub(crate) fn long_schedule(head: &Head, _: Duration) {
        unreachable!("{}", head.pid);
    }
}
