//! What the runtime calls and the models have nothing of: timers and reports.

pub(crate) mod timer {
    use std::time::Duration;

    use tokio::time::Instant;

    pub(crate) fn after(start: Instant, delay: Duration) -> Instant {
        start + delay
    }

    pub(crate) mod service {
        #[derive(Default)]
        pub(crate) struct Timers;

        impl Timers {
            pub(crate) fn remove_owned(&self, _: u64) {
                unreachable!("nobody has timers");
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

pub(crate) mod scope {
    use crate::node::Node;
    use crate::pid::NodeId;

    pub(crate) fn publish(_: &Node) {}

    pub(crate) fn forget(_: NodeId) {}
}
