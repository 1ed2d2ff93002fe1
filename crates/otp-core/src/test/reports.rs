//! The reports that a test has caused.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, Interest, set_default};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

use crate::report::{CRASH_TARGET, SUPERVISOR_TARGET, TARGET, TRACE_TARGET};
use crate::util::lock::Lock;

const TARGETS: [&str; 4] = [TARGET, CRASH_TARGET, SUPERVISOR_TARGET, TRACE_TARGET];

thread_local! {
    /// The list for this thread's reports, in a test that collects them.
    static COLLECTED: RefCell<Option<(Reports, DefaultGuard)>> = const { RefCell::new(None) };
}

/// A [report](crate::report), as a `tracing` subscriber sees it.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// use otp_core::test::{Runner, idle, reports};
///
/// Runner::new().reports().run(async {
///     process::spawn(|_: Mailbox<Never>| async { panic!("it burns") });
///     idle().await;
///     let report = &reports().take()[0];
///     assert_eq!((report.kind(), report.level()), ("process", tracing::Level::ERROR));
///     assert!(report.field("reason").is_some_and(|reason| reason.contains("it burns")));
/// });
/// ```
#[derive(Clone, PartialEq)]
pub struct Report {
    level: Level,
    target: &'static str,
    fields: BTreeMap<&'static str, String>,
}

impl Report {
    /// The kind of the report, as in the [table of kinds](crate::report).
    #[must_use]
    pub fn kind(&self) -> &str {
        self.field("kind").unwrap_or_default()
    }

    /// The text for a reader.
    #[must_use]
    pub fn text(&self) -> &str {
        self.field("message").unwrap_or_default()
    }

    /// A field's value; `None` if the report does not have this field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// The level of the report.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The target, by which a subscriber's filter selects it.
    #[must_use]
    pub fn target(&self) -> &str {
        self.target
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.level, self.fields)
    }
}

/// The reports of a test, in the order in which they were written.
///
/// A test that is marked with `#[otp_core::test(reports)]` collects its reports, of all its threads, and reads them
/// with [`reports`]. No other subscriber gets them. A panic of a process is not printed: it is in its report.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::test::{idle, reports};
///
/// #[otp_core::test(reports)]
/// async fn a_process_that_panics_is_reported_once() {
///     otp_core::process::spawn(|_: Mailbox<Never>| async { panic!("no eggs") });
///     idle().await;
///     let [report] = &reports().take()[..] else {
///         panic!("there is one report")
///     };
///     assert_eq!(report.kind(), "process");
///     assert!(report.field("reason").is_some_and(|reason| reason.contains("no eggs")));
/// }
/// # fn main() {
/// #     // The attribute makes a test of it, which is not built here: the same by hand.
/// #     otp_core::test::Runner::new().reports().run(async {
/// #         otp_core::process::spawn(|_: Mailbox<Never>| async { panic!("no eggs") });
/// #         idle().await;
/// #         let [report] = &reports().take()[..] else { panic!("there is one report") };
/// #         assert_eq!(report.kind(), "process");
/// #         assert!(report.field("reason").is_some_and(|reason| reason.contains("no eggs")));
/// #     });
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Reports(Arc<Lock<Vec<Report>>>);

impl Reports {
    /// Takes the reports that have been written and not been taken so far.
    #[must_use]
    pub fn take(&self) -> Vec<Report> {
        self.0.with(std::mem::take)
    }

    /// As [`take`](Self::take), their [kinds](Report::kind) only.
    #[must_use]
    pub fn take_kinds(&self) -> Vec<String> {
        let reports = self.take();
        let kinds = reports.iter().map(|report| report.kind().to_owned());
        kinds.collect()
    }

    /// From now on the reports of this thread go here.
    pub(super) fn listen(&self) {
        // There is always a subscriber. Otherwise an event that one test is the first to emit, while another installs
        // the only subscriber, can be cached as one that no subscriber wants.
        static KEPT: OnceLock<Dispatch> = OnceLock::new();
        KEPT.get_or_init(|| Dispatch::new(Collector(Self::default())));
        let guard = set_default(Collector(self.clone()));
        COLLECTED.set(Some((self.clone(), guard)));
    }

    /// The reports of this thread go where they went before.
    pub(super) fn leave() {
        drop(COLLECTED.take());
    }
}

impl fmt::Debug for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reports = self.0.with(|reports| reports.clone());
        f.debug_list().entries(reports).finish()
    }
}

/// The reports of this test, which is marked with `#[otp_core::test(reports)]`.
///
/// # Panics
///
/// Panics in other code.
#[must_use]
#[track_caller]
pub fn reports() -> Reports {
    let reports = COLLECTED.with_borrow(|collected| Some(collected.as_ref()?.0.clone()));
    reports.expect("the test collects reports: mark it with `#[otp_core::test(reports)]`")
}

struct Collector(Reports);

impl Subscriber for Collector {
    /// Each test has its subscriber, so the interest of one must not be cached for the others.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        TARGETS.contains(&metadata.target())
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let report = Report {
            level: *event.metadata().level(),
            target: event.metadata().target(),
            fields: fields.0,
        };
        self.0.0.with(|reports| reports.push(report));
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
