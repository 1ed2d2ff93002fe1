//! Reports of event managers: a handler that has failed, and its event.

use std::any::type_name;

use super::handler::{EventHandler, ManagerContext};
use super::id::HandlerName;
use crate::exit::ExitReason;
use crate::gen_server::Info;
use crate::process::panic;
use crate::process::report::label;
use crate::report::{TARGET, emit, is_heard, write_backtrace, write_label, write_line};

/// Whether a report of a handler would be heard.
pub(super) fn is_wanted() -> bool {
    is_heard(|| tracing::enabled!(target: TARGET, tracing::Level::ERROR))
}

/// A handler was removed as it failed.
pub(super) fn handler_failed<E: Send + Sync + 'static>(
    handler: &HandlerName,
    reason: &ExitReason,
    last: Option<&str>,
    state: Option<&str>,
    context: &ManagerContext<E>,
) {
    let manager = panic::quietly(|| context.shown_name());
    let shown = panic::quietly(|| format!("{reason:#}"));
    let mut text =
        format!("gen_event handler {handler} installed in {manager} terminating\n** {shown}");
    if let ExitReason::Panic(info) = reason {
        write_backtrace(&mut text, info);
    }
    let label = label(&context.block().head);
    write_label(&mut text, label.as_deref());
    if let Some(last) = last {
        write_line(&mut text, format_args!("\nLast message: {last}"));
    }
    if let Some(state) = state {
        write_line(&mut text, format_args!("\nState: {state}"));
    }
    let handler = handler.to_string();
    emit(|| {
        tracing::error!(
            target: TARGET,
            kind = "gen_event",
            handler,
            server = manager,
            label,
            pid = %context.pid(),
            reason = shown,
            last_message = last,
            state,
            "{text}"
        );
    });
}

/// A handler without a `handle_info` got a message.
pub(super) fn unexpected_info<E: Send + Sync + 'static, H: EventHandler<E>>(
    info: &Info<E>,
    context: &ManagerContext<E>,
) {
    let what = match info {
        Info::Timeout => "timeout".to_owned(),
        Info::Down(down) => panic::quietly(|| down.to_string()),
        Info::Exit(exit) => panic::quietly(|| exit.to_string()),
        Info::Message(event) => panic::quietly_if_any(|| H::format_event(event))
            .unwrap_or_else(|| type_name::<E>().to_owned()),
    };
    let handler = type_name::<H>();
    let label = label(&context.block().head);
    emit(|| {
        tracing::warn!(
            target: TARGET,
            kind = "unexpected",
            server = handler,
            server_type = handler,
            label,
            pid = %context.pid(),
            "{handler} {} received an unexpected message in handle_info: {what}",
            context.pid()
        );
    });
}
