//! Error reports: what the world is told when a process fails.
//!
//! Reports are `tracing` events with the target [`TARGET`], or [`CRASH_TARGET`] for the process
//! crash report that follows a server's own report (the one that an Elixir console hides unless
//! asked for it). Each carries its facts as fields and, as its message, a text for a reader in a
//! form close to Elixir's. Orderly ends, and processes ended by a signal, are not reported.
//!
//! | `kind` | level | when |
//! |---|---|---|
//! | `process` | error | a raw process panicked |
//! | `gen_server` | error | a server ended abnormally: by a stop, an error or a panic |
//! | `crash` | error | after `gen_server`; also, alone, when `init` failed |
//! | `unexpected` | warn | a server without `handle_info` got a message |
//! | `mailbox` | warn or error | a mailbox is [full](crate::MailboxLimit); error, if that kills its process |
//! | `long_schedule` | warn | a process [keeps its thread](crate::Node::monitor_long_schedule) |
//! | `supervisor` | error | a child ended, did not start or did not stop as it should; `context` says which |
//! | `progress` | info | a supervisor has started a child; debug, if it was asked to |
//! | `application` | info or error | an application has ended; error, if it failed or takes all others along |
//!
//! Supervisor and progress reports, which an Elixir console hides as well, have the target [`SUPERVISOR_TARGET`]. What
//! a [traced](crate::sys::trace) server does has the target [`TRACE_TARGET`], the kind `trace` and the level info.

pub(crate) mod application;
pub(crate) mod supervisor;
pub(crate) mod trace;

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::exit::{ExitReason, PanicInfo};
use crate::gen_server::debug::event::SysEvent;
use crate::gen_server::{Client, Context, GenServer, Status};
use crate::pid::Pid;
use crate::process::block::{Head, Process};
use crate::process::limit::{Full, MailboxLimit};
use crate::process::{ProcessInfo, panic, snapshot};

/// The target of the events that are reports.
pub const TARGET: &str = "otp_core::report";

/// The target of process crash reports.
pub const CRASH_TARGET: &str = "otp_core::crash";

/// The target of the reports of supervisors.
pub const SUPERVISOR_TARGET: &str = "otp_core::supervisor";

/// The target of what traced servers do.
pub const TRACE_TARGET: &str = "otp_core::trace";

