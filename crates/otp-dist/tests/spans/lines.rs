//! A subscriber that keeps the lines that are logged, each with the spans that it is in.

use std::fmt::{self, Write};
use std::sync::{Mutex, Once};

use otp_dist::SpanContext;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Scope};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps what is logged from now on, by all tests.
pub(crate) fn keep_lines() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::registry().with(SpanContext).with(Lines);
        tracing::subscriber::set_global_default(subscriber).expect("nobody else sets one");
    });
}

/// The line that ends with this text.
pub(crate) fn line_of(text: &str) -> String {
    let lines = LINES.lock().expect("nobody panics");
    let end = format!(": {text}");
    let line = lines.iter().find(|line| line.ends_with(&end));
    line.unwrap_or_else(|| panic!("`{text}` is not in {lines:#?}"))
        .clone()
}

struct Lines;

/// A span's name and its fields.
struct Shown(String);

#[derive(Default)]
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => write!(self.0, "{value:?}"),
            "pid" | "name" | "type" => Ok(()),
            name => write!(self.0, "{name}={value:?} "),
        }
        .expect("a string takes all");
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let span = context.span(id).expect("it is new");
        let shown = format!("{}{{{}}}:", span.name(), fields.0.trim_end());
        span.extensions_mut().insert(Shown(shown));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let scope = context.event_scope(event).into_iter();
        let mut line = String::new();
        for span in scope.flat_map(Scope::from_root) {
            line += &span.extensions().get::<Shown>().expect("it was shown").0;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut lines = LINES.lock().expect("nobody panics");
        lines.push(format!("{line} {}", fields.0));
    }
}
