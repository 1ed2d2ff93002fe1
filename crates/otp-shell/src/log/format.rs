//! One event as text: time, level and message.

use crate::colours::Colours;
use otp_text::time::time_of_day;
use otp_text::visible;
use std::fmt::{self, Debug, Write};
use std::time::SystemTime;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

/// The runtime's events begin with this target. Their `message` is the whole text for people, and
/// the fields say the same again for machines.
const RUNTIME: &str = "otp_core::";

/// Formats an event as `12:34:56.789 [error] text`, with the fields as `name=value` behind it
/// unless it is a report.
pub(super) struct ReportFormat {
    colours: Colours,
}

impl ReportFormat {
    pub(super) fn new(colours: Colours) -> Self {
        Self { colours }
    }
}

impl<S, N> FormatEvent<S, N> for ReportFormat
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let level = event.metadata().level();
        let mut text = Text {
            message: String::new(),
            fields: (!event.metadata().target().starts_with(RUNTIME)).then(String::new),
        };
        event.record(&mut text);

        let (begin, end) = match self.colours {
            Colours::On => paint(level),
            Colours::Off => ("", ""),
        };
        writeln!(
            writer,
            "{begin}{time} [{level}] {message}{fields}{end}",
            time = time_of_day(SystemTime::now()).format("%H:%M:%S%.3f"),
            level = word(level),
            message = visible::text(text.message.trim_end()),
            fields = text.fields.unwrap_or_default(),
        )
    }
}

/// The parts of an event. `fields` is `None` if they are not wanted.
struct Text {
    message: String,
    fields: Option<String>,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing into a `String` cannot fail, so both results are without meaning.
        if field.name() == "message" {
            let _ = write!(self.message, "{value:?}");
        } else if let Some(fields) = &mut self.fields {
            let _ = write!(fields, " {}={value:?}", field.name());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // A message given as a plain string must not be shown in quotes.
        if field.name() == "message" {
            self.message.push_str(value);
        } else {
            self.record_debug(field, &value);
        }
    }
}

/// The level as Elixir's logger spells it.
fn word(level: &Level) -> &'static str {
    match *level {
        Level::ERROR => "error",
        Level::WARN => "warning",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// The escape sequences around an event of this level.
fn paint(level: &Level) -> (&'static str, &'static str) {
    match *level {
        Level::ERROR => ("\x1b[31m", "\x1b[0m"),
        Level::WARN => ("\x1b[33m", "\x1b[0m"),
        Level::INFO => ("", ""),
        Level::DEBUG | Level::TRACE => ("\x1b[36m", "\x1b[0m"),
    }
}
