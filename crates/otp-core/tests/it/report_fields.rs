//! The fields of the reports, which are an interface, and values that fail to show themselves in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use otp_core::EventManager;
use otp_core::application::Applications;
use otp_core::gen_server::Status;
use otp_core::prelude::*;
use otp_core::sys::{self, Switch};
use otp_core::test::Probe;
use otp_core::{MailboxLimit, Registry, process};

use crate::applications::{Start, band};
use crate::collector::{Report, collect};
use crate::reports::pair;
use crate::support::{Lab, Order, act, echo, in_process, quiet, settle, stop};
use crate::troupe::{Mood, Troupe, die};
use crate::watchdog::{Spinner, watched, workers};

const DOCUMENTATION: &str = include_str!("../../src/report.rs");

/// The kinds and their fields, as the documentation has them: the table under "Fields".
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let quoted = |cell: &str| -> Vec<String> {
        let words = cell.split('`').skip(1).step_by(2);
        words.map(str::to_owned).collect()
    };
    let rows = DOCUMENTATION
        .lines()
        .skip_while(|line| *line != "//! | `kind` | fields |")
        .skip(2)
        .map_while(|line| line.strip_prefix("//! | "));
    rows.map(|row| {
        let (kind, fields) = row.split_once('|').expect("a row has two cells");
        let kind = quoted(kind).remove(0);
        (kind, quoted(fields).into_iter().collect())
    })
    .collect()
}

struct Deaf;

impl GenServer for Deaf {
    type Args = ();
    type Call = Never;
    type Cast = Never;
    type Info = Never;
    type Continue = Never;

    async fn init((): (), context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        Ok(Init::state(Self))
    }
}

/// Brings about a report of each kind but `long_schedule`.
async fn one_of_each() {
    let raw = process::spawn(|_: Mailbox<Never>| async { panic!("boom") });
    raw.wait().await;

    let server = Lab::start(quiet()).await.expect("it starts");
    sys::trace(&server, Switch::On).await.expect("it lives");
    server.call(echo(1)).await.expect("it answers");
    server.cast(stop(ExitReason::other("oops")));
    server.wait().await;

    let deaf = Deaf::start(()).await.expect("it starts");
    process::exit(&deaf, ExitReason::Shutdown);
    let manager = EventManager::<u8>::start().await.expect("it starts");
    let added = manager.add_fn("fails", |_| panic!("boom")).await;
    added.expect("it is added");
    manager.sync_notify(1).await.expect("it lives");
    for limit in [
        MailboxLimit::refuse(1),
        MailboxLimit::drop_newest(1),
        MailboxLimit::drop_oldest(1),
        MailboxLimit::end(1),
        MailboxLimit::kill(1),
    ] {
        let full = Lab::options().mailbox_limit(limit).start(quiet()).await;
        let full = full.expect("it starts");
        full.cast(Order::Note(1));
        full.cast(Order::Note(2));
    }

    let troupe = Troupe::new();
    let visor = Supervisor::new(Strategy::OneForOne).child(troupe.hero("a"));
    let visor = visor.start().await.expect("it starts");
    die("a").await;
    troupe.mood("b", Mood::Fails);
    visor
        .start_child(troupe.hero("c"))
        .await
        .expect("it starts");
    visor.stop().await.expect("it lives");

    let all = Applications::here();
    let ends_badly = band("bad", &Probe::new(), Start::EndsBadly);
    all.start(ends_badly).await.expect("it starts");
    all.stop("bad").await.expect("it runs");
    settle().await;
}

/// The report of a process that keeps its thread.
fn long_schedule() -> Report {
    let runtime = workers(1);
    let node = Node::new();
    let reports = watched(&node, Duration::from_millis(1));
    let _spinner = Spinner::start(&node, &runtime);
    reports.recv().expect("the watchdog barks")
}

#[test]
fn every_report_has_the_fields_that_are_documented() {
    let (reports, _guard) = collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime
        .expect("it needs nothing")
        .block_on(in_process(one_of_each()));
    let mut reports = reports.take();
    reports.push(long_schedule());

    let documented = documented();
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for report in &reports {
        let fields = report.declared.iter().map(|name| (*name).to_owned());
        let fields: BTreeSet<String> = fields
            .filter(|name| name != "kind" && name != "message")
            .collect();
        // The reports of applications have one kind, and each has some of its fields.
        if report.kind() != "application" {
            assert_eq!(Some(&fields), documented.get(report.kind()), "{report:?}");
        }
        seen.entry(report.kind().to_owned())
            .or_default()
            .extend(fields);
    }
    assert_eq!(seen, documented);
}

