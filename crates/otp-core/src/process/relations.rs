//! Links and monitors: how they are made and undone.

use std::mem;
use std::sync::Arc;

use super::block::{Monitored, Process, Watcher, lock_both};
use super::signal::{self, Down, Signal, Target, Via};
use crate::exit::ExitReason;
use crate::name::{Name, RegisterError};
use crate::node::Node;
use crate::pid::{MonitorRef, Pid};

/// Links `me` to `other`; to one that does not live, an exit signal with `NoProcess` comes back.
pub(crate) fn link(me: &Arc<dyn Process>, other: Pid) {
    if me.head().pid == other {
        return;
    }
    let Some(process) = me.head().node.find(other) else {
        let reason = match me.head().node.id() == other.node() {
            true => ExitReason::NoProcess,
            false => ExitReason::NoConnection,
        };
        return signal::exit(me, other, reason, Via::Hand);
    };
    if !try_link(me, &process) {
        signal::exit(me, other, ExitReason::NoProcess, Via::Hand);
    }
}

/// Links two processes; false if `other` is ending and its exit will not come over a link either.
pub(crate) fn try_link(me: &Arc<dyn Process>, other: &Arc<dyn Process>) -> bool {
    let (mut mine, mut theirs) = lock_both(me.head(), other.head());
    if !theirs.is_alive() {
        // A link that it has made itself stands until its exit signal has come over it.
        let pid = other.head().pid;
        return mine
            .peek()
            .is_some_and(|more| more.links.contains_key(&pid));
    }
    mine.more().links.insert(other.head().pid, other.clone());
    theirs.more().links.insert(me.head().pid, me.clone());
    true
}

/// Links two processes unless one of them is ending; otherwise returns whether the link is new.
pub(crate) fn link_both(me: &Arc<dyn Process>, other: &Arc<dyn Process>) -> Option<bool> {
    if me.head().pid == other.head().pid {
        return me.head().ties.lock().is_alive().then_some(false);
    }
    let (mut mine, mut theirs) = lock_both(me.head(), other.head());
    if !mine.is_alive() || !theirs.is_alive() {
        return None;
    }
    theirs.more().links.insert(me.head().pid, me.clone());
    let former = mine.more().links.insert(other.head().pid, other.clone());
    Some(former.is_none())
}

/// Undoes a link from both sides, whether there is one or not.
pub(crate) fn unlink(me: &Arc<dyn Process>, other: Pid) {
    let linked = {
        let ties = me.head().ties.lock();
        ties.peek().and_then(|more| more.links.get(&other).cloned())
    };
    if let Some(process) = linked {
        let (mut mine, mut theirs) = lock_both(me.head(), process.head());
        mine.remove_link(other);
        theirs.remove_link(me.head().pid);
    }
}

/// Sets a monitor on a pid or on whoever has a name now.
pub(crate) fn monitor(me: &Arc<dyn Process>, target: Target) -> MonitorRef {
    let node = &me.head().node;
    let found = match &target {
        Target::Pid(pid) => node.find(*pid),
        Target::Name(name) => node.resolve(name),
    };
    let monitor = Node::next_monitor();
    match found {
        // Nobody is told of its own end. As in OTP, there is a reference and no monitor.
        Some(process) if process.head().pid == me.head().pid => {}
        Some(process) => monitor_process(me, &process, monitor, target),
        None => {
            let reason = match &target {
                Target::Pid(pid) if pid.node() != node.id() => ExitReason::NoConnection,
                _ => ExitReason::NoProcess,
            };
            me.push_signal(Signal::Down(Down {
                monitor,
                target,
                reason,
            }));
        }
    }
    monitor
}

