//! Reports of servers: a server that has failed, with the message that it was handling, and a message that a server
//! does not handle.

use crate::exit::ExitReason;
use crate::gen_server::{Client, Context, GenServer, Status};
use crate::process::panic::{self, Told};
use crate::process::report::{crash, label};
use crate::process::snapshot;
use crate::report::{
    CRASH_TARGET, TARGET, emit, is_heard, write_backtrace, write_label, write_line,
};
use crate::sys::event::SysEvent;

/// The message that a server was handling, for its report. Its text is stored elsewhere.
#[derive(Default)]
pub(crate) struct LastMessage {
    pub(crate) kind: LastKind,
    pub(crate) client: Option<Client>,
}

impl LastMessage {
    pub(crate) fn new(kind: LastKind, client: Option<Client>) -> Self {
        Self { kind, client }
    }
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastKind {
    /// None: the server was asked to stop.
    #[default]
    None,
    Call,
    Cast,
    Info,
    Continue,
    /// An event of a state machine that it had inserted or postponed.
    Inside,
    /// A time-out of a state machine.
    Timeout,
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
        is_heard(|| {
            tracing::enabled!(target: TARGET, tracing::Level::ERROR)
                || tracing::enabled!(target: CRASH_TARGET, tracing::Level::ERROR)
        })
    };
    if !reason.is_abnormal() || !is_heard() {
        return;
    }
    let message = context.last_message().map(str::to_owned);
    let status = format_status(state, reason, message, context.log());
    terminated(context, &status);
    crash(&**context.block(), &status.reason);
    // The reason may be another one than that of the end, and then this is where it is dropped.
    panic::run_quietly(|| drop(status));
}

fn terminated<S: GenServer>(context: &Context<S>, status: &Status) {
    let block = context.block();
    let info = snapshot(&**block);
    let server = panic::quietly(|| context.shown_name());
    let client = context
        .client()
        .map(|pid| match block.head.node.is_alive(pid) {
            true => format!("{pid} is alive"),
            false if pid.node() != context.pid().node() => format!("{pid} is remote"),
            false => format!("{pid} is dead"),
        });
    let reason = panic::quietly(|| format!("{:#}", status.reason));
    let behaviour = S::behaviour();
    let report = ServerReport {
        title: behaviour.title,
        server: &server,
        label: info.label.as_deref(),
        kind: context.last.kind,
        reason: &reason,
        client: client.as_deref(),
    };
    let text = report.text(status);
    emit(|| {
        tracing::error!(
            target: TARGET,
            kind = behaviour.kind,
            server,
            server_type = behaviour.server_type,
            label = info.label,
            pid = %info.pid,
            reason,
            last_message = status.message,
            state = status.state,
            client,
            log = (!status.log.is_empty()).then(|| tracing::field::debug(&status.log)),
            queue = shown(&status.queue),
            postponed = shown(&status.postponed),
            timeouts = shown(&status.timeouts),
            queue_len = info.message_queue_len,
            "{text}"
        );
    });
    panic::run_quietly(|| drop(info));
}

/// A server without a `handle_info` got a message, which is dropped.
pub(crate) fn unexpected_info<S: GenServer>(context: &Context<S>, what: &str) {
    let server = S::behaviour().server_type;
    let label = label(&context.block().head);
    emit(|| {
        tracing::warn!(
            target: TARGET,
            kind = "unexpected",
            server,
            server_type = server,
            label,
            pid = %context.pid(),
            "{server} {} received an unexpected message in handle_info: {what}",
            context.pid()
        );
    });
}

/// The server's texts for a report. A `format_status` that fails must not break the report, and the values that it
/// hides are not shown in this case either.
pub(crate) fn format_status<S: GenServer>(
    state: &S,
    reason: &ExitReason,
    message: Option<String>,
    log: Vec<SysEvent>,
) -> Status {
    let status = Status {
        state: None,
        heap_size: None,
        message,
        log,
        reason: reason.clone(),
        queue: Vec::new(),
        postponed: Vec::new(),
        timeouts: Vec::new(),
    };
    let formatted = Told::Nowhere.catch(|| {
        let mut status = status;
        state.format_status(&mut status);
        status
    });
    formatted.unwrap_or_else(|payload| {
        panic::run_quietly(|| drop(payload));
        let hidden = || Some("not shown: format_status panicked".to_owned());
        Status {
            state: hidden(),
            heap_size: None,
            message: hidden(),
            log: Vec::new(),
            reason: reason.clone(),
            queue: Vec::new(),
            postponed: Vec::new(),
            timeouts: Vec::new(),
        }
    })
}

/// A list as a field of an event; nothing, if it is empty.
fn shown(list: &[String]) -> Option<tracing::field::DebugValue<&[String]>> {
    (!list.is_empty()).then(|| tracing::field::debug(list))
}

/// The text of a report, except the status.
struct ServerReport<'a> {
    title: &'static str,
    server: &'a str,
    label: Option<&'a str>,
    kind: LastKind,
    reason: &'a str,
    client: Option<&'a str>,
}

impl ServerReport<'_> {
    fn text(&self, status: &Status) -> String {
        let reason = self.reason;
        let mut text = format!("{} {} terminating\n** ", self.title, self.server);
        match &status.reason {
            ExitReason::Panic(info) => {
                text.push_str(reason);
                write_backtrace(&mut text, info);
            }
            _ => write_line(&mut text, format_args!("(stop) {reason}")),
        }
        write_label(&mut text, self.label);
        let kind = match self.kind {
            LastKind::Cast => " (cast)",
            LastKind::Call => " (call)",
            LastKind::Continue => " (continue)",
            LastKind::Inside => " (inside)",
            LastKind::Timeout => " (time-out)",
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
        for (title, events) in [
            ("Queue", &status.queue),
            ("Postponed", &status.postponed),
            ("Time-outs", &status.timeouts),
        ] {
            if !events.is_empty() {
                write_line(&mut text, format_args!("\n{title}: {}", events.join(", ")));
            }
        }
        if let Some(client) = self.client {
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
}
