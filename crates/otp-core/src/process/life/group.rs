//! Groups of processes: a leader, and all that descends from it.
//!
//! A process belongs to the group of its parent, and a leader's children belong to the leader's own. The group stands in
//! the list of ancestors that all children of a process share ([`Ancestors`](super::block::Ancestors)). So a spawn hands it
//! on without a further step. A process that is spawned from outside of the processes ([`Node::spawn`]) has no group.
//!
//! # OTP
//!
//! `erlang:group_leader/0,2`, as far as it tells which application a process belongs to.

use std::sync::Arc;

use super::block::Process;
use super::current;
use crate::node::Node;
use crate::pid::Pid;

/// Makes the current process the leader of a new group. What it has spawned before stays where it is.
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
