//! Links, monitors and names.

#[path = "../../../src/process/relations/carrier.rs"]
pub(crate) mod carrier;
#[path = "../../../src/process/relations/change.rs"]
pub(crate) mod change;
#[path = "../../../src/process/relations/signal.rs"]
pub(crate) mod signal;

pub(crate) use change::*;

/// No other node is ever connected.
pub(crate) mod remote {
    use std::sync::Arc;

    use super::carrier::Remotes;
    use crate::address::name::RemoteName;
    use crate::pid::{NodeId, Pid};
    use crate::process::life::block::Process;

    #[derive(Default)]
    pub(crate) struct Connected;

    impl Connected {
        pub(crate) fn has(&self, _: NodeId) -> bool {
            false
        }
    }

    impl Remotes for Connected {
        fn find(&self, _: Pid) -> Option<Arc<dyn Process>> {
            None
        }

        fn named(&self, _: &RemoteName) -> Option<Arc<dyn Process>> {
            None
        }
    }
}
