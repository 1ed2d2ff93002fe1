//! Reports of processes: panics and crashes, mailboxes that are full, and processes that keep their thread.

use std::time::Duration;

use super::info::{ProcessInfo, snapshot};
use crate::address::name::Name;
use crate::exit::{ExitReason, PanicInfo};
use crate::pid::Pid;
use crate::process::life::block::{Head, Process};
use crate::process::mailbox::limit::{Full, MailboxLimit};
use crate::report::{
    CRASH_TARGET, TARGET, emit, is_heard, write_backtrace, write_label, write_line,
};
use crate::util::panic;

/// A raw process panicked.
pub(crate) fn process_panicked(head: &Head, info: &PanicInfo) {
    if !is_heard(|| tracing::enabled!(target: TARGET, tracing::Level::ERROR)) {
        return;
    }
    let mut text = format!("Process {} terminating\n** {info}", head.pid);
    write_backtrace(&mut text, info);
    let label = label(head);
    write_label(&mut text, label.as_deref());
    emit(|| {
        tracing::error!(
            target: TARGET,
            kind = "process",
            pid = %head.pid,
            initial_call = (head.initial_call)(),
            label,
            reason = %info,
            "{text}"
        );
    });
}

/// A process blocks its thread.
pub(crate) fn long_schedule(head: &Head, time: Duration) {
    let (pid, initial_call) = (head.pid, (head.initial_call)());
    let label = label(head);
    emit(|| {
        tracing::warn!(
            target: TARGET,
            kind = "long_schedule",
            pid = %pid,
            initial_call,
            label,
            time = ?time,
            "Process {pid} ({initial_call}) has been running for {time:?} without an await that waits"
        );
    });
}

/// A mailbox cannot take more.
pub(crate) fn mailbox_full(head: &Head, limit: MailboxLimit) {
    let (pid, messages) = (head.pid, limit.messages);
    let initial_call = (head.initial_call)();
    let label = label(head);
    emit(|| match limit.full {
        Full::Refuse => tracing::warn!(
            target: TARGET,
            kind = "mailbox",
            pid = %pid,
            initial_call,
            label,
            messages,
            "The mailbox of {pid} is full with {messages} messages; more are refused"
        ),
        Full::DropNewest => tracing::warn!(
            target: TARGET,
            kind = "mailbox",
            pid = %pid,
            initial_call,
            label,
            messages,
            "The mailbox of {pid} is full with {messages} messages; more are dropped"
        ),
        Full::DropOldest => tracing::warn!(
            target: TARGET,
            kind = "mailbox",
            pid = %pid,
            initial_call,
            label,
            messages,
            "The mailbox of {pid} is full with {messages} messages; the oldest is dropped for each that comes"
        ),
        Full::End => tracing::info!(
            target: TARGET,
            kind = "mailbox",
            pid = %pid,
            initial_call,
            label,
            messages,
            "The mailbox of {pid} is full with {messages} messages, which ends it"
        ),
        Full::Kill => tracing::error!(
            target: TARGET,
            kind = "mailbox",
            pid = %pid,
            initial_call,
            label,
            messages,
            "The mailbox of {pid} is full with {messages} messages, which kills it"
        ),
    });
}

/// A server has failed.
pub(crate) fn crash(process: &dyn Process, reason: &ExitReason) {
    if !is_heard(|| tracing::enabled!(target: CRASH_TARGET, tracing::Level::ERROR)) {
        return;
    }
    let info = snapshot(process);
    let neighbours = neighbours(process, &info);
    let reason = panic::quietly(|| format!("{reason:#}"));
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

/// The label of a process.
pub(crate) fn label(head: &Head) -> Option<String> {
    head.ties.with(|ties| ties.peek()?.label.clone())
}
