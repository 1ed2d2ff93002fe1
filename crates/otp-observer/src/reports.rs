//! The runtime's reports, kept for the page.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::{Context, Filter, Layer};

use crate::places::Ended;

/// How many are kept.
const KEPT: usize = 500;

/// The longest text of one that is kept, in bytes.
const LONGEST: usize = 16 * 1024;

/// What all of the runtime's reports have at the beginning of their targets.
const TARGETS: &str = "otp_core::";

/// The last reports of the program's processes, for a page that shows them.
///
/// They come from `tracing`: the [`layer`](Self::layer) is added to the program's subscriber, and the page is told of the
/// reports by its [options](crate::Options::reports). Before a page is served the layer wants nothing, so that reports that
/// nobody hears are not written.
///
/// # Examples
///
/// ```
/// use otp_observer::{Options, Reports};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let reports = Reports::new();
/// let subscriber = tracing_subscriber::registry().with(reports.layer());
/// let options = Options::new().reports(&reports);
/// # drop((subscriber, options));
/// ```
#[derive(Clone, Default)]
pub struct Reports(Arc<Shared>);

#[derive(Default)]
struct Shared {
    listens: AtomicBool,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    reports: VecDeque<Report>,
    /// How many there have ever been.
    count: u64,
}

/// Something that the runtime has told.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Report {
    /// Counted from 1.
    pub(crate) number: u64,
    /// In milliseconds since 1970.
    pub(crate) at: u64,
    pub(crate) level: &'static str,
    pub(crate) text: String,
    pub(crate) fields: BTreeMap<&'static str, String>,
}

impl Reports {
    /// No reports yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What keeps the reports, for the program's subscriber. Other layers of it hear what they heard before.
    #[must_use]
    pub fn layer<S>(&self) -> Filtered<ReportsLayer, ReportsFilter, S>
    where
        S: Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    {
        let (layer, filter) = (ReportsLayer(self.clone()), ReportsFilter(self.clone()));
        layer.with_filter(filter)
    }

    /// From now on they are kept.
    pub(crate) fn listen(&self) {
        self.0.listens.store(true, Ordering::Relaxed);
    }

    /// The last ones, the newest first.
    pub(crate) fn last(&self, most: usize) -> Vec<Report> {
        let kept = self.kept();
        kept.reports.iter().rev().take(most).cloned().collect()
    }

    /// The last ones that name this process, the newest first.
    pub(crate) fn about(&self, pid: &str, most: usize) -> Vec<Report> {
        let kept = self.kept();
        let about = |report: &&Report| {
            let named = ["pid", "server"]
                .iter()
                .filter_map(|key| report.fields.get(key));
            named.into_iter().any(|value| value == pid)
        };
        let reports = kept.reports.iter().rev().filter(about);
        reports.take(most).cloned().collect()
    }

    /// Why a child of a supervisor ended the last time, as far as its supervisor has told: for ends that were before
    /// anybody looked.
    pub(crate) fn end_of(&self, supervisor: &str, child: &str) -> Option<Ended> {
        let kept = self.kept();
        let of = |report: &&Report| {
            let field = |name| report.fields.get(name).map(String::as_str);
            field("context") == Some("child_terminated")
                && field("child") == Some(child)
                // A nameless one is told by its pid, with its type behind it.
                && field("supervisor").is_some_and(|it| it == supervisor || it.starts_with(supervisor))
        };
        let report = kept.reports.iter().rev().find(of)?;
        Some(Ended {
            reason: report.fields.get("reason")?.clone(),
            at: report.at,
        })
    }

    /// How many there have ever been.
    pub(crate) fn count(&self) -> u64 {
        self.kept().count
    }

    fn add(&self, mut report: Report) {
        let mut kept = self.kept();
        kept.count += 1;
        report.number = kept.count;
        kept.reports.push_back(report);
        if kept.reports.len() > KEPT {
            kept.reports.pop_front();
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reports")
            .field("count", &self.count())
            .finish_non_exhaustive()
    }
}

/// Keeps [`Reports`].
#[derive(Debug)]
pub struct ReportsLayer(Reports);

impl<S: Subscriber> Layer<S> for ReportsLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut read = Read::default();
        event.record(&mut read);
        self.0.add(Report {
            number: 0,
            at: millis(),
            level: level(event.metadata().level()),
            text: read.text,
            fields: read.fields,
        });
    }
}

/// Lets through what [`Reports`] keep, once a page is served.
#[derive(Debug)]
pub struct ReportsFilter(Reports);

impl ReportsFilter {
    fn wants(metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with(TARGETS) && *metadata.level() <= Level::INFO
    }
}

impl<S> Filter<S> for ReportsFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.0.0.listens.load(Ordering::Relaxed) && Self::wants(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        match Self::wants(metadata) {
            true => Interest::sometimes(),
            false => Interest::never(),
        }
    }
}

/// The time, in milliseconds since 1970.
pub(crate) fn millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    u64::try_from(millis).unwrap_or(u64::MAX)
}

fn level(level: &Level) -> &'static str {
    match *level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        _ => "debug",
    }
}

#[derive(Default)]
struct Read {
    text: String,
    fields: BTreeMap<&'static str, String>,
}

impl Read {
    fn take(&mut self, field: &Field, mut value: String) {
        if value.len() > LONGEST {
            let end = (0..=LONGEST).rev().find(|at| value.is_char_boundary(*at));
            value.truncate(end.unwrap_or_default());
            value.push('…');
        }
        match field.name() {
            "message" => self.text = value,
            name => drop(self.fields.insert(name, value)),
        }
    }
}

impl Visit for Read {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn reports_are_kept_once_somebody_wants_them_and_nothing_else_is() {
        let reports = Reports::new();
        let subscriber = tracing_subscriber::registry().with(reports.layer());
        tracing::subscriber::with_default(subscriber, || {
            let tell = |pid: &str| {
                tracing::error!(target: "otp_core::report", pid = %pid, "it has failed");
            };
            tell("<0.1.0>");
            reports.listen();
            tell("<0.2.0>");
            tracing::error!("something else");
            tracing::debug!(target: "otp_core::supervisor", "a detail");
        });
        let kept = reports.last(10);
        assert_eq!(kept.len(), 1);
        assert_eq!((&*kept[0].text, kept[0].level), ("it has failed", "error"));
        assert_eq!(reports.about("<0.2.0>", 10).len(), 1);
        assert_eq!(reports.about("<0.1.0>", 10).len(), 0);
    }
}