#[tokio::test(start_paused = true)]
async fn reports_name_the_type_and_the_label_of_a_server() {
    let (reports, _guard) = collect();
    in_process(async move {
        let server = Lab::start(quiet()).await.unwrap();
        server.cast(act(|_, _| {
            process::set_label("room 7");
            Next::Stop(ExitReason::other("oops"))
        }));
        server.wait().await;
        let (report, crash) = pair(reports.take());
        assert_eq!(
            report.field("server_type"),
            Some(std::any::type_name::<Lab>())
        );
        assert_eq!(report.field("server_type"), crash.field("initial_call"));
        for report in [report, crash] {
            assert_eq!(report.field("label"), Some("room 7"));
            let text = report.text();
            assert!(text.contains("\nProcess Label: room 7\n"), "{text}");
        }

        let raw = process::spawn(|_: Mailbox<Never>| async {
            process::set_label("raw");
            panic!("boom")
        });
        raw.wait().await;
        let [report] = <[Report; 1]>::try_from(reports.take()).unwrap();
        assert_eq!(report.field("label"), Some("raw"));
        let call = report.field("initial_call").unwrap();
        assert!(call.contains("report_fields"), "{call}");
    })
    .await;
}

/// A value that cannot be shown, and, if it is armed, not be dropped either.
#[derive(Clone)]
struct Hostile {
    armed: bool,
}

impl fmt::Debug for Hostile {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("unspeakable")
    }
}

impl PartialEq for Hostile {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Hostile {}

impl Hash for Hostile {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Drop for Hostile {
    fn drop(&mut self) {
        assert!(!self.armed, "dropped");
    }
}

const CALM: Hostile = Hostile { armed: false };

/// A server that is registered by a key that cannot be shown, and shows a reason that cannot be dropped.
struct Sphinx;

impl GenServer for Sphinx {
    type Args = ();
    type Call = Never;
    type Cast = ();
    type Info = Never;
    type Continue = Never;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_cast(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        Next::Stop(ExitReason::other("the true reason"))
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some("a riddle".to_owned());
        status.reason = ExitReason::other(Hostile { armed: true });
    }
}

// ERP-002, ERP-003, ERP-009
#[tokio::test(start_paused = true)]
async fn values_that_cannot_be_shown_or_dropped_change_neither_the_reason_nor_the_other_fields() {
    let (reports, _guard) = collect();
    in_process(async move {
        let registry: Registry<Hostile> = Registry::unique("riddles");
        registry.start_link().await.unwrap();
        let options = Sphinx::options().name(registry.via(CALM));
        let server = options.start(()).await.unwrap();
        server.cast(());
        assert_eq!(server.wait().await, ExitReason::other("the true reason"));
        let (report, crash) = pair(reports.take());
        let note = Some("not shown: its formatting panicked");
        assert_eq!(report.field("server"), note);
        assert_eq!(report.field("reason"), note);
        assert_eq!(report.field("state"), Some("a riddle"));
        assert_eq!(report.field("pid"), Some(&*server.pid().to_string()));
        assert_eq!(
            crash.field("names"),
            Some("[not shown: its formatting panicked]")
        );
        assert_eq!(crash.field("reason"), note);
        assert_eq!(crash.field("trap_exit"), Some("false"));
    })
    .await;
}

// SUP-030
#[tokio::test(start_paused = true)]
async fn a_supervisor_reports_a_reason_that_cannot_be_shown() {
    let (reports, _guard) = collect();
    let troupe = Troupe::new();
    in_process(async move {
        let visor = Supervisor::new(Strategy::OneForOne).child(troupe.hero("a"));
        let visor = visor.start().await.unwrap();
        let pid = crate::troupe::pid_of("a");
        reports.take();
        process::exit(pid, ExitReason::other(CALM));
        settle().await;
        let mut reports = reports.take();
        reports.retain(|report| report.kind() == "supervisor");
        let [report] = <[Report; 1]>::try_from(reports).unwrap();
        let note = Some("not shown: its formatting panicked");
        assert_eq!(report.field("reason"), note);
        assert_eq!(report.field("pid"), Some(&*pid.to_string()));
        assert_eq!(
            crate::troupe::pid_of("a"),
            pid_of_the_only_child(&visor).await
        );
        visor.stop().await.unwrap();
    })
    .await;
}

async fn pid_of_the_only_child(visor: &otp_core::SupervisorRef) -> Pid {
    let children = visor.which_children().await.expect("it lives");
    match children[0].status {
        otp_core::supervisor::ChildStatus::Running(pid) => pid,
        other => panic!("it is {other:?}"),
    }
}
