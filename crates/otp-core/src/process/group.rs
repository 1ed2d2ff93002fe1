//! Groups of processes: a leader, and all that descends from it.
//!
//! A process belongs to the group of its parent, and a leader's children belong to the leader's own. The group stands in
//! the link of the chain of ancestors that all children of a process share ([`Ancestor`]). So a spawn hands it on
//! without a further step. A process that is spawned from outside of the processes ([`Node::spawn`]) has no group.
//!
//! OTP: `erlang:group_leader/0,2`, as far as it tells which application a process belongs to.

use std::sync::Arc;

use super::block::{Ancestor, Head, Process};
use super::current;
use crate::node::Node;
use crate::pid::Pid;

/// The leader of the group that a process belongs to.
pub(crate) fn leader(head: &Head) -> Option<Pid> {
    head.ancestors.as_ref()?.group
}

/// Makes the current process the leader of a new group. What it has spawned before stays where it is.
///
/// # Panics
///
/// Panics outside of a process.
pub(crate) fn lead() {
    let process = current::process();
    let head = process.head();
    let link = Arc::new(Ancestor {
        pid: head.pid,
        next: head.ancestors.clone(),
        group: Some(head.pid),
    });
    // The chain above may be let go with the former link, but not under the lock.
    let former = head.ties.lock().more().as_ancestor.replace(link);
    drop(former);
}

/// The processes of a group on a node, those that are ending included and the leader not.
pub(crate) fn members(node: &Node, of: Pid) -> Vec<Arc<dyn Process>> {
    let mut processes = node.all();
    processes.retain(|process| leader(process.head()) == Some(of));
    processes
}