/// Sets a monitor that has its reference already.
pub(crate) fn monitor_process(
    me: &Arc<dyn Process>,
    process: &Arc<dyn Process>,
    monitor: MonitorRef,
    target: Target,
) {
    // The watcher's side first: if the target ends right after it has been told of the watcher,
    // its DOWN finds the monitor there.
    me.head().ties.lock().more().monitors.insert(
        monitor,
        Monitored {
            process: process.clone(),
        },
    );
    let mut theirs = process.head().ties.lock();
    if theirs.is_alive() {
        theirs.more().watchers.insert(
            monitor,
            Watcher {
                process: me.clone(),
                target,
            },
        );
        return;
    }
    drop(theirs);
    down(me, monitor, target, ExitReason::NoProcess);
}

/// Removes a monitor; false if it has fired, is unknown, or is another process's.
pub(crate) fn demonitor(me: &Arc<dyn Process>, monitor: MonitorRef) -> bool {
    let Some(monitored) = me.head().ties.lock().remove_monitor(monitor) else {
        return false;
    };
    if let Some(more) = monitored.process.head().ties.lock().existing() {
        more.watchers.remove(&monitor);
    }
    true
}

/// Sends the DOWN of a monitor, unless the watcher has removed it.
pub(crate) fn down(
    watcher: &Arc<dyn Process>,
    monitor: MonitorRef,
    target: Target,
    reason: ExitReason,
) {
    let mut ties = watcher.head().ties.lock();
    if ties.remove_monitor(monitor).is_some() {
        // Still under the lock: a demonitor that comes now finds the DOWN in the mailbox.
        watcher.push_signal(Signal::Down(Down {
            monitor,
            target,
            reason,
        }));
    }
}

/// Registers a process under a name and notes it there, so that its end releases the name.
pub(crate) fn name(process: &Arc<dyn Process>, name: Name) -> Result<(), RegisterError> {
    let head = process.head();
    if name.is_empty() {
        return Err(RegisterError::Reserved);
    }
    if matches!(name, Name::Via(..)) {
        // A registry is the user's code: it runs under none of our locks.
        head.node.claim(&name, process)?;
        let mut ties = head.ties.lock();
        if ties.is_alive() {
            ties.more().names.push(name);
            return Ok(());
        }
        drop(ties);
        head.node.release(&name, head.pid);
        return Err(RegisterError::NoProcess { pid: head.pid });
    }
    let mut ties = head.ties.lock();
    if !ties.is_alive() {
        return Err(RegisterError::NoProcess { pid: head.pid });
    }
    // One local and one global name; a process may be found through any number of registries.
    let same_kind = |held: &&Name| mem::discriminant(*held) == mem::discriminant(&name);
    let held = ties
        .peek()
        .and_then(|more| more.names.iter().find(same_kind));
    if let Some(held) = held.filter(|held| **held != name) {
        let (pid, name) = (head.pid, held.clone());
        return Err(RegisterError::HasName { pid, name });
    }
    head.node.claim(&name, process)?;
    ties.more().names.push(name);
    Ok(())
}

/// Notes that a process has no longer these names, as their registry knows already.
pub(crate) fn forget_names(process: &Arc<dyn Process>, mut gone: impl FnMut(&Name) -> bool) {
    let mut ties = process.head().ties.lock();
    let Some(more) = ties.existing() else { return };
    let gone: Vec<Name> = more.names.extract_if(.., |name| gone(name)).collect();
    // A via name contains what is the user's, and is dropped under none of our locks.
    drop(ties);
    drop(gone);
}

/// Takes a name back; false if nobody has it.
pub(crate) fn unname(node: &Node, name: &Name) -> bool {
    let Some(process) = node.resolve(name) else {
        return false;
    };
    let mut ties = process.head().ties.lock();
    let Some(more) = ties.existing() else {
        return false;
    };
    let given_up: Vec<Name> = more.names.extract_if(.., |it| it == name).collect();
    // A registry is the user's code: it runs, and is dropped, under none of our locks.
    drop(ties);
    if given_up.is_empty() {
        return false;
    }
    process.head().note_unnamed();
    node.release(name, process.head().pid);
    true
}
