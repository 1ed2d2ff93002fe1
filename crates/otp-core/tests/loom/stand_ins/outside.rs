//! What the runtime calls and the models have nothing of: timers and reports.

pub(crate) mod timer {
    use std::time::Duration;

    use tokio::time::Instant;

    pub(crate) fn after(start: Instant, delay: Duration) -> Instant {
        start + delay
    }

    pub(crate) mod service {
        use std::collections::HashSet;

        use crate::numbered::Numbered;

        #[derive(Default)]
        pub(crate) struct Service;

        impl Service {
            pub(crate) fn remove_all(&self, ids: &HashSet<u64, Numbered>) {
                assert!(ids.is_empty());
            }
        }
    }
}

pub(crate) mod report {
    use std::time::Duration;

    use crate::exit::PanicInfo;
    use crate::process::block::Head;

    pub(crate) fn process_panicked(_: &Head, info: &PanicInfo) {
        unreachable!("{info}");
    }

    pub(crate) fn long_schedule(head: &Head, _: Duration) {
        unreachable!("{}", head.pid);
    }
}
