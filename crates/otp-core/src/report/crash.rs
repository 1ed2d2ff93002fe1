//! Process crash reports.

use super::{CRASH_TARGET, emit, is_heard, write_label, write_line};
use crate::exit::ExitReason;
use crate::name::Name;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::{ProcessInfo, panic, snapshot};

/// A server has failed.
pub(super) fn crash(process: &dyn Process, reason: &ExitReason) {
    if !is_heard(|| tracing::enabled!(target: CRASH_TARGET, tracing::Level::ERROR)) {
        return;
    }
    let info = snapshot(process);
    let neighbours = neighbours(process, &info);
    let reason = panic::quietly(|| reason.to_string());
    let names = shown(&info.names);
    let text = text(&info, &names, &reason, &neighbours);
    emit(|| {
        tracing::error!(
            target: CRASH_TARGET,
            kind = "crash",
            pid = %info.pid,
            initial_call = info.initial_call,
            label = info.label,
            names = format!("[{}]", names.join(", ")),
            reason,
            ancestors = ?info.ancestors,
            links = ?info.links,
            neighbours = ?neighbours,
            trap_exit = info.trap_exit,
            status = ?info.status,
            queue_len = info.message_queue_len,
            "{text}"
        );
    });
}

/// The names, each on its own: a key of the user's type may fail to show itself.
fn shown(names: &[Name]) -> Vec<String> {
    let shown = |name| panic::quietly(|| format!("{name:?}"));
    names.iter().map(shown).collect()
}

/// The linked processes that the crash takes along.
fn neighbours(process: &dyn Process, info: &ProcessInfo) -> Vec<Pid> {
    let node = &process.head().node;
    let dies_too = |pid: &&Pid| {
        node.find(**pid)
            .is_some_and(|other| !other.head().traps_exits())
    };
    info.links.iter().filter(dies_too).copied().collect()
}

fn text(info: &ProcessInfo, names: &[String], reason: &str, neighbours: &[Pid]) -> String {
    let mut text = format!("Process {} terminating\n** {reason}", info.pid);
    write_line(
        &mut text,
        format_args!("\nInitial call: {}", info.initial_call),
    );
    write_label(&mut text, info.label.as_deref());
    if !names.is_empty() {
        let names = names.join(", ");
        write_line(&mut text, format_args!("\nRegistered names: [{names}]"));
    }
    write_line(&mut text, format_args!("\nAncestors: {:?}", info.ancestors));
    write_line(
        &mut text,
        format_args!("\nMessage queue length: {}", info.message_queue_len),
    );
    write_line(
        &mut text,
        format_args!("\nTrapping exits: {}", info.trap_exit),
    );
    write_line(&mut text, format_args!("\nStatus: {:?}", info.status));
    write_line(&mut text, format_args!("\nLinks: {:?}", info.links));
    write_line(&mut text, format_args!("\nNeighbours: {neighbours:?}"));
    text
}
