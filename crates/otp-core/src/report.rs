//! Error reports: the events that are written when a process fails.
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
//! | `gen_event` | error | an event manager has removed a handler that failed |
//! | `crash` | error | after `gen_server`; also, alone, when `init` failed |
//! | `unexpected` | warn | a server, or an event handler, without `handle_info` got a message |
//! | `mailbox` | info, warn or error | a mailbox is [full](crate::MailboxLimit); info, if that ends its process, error, if that kills it |
//! | `long_schedule` | warn | a process [keeps its thread](crate::Node::monitor_long_schedule) |
//! | `supervisor` | error | a child ended, did not start or did not stop as it should; `context` says which |
//! | `progress` | info | a supervisor has started a child; debug, if it was asked to |
//! | `application` | info or error | an application has ended; error, if it failed or takes all others along |
//!
//! Supervisor and progress reports, which an Elixir console hides as well, have the target [`SUPERVISOR_TARGET`]. The
//! events of a [traced](crate::sys::trace) server have the target [`TRACE_TARGET`], the kind `trace` and the level
//! info.
//!
//! # Fields
//!
//! Programs may rely on the fields. A field without a value is left out. Every report has `kind` and `message`; besides
//! these:
//!
//! | `kind` | fields |
//! |---|---|
//! | `process` | `pid` `initial_call` `label` `reason` |
//! | `gen_server` | `server` `server_type` `label` `pid` `reason` `last_message` `state` `client` `log` `queue` `postponed` `timeouts` `queue_len` |
//! | `gen_event` | `handler` `server` `label` `pid` `reason` `last_message` `state` |
//! | `crash` | `pid` `initial_call` `label` `names` `reason` `ancestors` `links` `neighbours` `trap_exit` `status` `queue_len` |
//! | `unexpected` | `server` `server_type` `label` `pid` |
//! | `mailbox` | `pid` `initial_call` `label` `messages` |
//! | `long_schedule` | `pid` `initial_call` `label` `time` |
//! | `supervisor` | `context` `supervisor` `reason` `child` `pid` `start` `restart` `shutdown` `child_type` |
//! | `progress` | `supervisor` `child` `pid` `start` `restart` `shutdown` `child_type` |
//! | `application` | `application` `callback` `reason` |
//! | `trace` | `server` `server_type` `label` `event` `pid` `content` `client` `state` |
//!
//! | field | what it is |
//! |---|---|
//! | `pid` | the process that the report is about; in `supervisor` and `progress` the child, or what it was before a restart that failed |
//! | `server` | the server's name, or its pid if it has none; in `unexpected` its type |
//! | `server_type`, `initial_call` | the Rust type of the server, or of what the process was started to run |
//! | `handler` | the id of a handler of an event manager |
//! | `label` | what [`set_label`](crate::process::set_label) has said |
//! | `names` | the names under which the process is registered |
//! | `reason` | why the process ended, or did not start; an error is followed by its causes |
//! | `last_message`, `state`, `log` | what [`format_message`](crate::GenServer::format_message) and [`format_status`](crate::GenServer::format_status) show of them, and the last events of a server that [keeps them](crate::sys::log) |
//! | `queue`, `postponed`, `timeouts` | of a [state machine](crate::StateMachine): the events inside, those that it has postponed, its time-outs |
//! | `client` | the process that waits for the answer to a call: in `gen_server` with the words "is alive", "is dead", or "is remote" |
//! | `queue_len`, `messages` | how many messages wait |
//! | `ancestors`, `links` | the starters of the process, the nearest first; its links |
//! | `neighbours` | those among the links who do not trap exits and end, too |
//! | `trap_exit`, `status` | whether it traps exits; what it is doing |
//! | `time` | how long it has been running |
//! | `context` | `child_terminated`, `start_error`, `shutdown_error` or `shutdown` (there were too many restarts) |
//! | `supervisor` | the supervisor's name, or its pid and type |
//! | `child` | the child's id; `undefined` under a dynamic supervisor |
//! | `start`, `restart`, `shutdown`, `child_type` | from the child's [specification](crate::ChildSpec) |
//! | `application`, `callback` | the application's name; which of its callbacks has failed |
//! | `event`, `content` | `in`, `out`, `noreply` or `continue`; the message |
//!
//! A value whose `Debug` or `Display` panics is replaced by a note; the rest of the report, and the exit reason, stay as
//! they are.
//!
//! # Filters, and the panic hook
//!
//! A subscriber with a filter by target gets reports only if the filter admits these targets. `myapp=info` does not.
//! With the filter of `tracing-subscriber`:
//!
//! | filter | what is heard |
//! |---|---|
//! | `myapp=info,otp_core=warn` | all that fails |
//! | `myapp=info,otp_core::report=warn` | as on an Elixir console: not failed `init`s, nor what supervisors report |
//! | `myapp=info,otp_core=info` | also what supervisors start |
//!
//! The first node of a program puts a panic hook in front of the present one. For a panic inside a process it calls the
//! former hook only if no report will follow: it asks the current subscriber of the thread whether it wants the target
//! and level of the report. So with a filter that does not admit the report, or without any subscriber, the panic is
//! printed as usual. The former hook also runs for panics without a report: outside of processes, in destructors while
//! a process ends, in code that makes or receives a report. A panic that the process's own code catches is not
//! reported, and runs the former hook only if no subscriber wants reports. [`PanicHook`] changes the rule.
//!
//! A hook that the program sets later replaces this one and runs for every panic. If it does not call the one before it,
//! exit reasons do not know where a panic happened.
//!
//! The hook asks the subscriber before the stack unwinds. A subscriber's `enabled` must not panic there: Rust ends the
//! program if a panic hook does.
//!
//! # Differences from OTP
//!
//! `start_error` and `shutdown` name the process that the child was as `pid`, where OTP has `{restarting, Pid}` after a
//! second attempt.

pub(crate) mod application;
mod hook;
pub(crate) mod supervisor;

use std::fmt::Write as _;

use crate::exit::PanicInfo;
use crate::util::panic;

pub use hook::PanicHook;

/// The target of the events that are reports.
pub const TARGET: &str = "otp_core::report";

/// The target of process crash reports.
pub const CRASH_TARGET: &str = "otp_core::crash";

/// The target of the reports of supervisors.
pub const SUPERVISOR_TARGET: &str = "otp_core::supervisor";

/// The target of the events of traced servers.
pub const TRACE_TARGET: &str = "otp_core::trace";

/// The target of the [spans of processes](crate::guide::spans).
#[cfg(feature = "spans")]
pub const SPAN_TARGET: &str = "otp_core::span";

pub(crate) fn write_backtrace(text: &mut String, info: &PanicInfo) {
    if let Some(backtrace) = &info.backtrace {
        write_line(text, format_args!("\n{}", backtrace.trim_end()));
    }
}

pub(crate) fn write_label(text: &mut String, label: Option<&str>) {
    if let Some(label) = label {
        write_line(text, format_args!("\nProcess Label: {label}"));
    }
}

pub(crate) fn write_line(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line)
        .expect("writing to a string does not fail");
}

/// Whether a subscriber wants reports. A report takes longer to write than a server takes to start again, and without a
/// subscriber it would be lost. A subscriber that panics over the question counts as one that wants them.
pub(crate) fn is_heard(enabled: impl FnOnce() -> bool) -> bool {
    let mut heard = true;
    panic::run_quietly(|| heard = enabled());
    heard
}

/// A subscriber is the program's code: it must not take a dying process's report down with it.
pub(crate) fn emit(event: impl FnOnce()) {
    panic::run_quietly(event);
}
