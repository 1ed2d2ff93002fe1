//! Links and monitors: how they are made and undone.

use std::mem;
use std::sync::Arc;

use super::signal::{self, Down, ExitOrigin, Signal};
use crate::address::Target;
use crate::address::error::RegisterError;
use crate::address::name::Name;
use crate::exit::ExitReason;
use crate::node::Node;
use crate::pid::{MonitorRef, Pid};
use crate::process::life::block::Process;
use crate::process::life::current;
use crate::process::life::ties::{Monitored, Watcher, with_both};
use crate::process::mailbox::queue;
use crate::util::panic;

/// Links `me` to `other`. To one that does not live it fails, as an error of the process that calls or, if that traps
/// exits or is not `me`, as an exit signal that comes back.
pub(crate) fn link(me: &Arc<dyn Process>, other: Pid) {
    let head = me.head();
    if head.pid == other {
        return;
    }
    let process = head.node.find_anywhere(other);
    if process.is_some_and(|process| try_link(me, &process)) {
        return;
    }
    let reason = head.node.absence(other.node());
    let is_me = current::with(|current| current.process.head().pid) == Some(head.pid);
    if reason == ExitReason::NoProcess && is_me && !head.traps_exits() {
        panic::try_unwind_with(reason.clone());
    }
    signal::exit(me, other, reason, ExitOrigin::Hand);
}

/// Links two processes; false if `other` is ending and its exit will not come over a link either.
pub(crate) fn try_link(me: &Arc<dyn Process>, other: &Arc<dyn Process>) -> bool {
    let (my_pid, pid) = (me.head().pid, other.head().pid);
    let (my_end, their_end) = (other.clone(), me.clone());
    let (linked, former) = with_both(me.head(), other.head(), |mine, theirs| {
        if me.head().is_buried() {
            // The mailbox has outlived the process: there is no receiver.
            return (true, [Some(my_end), Some(their_end)]);
        }
        if !theirs.is_alive() {
            // A link that it has made itself exists until its exit signal has come over it.
            let linked = mine.linked(pid).is_some();
            return (linked, [Some(my_end), Some(their_end)]);
        }
        let former = mine.insert_link(pid, my_end);
        (true, [former, theirs.insert_link(my_pid, their_end)])
    });
    // If the link existed already or was refused, both ends hold a value that has to be dropped.
    if former.iter().all(Option::is_none) {
        carry_link(my_pid, other);
    }
    linked
}

/// Makes the parent's end of a link with a process that has its own end and does not run yet. So an exit signal that ends the
/// new process at once comes over the link.
pub(crate) fn link_newborn(parent: &Arc<dyn Process>, child: Arc<dyn Process>) {
    let head = parent.head();
    let (parent_pid, pid) = (head.pid, child.head().pid);
    let refused = head.ties.with(|ties| match head.is_buried() {
        true => Some(child),
        false => ties.insert_link(pid, child),
    });
    if let Some(child) = refused {
        // The parent has ended, and this runs in its destructors: there is no receiver.
        drop(child.head().ties.with(|ties| ties.remove_link(parent_pid)));
    }
}

/// Reports a new link to the node of the other process, if that is another node.
fn carry_link(me: Pid, other: &Arc<dyn Process>) {
    if let Some(carrier) = other.carrier() {
        carrier.link(me, other.head().pid);
    }
}

/// Links two processes unless one of them is ending; otherwise returns whether the link is new.
pub(crate) fn link_both(me: &Arc<dyn Process>, other: &Arc<dyn Process>) -> Option<bool> {
    let (my_pid, pid) = (me.head().pid, other.head().pid);
    if my_pid == pid {
        return me.head().ties.with(|ties| ties.is_alive()).then_some(false);
    }
    let (my_end, their_end) = (other.clone(), me.clone());
    let (new, former) = with_both(me.head(), other.head(), |mine, theirs| {
        if !mine.is_alive() || !theirs.is_alive() {
            return (None, [Some(my_end), Some(their_end)]);
        }
        let former = mine.insert_link(pid, my_end);
        let new = former.is_none();
        (Some(new), [former, theirs.insert_link(my_pid, their_end)])
    });
    if former.iter().all(Option::is_none) {
        carry_link(my_pid, other);
    }
    new
}

/// Whether the current process is linked with this one.
pub(crate) fn is_linked(other: Pid) -> bool {
    current::try_process()
        .is_some_and(|me| me.head().ties.with(|ties| ties.linked(other).is_some()))
}

/// Undoes a link from both sides, whether there is one or not.
pub(crate) fn unlink(me: &Arc<dyn Process>, other: Pid) {
    let linked = me.head().ties.with(|ties| ties.linked(other).cloned());
    if let Some(process) = linked {
        unlink_from(&**me, &process);
    }
}

/// The same, for a known process.
pub(crate) fn unlink_from(me: &dyn Process, process: &Arc<dyn Process>) {
    let (my_pid, other) = (me.head().pid, process.head().pid);
    if my_pid == other {
        return;
    }
    let undone = with_both(me.head(), process.head(), |mine, theirs| {
        (mine.remove_link(other), theirs.remove_link(my_pid))
    });
    if let (Some(carrier), Some(_)) = (process.carrier(), &undone.0) {
        carrier.unlink(my_pid, other);
    }
}

