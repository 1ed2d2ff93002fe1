//! Reports, as a subscriber of the program's sees them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, Interest, set_default};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

/// One event.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) level: Level,
    pub(crate) target: &'static str,
    /// The names of all fields, also of those that were left out.
    pub(crate) declared: Vec<&'static str>,
    fields: BTreeMap<&'static str, String>,
}

impl Report {
    /// A field's value; `None` if it was left out.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// The text for a reader.
    pub(crate) fn text(&self) -> &str {
        self.field("message").expect("every report has a text")
    }

    /// What kind of report it is.
    pub(crate) fn kind(&self) -> &str {
        self.field("kind").expect("every report has a kind")
    }
}

/// The reports collected so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reports(Arc<Mutex<Vec<Report>>>);

impl Reports {
    /// Takes what has been collected.
    pub(crate) fn take(&self) -> Vec<Report> {
        std::mem::take(&mut *self.0.lock().expect("no collector panics"))
    }
}

/// Collects this thread's reports as long as the guard lives.
pub(crate) fn collect() -> (Reports, DefaultGuard) {
    let reports = Reports::default();
    let collected = reports.clone();
    let guard = hand_to(move |report| {
        collected
            .0
            .lock()
            .expect("no collector panics")
            .push(report);
    });
    (reports, guard)
}

/// Makes sure that there is always a subscriber, if one that hears nothing. Otherwise an event that one
/// test is the first to emit, while another test installs the only subscriber, can be taken for one that
/// no subscriber ever wants.
pub(crate) fn keep_listening() {
    static KEPT: OnceLock<Dispatch> = OnceLock::new();
    KEPT.get_or_init(|| Dispatch::new(Collector(|_| ())));
}

/// Hands this thread's reports to `sink` as long as the guard lives.
pub(crate) fn hand_to(sink: impl Fn(Report) + Send + Sync + 'static) -> DefaultGuard {
    keep_listening();
    set_default(Collector(sink))
}

struct Collector<F>(F);

impl<F: Fn(Report) + Send + Sync + 'static> Subscriber for Collector<F> {
    // Each test has a subscriber of its own, so what one thinks of an event must not be remembered
    // for the others.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("otp_core")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.0(Report {
            level: *event.metadata().level(),
            target: event.metadata().target(),
            declared: event
                .metadata()
                .fields()
                .iter()
                .map(|it| it.name())
                .collect(),
            fields: fields.0,
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}
