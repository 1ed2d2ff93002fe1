//! Nodes.

#[path = "../../src/node/tables.rs"]
pub(crate) mod tables;

pub(crate) use tables::{Named, Node, WeakNode};

/// A node is not looked up by its number.
pub(crate) mod scope {
    use crate::node::Node;
    use crate::pid::NodeId;

    pub(crate) fn publish(_: &Node) {}

    pub(crate) fn forget(_: NodeId) {}
}

/// No process of a model has timers.
pub(crate) mod timers {
    #[derive(Default)]
    pub(crate) struct Timers;

    impl Timers {
        pub(crate) fn remove_owned(&self, _: u64) {
            unreachable!("nobody has timers");
        }

        pub(crate) fn find_home(&self) {}
    }
}