/// The message that a server was handling, for its report; its text stands elsewhere.
#[derive(Default)]
pub(crate) struct Last {
    pub(crate) kind: LastKind,
    pub(crate) client: Option<Client>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastKind {
    /// Nothing: the server was told to stop.
    #[default]
    None,
    Call,
    Cast,
    Info,
    Continue,
}

/// A raw process panicked.
pub(crate) fn process_panicked(head: &Head, info: &PanicInfo) {
    let mut text = format!("Process {} terminating\n** {info}", head.pid);
    write_backtrace(&mut text, info);
    emit(|| {
        tracing::error!(
            target: TARGET,
            kind = "process",
            pid = %head.pid,
            reason = %info,
            "{text}"
        );
    });
}

/// A process does not let go of its thread.
pub(crate) fn long_schedule(head: &Head, time: Duration) {
    let (pid, initial_call) = (head.pid, (head.initial_call)());
    emit(|| {
        tracing::warn!(
            target: TARGET,
            kind = "long_schedule",
            pid = %pid,
            initial_call,
            time = ?time,
            "Process {pid} ({initial_call}) has been running for {time:?} without an await that waits"
        );
    });
}

/// A mailbox cannot take more.
pub(crate) fn mailbox_full(head: &Head, limit: MailboxLimit) {
    let (pid, messages) = (head.pid, limit.messages);
    emit(|| match limit.full {
        Full::Refuse => tracing::warn!(
            target: TARGET,
            kind = "mailbox",
            pid = %pid,
            messages,
            "The mailbox of {pid} is full with {messages} messages; more are refused"
        ),
        Full::DropNewest => tracing::warn!(
            target: TARGET,
            kind = "mailbox",
            pid = %pid,
            messages,
            "The mailbox of {pid} is full with {messages} messages; more are dropped"
        ),
        Full::DropOldest => tracing::warn!(
            target: TARGET,
            kind = "mailbox",
            pid = %pid,
            messages,
            "The mailbox of {pid} is full with {messages} messages; the oldest is dropped for each that comes"
        ),
        Full::Kill => tracing::error!(
            target: TARGET,
            kind = "mailbox",
            pid = %pid,
            messages,
            "The mailbox of {pid} is full with {messages} messages, which kills it"
        ),
    });
}

/// A server's init failed.
pub(crate) fn init_failed<S: GenServer>(context: &Context<S>, reason: &ExitReason) {
    if reason.is_abnormal() {
        crash(&**context.block(), reason);
    }
}

/// A server ended through its own code.
pub(crate) fn server_terminated<S: GenServer>(
    context: &Context<S>,
    state: &S,
    reason: &ExitReason,
) {
    let is_heard = || {
        is_heard(|| tracing::enabled!(target: TARGET, tracing::Level::ERROR))
            || is_heard(|| tracing::enabled!(target: CRASH_TARGET, tracing::Level::ERROR))
    };
    if !reason.is_abnormal() || !is_heard() {
        return;
    }
    let block = context.block();
    let info = snapshot(&**block);
    let server = context.shown_name();
    let client = context
        .client()
        .map(|pid| match block.head.node.is_alive(pid) {
            true => format!("{pid} is alive"),
            false => format!("{pid} is dead"),
        });
    let kind = context.last.kind;
    let message = context.last_message().map(str::to_owned);
    let status = format_status(state, reason, message, context.log());
    let reason = panic::quietly(|| status.reason.to_string());
    let text = server_text(&server, kind, &status, &reason, client.as_deref());
    emit(|| {
        tracing::error!(
            target: TARGET,
            kind = "gen_server",
            server,
            pid = %info.pid,
            reason,
            last_message = status.message,
            state = status.state,
            client,
            log = (!status.log.is_empty()).then(|| tracing::field::debug(&status.log)),
            queue_len = info.message_queue_len,
            "{text}"
        );
    });
    crash(&**block, &status.reason);
}

/// A server without a `handle_info` got a message, which is dropped.
pub(crate) fn unexpected_info<S: GenServer>(context: &Context<S>, what: &str) {
    let server = std::any::type_name::<S>();
    emit(|| {
        tracing::warn!(
            target: TARGET,
            kind = "unexpected",
            server,
            pid = %context.pid(),
            "{server} {} received an unexpected message in handle_info: {what}",
            context.pid()
        );
    });
}

/// What the server wants shown. A `format_status` that fails must not break the report, and what it
/// was to hide is not shown then.
pub(crate) fn format_status<S: GenServer>(
    state: &S,
    reason: &ExitReason,
    message: Option<String>,
    log: Vec<SysEvent>,
) -> Status {
    let status = Status {
        state: None,
        message,
        log,
        reason: reason.clone(),
    };
    let formatted = catch_unwind(AssertUnwindSafe(|| {
        let mut status = status;
        state.format_status(&mut status);
        status
    }));
    formatted.unwrap_or_else(|payload| {
        let _ = panic::reason(payload);
        let hidden = || Some("not shown: format_status panicked".to_owned());
        Status {
            state: hidden(),
            message: hidden(),
            log: Vec::new(),
            reason: reason.clone(),
        }
    })
}

fn server_text(
    server: &str,
    kind: LastKind,
    status: &Status,
    reason: &str,
    client: Option<&str>,
) -> String {
    let mut text = format!("GenServer {server} terminating\n** ");
    match &status.reason {
        ExitReason::Panic(info) => {
            text.push_str(reason);
            write_backtrace(&mut text, info);
        }
        _ => write_line(&mut text, format_args!("(stop) {reason}")),
    }
    let kind = match kind {
        LastKind::Cast => " (cast)",
        LastKind::Call => " (call)",
        LastKind::Continue => " (continue)",
        LastKind::Info | LastKind::None => "",
    };
    match &status.message {
        Some(message) => write_line(&mut text, format_args!("\nLast message{kind}: {message}")),
        None if kind.is_empty() => {}
        None => write_line(&mut text, format_args!("\nLast message{kind}")),
    }
    if let Some(state) = &status.state {
        write_line(&mut text, format_args!("\nState: {state}"));
    }
    if let Some(client) = client {
        write_line(&mut text, format_args!("\nClient {client}"));
    }
    if !status.log.is_empty() {
        text.push_str("\nLog:");
    }
    for event in &status.log {
        write_line(&mut text, format_args!("\n    {event}"));
    }
    text
}

/// The process crash report.
fn crash(process: &dyn Process, reason: &ExitReason) {
    if !is_heard(|| tracing::enabled!(target: CRASH_TARGET, tracing::Level::ERROR)) {
        return;
    }
    let info = snapshot(process);
    let neighbours = neighbours(process, &info);
    let reason = panic::quietly(|| reason.to_string());
    let text = crash_text(&info, &reason, &neighbours);
    emit(|| {
        tracing::error!(
            target: CRASH_TARGET,
            kind = "crash",
            pid = %info.pid,
            initial_call = info.initial_call,
            names = ?info.names,
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

/// The linked processes that the crash takes along.
fn neighbours(process: &dyn Process, info: &ProcessInfo) -> Vec<Pid> {
    let node = &process.head().node;
    let dies_too = |pid: &&Pid| {
        node.find(**pid)
            .is_some_and(|other| !other.head().traps_exits())
    };
    info.links.iter().filter(dies_too).copied().collect()
}

fn crash_text(info: &ProcessInfo, reason: &str, neighbours: &[Pid]) -> String {
    let mut text = format!("Process {} terminating\n** {reason}", info.pid);
    write_line(
        &mut text,
        format_args!("\nInitial call: {}", info.initial_call),
    );
    if !info.names.is_empty() {
        write_line(
            &mut text,
            format_args!("\nRegistered names: {:?}", info.names),
        );
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

fn write_backtrace(text: &mut String, info: &PanicInfo) {
    if let Some(backtrace) = &info.backtrace {
        write_line(text, format_args!("\n{}", backtrace.trim_end()));
    }
}

fn write_line(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line)
        .expect("writing to a string does not fail");
}

/// Whether anybody listens. A report takes longer to write than a server takes to start again, and where nobody has
/// installed a subscriber nobody would read it. A subscriber that fails to say is taken to listen.
fn is_heard(enabled: impl FnOnce() -> bool) -> bool {
    let mut heard = true;
    panic::run_quietly(|| heard = enabled());
    heard
}

/// A subscriber is the program's code: it must not take a dying process's report down with it.
fn emit(event: impl FnOnce()) {
    panic::run_quietly(event);
}
