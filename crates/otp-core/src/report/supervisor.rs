//! Reports of supervisors: which child has ended, did not start or did not stop as it should, and, when
//! all goes well, which has started.

use std::fmt::Display;

use super::{SUPERVISOR_TARGET, emit, is_heard, write_line};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::util::panic;

/// An event of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorContext {
    /// It has ended by itself.
    ChildTerminated,
    /// It did not start.
    StartError,
    /// It was stopped, and has ended for another reason.
    ShutdownError,
}

impl ErrorContext {
    fn name(self) -> &'static str {
        match self {
            Self::ChildTerminated => "child_terminated",
            Self::StartError => "start_error",
            Self::ShutdownError => "shutdown_error",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::ChildTerminated => "terminated",
            Self::StartError => "failed to start",
            Self::ShutdownError => "shut down abnormally",
        }
    }
}

/// The child that a report is about, and its supervisor.
pub(crate) struct Offender<'a> {
    pub(crate) supervisor: &'a str,
    /// Children of a dynamic supervisor have none.
    pub(crate) id: Option<&'a dyn Display>,
    pub(crate) pid: Option<Pid>,
    pub(crate) start: &'static str,
    pub(crate) restart: String,
    pub(crate) shutdown: String,
    pub(crate) child_type: String,
}

/// Reports that a child has ended, or did not start or stop as it should.
pub(crate) fn trouble<'a>(
    context: ErrorContext,
    offender: impl FnOnce() -> Offender<'a>,
    reason: &ExitReason,
) {
    if are_errors_heard() {
        let reason = panic::quietly(|| format!("{reason:#}"));
        error(context.name(), context.words(), &offender(), &reason);
    }
}

/// There were too many restarts, this child had the last one, and the supervisor gives up.
pub(crate) fn limit<'a>(offender: impl FnOnce() -> Offender<'a>) {
    if are_errors_heard() {
        let reason = "reached_max_restart_intensity";
        error("shutdown", "caused shutdown", &offender(), reason);
    }
}

/// A child has started: at a supervisor's own initiative, or because it was asked to.
pub(crate) fn progress<'a>(offender: impl FnOnce() -> Offender<'a>, by_hand: bool) {
    // Most programs do not subscribe to this report, and thousands of children may start.
    let heard = is_heard(|| match by_hand {
        true => tracing::enabled!(target: SUPERVISOR_TARGET, tracing::Level::DEBUG),
        false => tracing::enabled!(target: SUPERVISOR_TARGET, tracing::Level::INFO),
    });
    if !heard {
        return;
    }
    let offender = &offender();
    let Offender {
        supervisor,
        start,
        restart,
        shutdown,
        child_type,
        ..
    } = offender;
    let child = child(offender);
    let pid = offender.pid.map(|pid| pid.to_string());
    let text = text("started", None, offender, &child);
    emit(|| {
        if by_hand {
            tracing::debug!(
                target: SUPERVISOR_TARGET,
                kind = "progress",
                supervisor,
                child,
                pid,
                start,
                restart,
                shutdown,
                child_type,
                "{text}"
            );
        } else {
            tracing::info!(
                target: SUPERVISOR_TARGET,
                kind = "progress",
                supervisor,
                child,
                pid,
                start,
                restart,
                shutdown,
                child_type,
                "{text}"
            );
        }
    });
}

fn are_errors_heard() -> bool {
    is_heard(|| tracing::enabled!(target: SUPERVISOR_TARGET, tracing::Level::ERROR))
}

fn error(context: &'static str, words: &str, offender: &Offender<'_>, reason: &str) {
    let Offender {
        supervisor,
        start,
        restart,
        shutdown,
        child_type,
        ..
    } = offender;
    let child = child(offender);
    let pid = offender.pid.map(|pid| pid.to_string());
    let text = text(words, Some(reason), offender, &child);
    emit(|| {
        tracing::error!(
            target: SUPERVISOR_TARGET,
            kind = "supervisor",
            context,
            supervisor,
            reason,
            child,
            pid,
            start,
            restart,
            shutdown,
            child_type,
            "{text}"
        );
    });
}

/// The child's id, which may be a value of the user's.
fn child(offender: &Offender<'_>) -> String {
    match offender.id {
        Some(id) => panic::quietly(|| id.to_string()),
        None => "undefined".to_owned(),
    }
}

fn text(words: &str, reason: Option<&str>, offender: &Offender<'_>, child: &str) -> String {
    let mut text = format!(
        "Child {child} of Supervisor {} {words}",
        offender.supervisor
    );
    if let Some(reason) = reason {
        write_line(&mut text, format_args!("\n** (exit) {reason}"));
    }
    if let Some(pid) = offender.pid {
        write_line(&mut text, format_args!("\nPid: {pid}"));
    }
    write_line(&mut text, format_args!("\nStart Call: {}", offender.start));
    write_line(&mut text, format_args!("\nRestart: {}", offender.restart));
    write_line(&mut text, format_args!("\nShutdown: {}", offender.shutdown));
    write_line(&mut text, format_args!("\nType: {}", offender.child_type));
    text
}
