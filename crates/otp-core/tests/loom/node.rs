//! Nodes.

#[path = "../../src/node/tables.rs"]
pub(crate) mod tables;

pub(crate) use tables::{Named, Node, WeakNode};

/// Nobody looks for a node by its number.
pub(crate) mod scope {
    use crate::node::Node;
    use crate::pid::NodeId;

    pub(crate) fn publish(_: &Node) {}

    pub(crate) fn forget(_: NodeId) {}
}