/// Sets a monitor on a pid or on the process that has a name now.
pub(crate) fn monitor(me: &Arc<dyn Process>, target: Target) -> MonitorRef {
    let node = &me.head().node;
    let found = node.find_target(&target);
    let monitor = Node::next_monitor();
    match found {
        // A process gets no DOWN for its own end. As in OTP, there is a reference and no monitor.
        Some(process) if process.head().pid == me.head().pid => {}
        Some(process) => monitor_process(me, &process, monitor, target),
        None => {
            let reason = match &target {
                Target::Pid(pid) => node.absence(pid.node()),
                Target::Name(Name::Remote(name)) => node.absence(name.node),
                Target::Name(_) => ExitReason::NoProcess,
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
    // The watcher's side comes first: if the target ends directly after it has the watcher, its DOWN finds the monitor
    // there.
    let monitored = Monitored {
        process: process.clone(),
    };
    let head = me.head();
    let refused = head.ties.with(|ties| match head.is_buried() {
        true => Some(monitored),
        false => ties.more().monitors.insert(monitor, monitored),
    });
    if refused.is_some() {
        // The mailbox has outlived the process: there is no receiver.
        return;
    }
    let carried = process.carrier().map(|_| target.clone());
    let watcher = Watcher {
        process: me.clone(),
        target,
    };
    let refused = process.head().ties.with(|ties| {
        if !ties.is_alive() {
            return Some(watcher);
        }
        ties.more().watchers.insert(monitor, watcher)
    });
    match (refused, process.carrier(), carried) {
        (None, Some(carrier), Some(target)) => carrier.monitor(me.head().pid, &target, monitor),
        (Some(watcher), Some(_), _) => down(me, monitor, watcher.target, ExitReason::NoConnection),
        (Some(watcher), None, _) => down(me, monitor, watcher.target, ExitReason::NoProcess),
        (None, ..) => {}
    }
}

/// Removes a monitor; false if it has fired, is unknown, or is another process's.
pub(crate) fn demonitor(me: &Arc<dyn Process>, monitor: MonitorRef) -> bool {
    let removed = me.head().ties.with(|ties| ties.remove_monitor(monitor));
    let Some(Monitored { process }) = removed else {
        return false;
    };
    stop_watching(me.head().pid, &process, monitor);
    true
}

/// Takes a monitor from the process that is watched.
pub(crate) fn stop_watching(watcher: Pid, process: &Arc<dyn Process>, monitor: MonitorRef) {
    // The watcher's target is dropped after the critical section: a via name is the user's.
    let ties = &process.head().ties;
    let removed = ties.with(|ties| ties.remove_watcher(monitor));
    if let (Some(carrier), Some(removed)) = (process.carrier(), removed) {
        carrier.demonitor(watcher, &removed.target, monitor);
    }
}

/// Sends the DOWN of a monitor, unless the watcher has removed it.
pub(crate) fn down(
    watcher: &Arc<dyn Process>,
    monitor: MonitorRef,
    target: Target,
    reason: ExitReason,
) {
    if let Some(carrier) = watcher.carrier() {
        let ties = &watcher.head().ties;
        if ties.with(|ties| ties.remove_monitor(monitor)).is_some() {
            carrier.down(&target, watcher.head().pid, monitor, &reason);
        }
        return;
    }
    let down = Signal::Down(Down {
        monitor,
        target,
        reason,
    });
    let (told, _monitored) = watcher.head().ties.with(|ties| {
        let monitored = ties.remove_monitor(monitor);
        let told = match &monitored {
            // In the critical section: a demonitor that comes now finds the DOWN in the mailbox.
            Some(_) => watcher.append_signal(down),
            None => Err(down),
        };
        (told, monitored)
    });
    queue::wake(told.unwrap_or_default());
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
        let refused = head.ties.with(|ties| {
            if !ties.is_alive() {
                return Some(name);
            }
            ties.add_name(name);
            None
        });
        let Some(name) = refused else { return Ok(()) };
        head.node.release(&name, head.pid);
        return Err(RegisterError::NoProcess { pid: head.pid });
    }
    // Local and global names are text: nothing in this critical section is the user's.
    head.ties.with(|ties| {
        if !ties.is_alive() {
            return Err(RegisterError::NoProcess { pid: head.pid });
        }
        // One local and one global name; a process may be found through any number of registries.
        let same_kind = |held: &&Name| mem::discriminant(*held) == mem::discriminant(&name);
        let held = ties.names().find(same_kind);
        if let Some(held) = held.filter(|held| **held != name) {
            let (pid, name) = (head.pid, held.clone());
            return Err(RegisterError::HasName { pid, name });
        }
        head.node.claim(&name, process)?;
        ties.add_name(name);
        Ok(())
    })
}

/// Notes that a process has no longer these names, as their registry knows already.
pub(crate) fn forget_names(process: &Arc<dyn Process>, gone: impl FnMut(&Name) -> bool) {
    drop(take_names(process, gone));
}

/// Takes names away from a process and returns those that were still there.
///
/// A via name contains values of the user's. So the names are compared outside of the critical section, and found by
/// identity inside of it.
fn take_names(process: &Arc<dyn Process>, mut wanted: impl FnMut(&Name) -> bool) -> Vec<Name> {
    let ties = &process.head().ties;
    let mut found = ties.with(|ties| Vec::from_iter(ties.names().cloned()));
    found.retain(|name| wanted(name));
    if found.is_empty() {
        return found;
    }
    ties.with(|ties| {
        let is_found = |name: &Name| found.iter().any(|it| it.is_same_value(name));
        ties.extract_names(is_found)
    })
}

/// Takes a name back; false if no process has it.
pub(crate) fn unname(node: &Node, name: &Name) -> bool {
    let Some(process) = node.resolve(name) else {
        return false;
    };
    let given_up = take_names(&process, |held| held == name);
    if given_up.is_empty() {
        return false;
    }
    process.head().note_unnamed();
    node.release(name, process.head().pid);
    true
}
