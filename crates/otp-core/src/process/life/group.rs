//! Groups of processes: a leader, and all that descends from it.
//!
//! A process belongs to the group of its parent, and a leader's children belong to the leader's group. The group is in
//! the list of ancestors that all children of a process share ([`Ancestors`](super::ancestors::Ancestors)), so a spawn
//! passes it on without a further step. A process that is spawned from outside of the processes ([`Node::spawn`]) has
//! no group.
//!
//! # OTP
//!
//! `erlang:group_leader/0,2`, as far as it names the application of a process.

use std::sync::Arc;

use super::block::Process;
use super::current;
use crate::node::Node;
use crate::pid::Pid;

/// Makes the current process the leader of a new group. Processes that it has spawned before keep their group.
///
/// # Panics
///
/// Panics outside of a process.
pub(crate) fn lead() {
    current::process().head().lead();
    current::with(current::Current::forget_below);
}

/// The processes of a group on a node, those that are ending included and the leader not.
pub(crate) fn members(node: &Node, leader: Pid) -> Vec<Arc<dyn Process>> {
    let mut processes = node.all();
    processes.retain(|process| process.head().group() == Some(leader));
    processes
}
