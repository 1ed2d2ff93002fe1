//! Which error reports otp-core makes.

use std::sync::OnceLock;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, Interest, set_default};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

/// What is compared of a report. Those of supervisors have a context, those of event managers a handler.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) context: Option<String>,
    pub(crate) child: Option<String>,
    pub(crate) pid: Option<String>,
    pub(crate) handler: Option<String>,
}

/// Records the reports of this thread, in the process that reports, for as long as the guard lives.
pub(crate) fn listen(tell: impl Fn(Report) + Send + Sync + 'static) -> DefaultGuard {
    // With a subscriber that stays, no report counts as unwanted.
    static KEPT: OnceLock<Dispatch> = OnceLock::new();
    KEPT.get_or_init(|| Dispatch::new(Listener(|_| {})));
    set_default(Listener(tell))
}

struct Listener<F>(F);

impl<F: Fn(Report) + Send + Sync + 'static> Subscriber for Listener<F> {
    // Each history has a subscriber of its own.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("otp_core") && *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut report = Report::default();
        event.record(&mut report);
        (self.0)(report);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Report {
    fn set(&mut self, name: &str, value: String) {
        match name {
            "context" => self.context = Some(value),
            "child" => self.child = Some(value),
            "pid" => self.pid = Some(value),
            "handler" => self.handler = Some(value),
            _ => {}
        }
    }
}

impl Visit for Report {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.set(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value.to_owned());
    }
}
