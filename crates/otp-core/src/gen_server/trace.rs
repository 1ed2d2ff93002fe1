//! The events of a traced server, one by one.

use crate::gen_server::{Context, GenServer};
use crate::process::panic;
use crate::process::report::label;
use crate::report::{TRACE_TARGET, emit};
use crate::sys::event::SysEvent;

/// A server that is traced has done something.
pub(crate) fn event<S: GenServer>(context: &Context<S>, event: &SysEvent) {
    let pid = context.pid();
    let server = panic::quietly(|| context.shown_name());
    let label = label(&context.block().head);
    let (message, client, state) = match event {
        SysEvent::In {
            message, client, ..
        } => (message.as_deref(), *client, None),
        SysEvent::Out { to, state } => (None, *to, state.as_deref()),
        SysEvent::NoReply { state } => (None, None, state.as_deref()),
        SysEvent::Continue => (None, None, None),
        SysEvent::Consumed { message, state } | SysEvent::Postponed { message, state } => {
            (message.as_deref(), None, state.as_deref())
        }
        SysEvent::TimerStarted { timer } => (timer.as_deref(), None, None),
        SysEvent::Terminated { reason, state } => (Some(&**reason), None, state.as_deref()),
    };
    emit(|| {
        tracing::info!(
            target: TRACE_TARGET,
            kind = "trace",
            event = event.name(),
            server,
            server_type = S::behaviour().server_type,
            label,
            pid = %pid,
            content = message,
            client = client.map(tracing::field::display),
            state,
            "{server} {event}"
        );
    });
}
