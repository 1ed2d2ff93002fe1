//! The runtime's reports, on standard error.
//!
//! The runtime never prints: it emits `tracing` events, and the program decides which of them to show. This is the
//! decision of the chapter programs: a form close to the one Elixir users know,
//!
//! ```text
//! 12:34:56.789 [error] GenServer <0.8.0> terminating
//! ** (division by zero) ...
//! ```
//!
//! in red where colours are wanted, see [`Colours`].

mod format;

use self::format::ReportFormat;
pub use crate::colours::Colours;
use crate::observe::Observing;
use crate::printer::Printer;
use clap::ValueEnum;
use std::io;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    registry::LookupSpan,
};

/// The target of the runtime's process crash reports, which follow the report of a server.
const CRASH_TARGET: &str = "otp_core::crash";

/// How much is shown: each level includes the ones before it. `Warn` unless asked otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// Nothing at all.
    Off,
    /// Crash reports only.
    Error,
    /// Crash reports, and what is suspicious but survived, such as an unexpected message.
    #[default]
    Warn,
    /// Also what goes well, such as a supervisor that starts a child.
    Info,
    /// Everything, process crash reports with links, ancestors and queue length included.
    Debug,
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Off => Self::OFF,
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
        }
    }
}

/// Shows events of `level` and above on standard error from now on.
///
/// Meant to be called once, by `main`. If something has installed a subscriber before, that one
/// stays.
///
/// A standard error that is closed or full loses the reports and nothing else: the program goes on.
pub fn init(level: LogLevel) {
    // The only failure is that a subscriber exists already. Then its owner has decided.
    let _ = tracing::subscriber::set_global_default(subscriber(
        level,
        Colours::for_stderr(),
        io::stderr,
    ));
}

/// As [`init`], printed where the lines of the program are printed, and kept for the page that shows them.
pub(crate) fn init_with(level: LogLevel, printer: Printer, observing: &Observing) {
    let writer = move || printer.clone();
    let shown = shown(level, Colours::for_stderr(), writer);
    let both = tracing_subscriber::registry()
        .with(shown)
        .with(observing.layer());
    let _ = tracing::subscriber::set_global_default(both);
}

/// Makes the subscriber that [`init`] installs, for a writer of your own.
///
/// # Examples
///
/// ```
/// use otp_shell::log::{Colours, LogLevel, subscriber};
///
/// let quiet = subscriber(LogLevel::Error, Colours::Off, std::io::sink);
/// tracing::subscriber::with_default(quiet, || tracing::error!("this has no reader"));
/// ```
pub fn subscriber<W>(level: LogLevel, colours: Colours, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::registry().with(shown(level, colours, writer))
}

/// The layer that shows events.
fn shown<S, W>(level: LogLevel, colours: Colours, writer: W) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let mut shown = Targets::new().with_default(level);
    if level != LogLevel::Debug {
        // Elixir's console hides these as well: each repeats a report, with more of the inside.
        shown = shown.with_target(CRASH_TARGET, LevelFilter::OFF);
    }
    let layer = fmt::layer()
        // A failed write must not be reported with `eprintln!`, which panics when standard error is the stream that
        // failed.
        .log_internal_errors(false)
        .event_format(ReportFormat::new(colours))
        .with_writer(writer);
    layer.with_filter(shown)
}
