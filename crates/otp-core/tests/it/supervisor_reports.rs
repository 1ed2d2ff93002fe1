//! What supervisors report: levels, fields and texts.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::report::SUPERVISOR_TARGET;
use tracing::Level;

use crate::collector::{Report, Reports, collect};
use crate::support::in_process;
use crate::troupe::{Mood, Troupe, die, pid_of, rest};

fn supervisor() -> Supervisor {
    Supervisor::new(Strategy::OneForOne)
}

/// The only report of this kind since the last look.
#[track_caller]
fn one(reports: &Reports, kind: &str) -> Report {
    let mut reports = reports.take();
    reports.retain(|report| report.kind() == kind);
    let [report] = <[Report; 1]>::try_from(reports).expect("one report");
    assert_eq!(report.target, SUPERVISOR_TARGET);
    report
}

#[track_caller]
fn check(report: &Report, fields: &[(&str, &str)]) {
    for (name, value) in fields {
        assert_eq!(report.field(name), Some(*value), "{name}");
    }
}

/// The text, without the place of the start function in the sources.
fn text(report: &Report) -> String {
    let start = report.field("start").expect("every report has it");
    assert!(start.contains("troupe"), "{start}");
    report.text().replace(start, "START")
}

// SUP-016
#[tokio::test(start_paused = true)]
async fn a_start_is_reported_as_progress_and_more_quietly_if_it_was_asked_for() {
    let (reports, _guard) = collect();
    let troupe = Troupe::new();
    in_process(async move {
        let visor = supervisor().child(troupe.hero("a")).name("visor");
        let visor = visor.start_link().await.unwrap();
        let progress = one(&reports, "progress");
        let pid = pid_of("a").to_string();
        assert_eq!(progress.level, Level::INFO);
        check(
            &progress,
            &[
                ("supervisor", "visor"),
                ("child", "a"),
                ("pid", &pid),
                ("restart", "permanent"),
                ("shutdown", "5s"),
                ("child_type", "worker"),
            ],
        );
        assert_eq!(
            text(&progress),
            format!(
                "Child a of Supervisor visor started\n\
                 Pid: {pid}\n\
                 Start Call: START\n\
                 Restart: permanent\n\
                 Shutdown: 5s\n\
                 Type: worker"
            )
        );
        visor.start_child(troupe.hero("b")).await.unwrap();
        assert_eq!(one(&reports, "progress").level, Level::DEBUG);
        visor.terminate_child("b").await.unwrap();
        visor.restart_child("b").await.unwrap();
        assert_eq!(one(&reports, "progress").level, Level::DEBUG);
        die("b").await;
        assert_eq!(one(&reports, "progress").level, Level::INFO);
        // Nothing starts: no progress.
        troupe.mood("b", Mood::Ignores);
        die("b").await;
        let reports = reports.take();
        assert!(reports.iter().all(|report| report.kind() != "progress"));
    })
    .await;
}

// SUP-030
#[tokio::test(start_paused = true)]
async fn an_end_is_reported_with_supervisor_context_reason_and_offender() {
    let (reports, _guard) = collect();
    let troupe = Troupe::new();
    in_process(async move {
        let spec = troupe.hero("a").restart(Restart::Transient);
        let spec = spec.shutdown(Shutdown::BrutalKill);
        let visor = supervisor().child(spec).start_link().await.unwrap();
        let pid = pid_of("a").to_string();
        reports.take();
        process::exit(pid_of("a"), ExitReason::other("oops"));
        rest().await;
        let report = one(&reports, "supervisor");
        assert_eq!(report.level, Level::ERROR);
        // A supervisor without a name is shown with what it is.
        let title = format!("{} (Supervisor)", visor.pid());
        check(
            &report,
            &[
                ("context", "child_terminated"),
                ("supervisor", &title),
                ("reason", "oops"),
                ("child", "a"),
                ("pid", &pid),
                ("restart", "transient"),
                ("shutdown", "brutal_kill"),
            ],
        );
        assert_eq!(
            text(&report),
            format!(
                "Child a of Supervisor {title} terminated\n\
                 ** (exit) oops\n\
                 Pid: {pid}\n\
                 Start Call: START\n\
                 Restart: transient\n\
                 Shutdown: brutal_kill\n\
                 Type: worker"
            )
        );
    })
    .await;
}

// SUP-030
#[tokio::test(start_paused = true)]
async fn a_failed_start_a_late_child_and_the_limit_are_reported_in_their_own_words() {
    let (reports, _guard) = collect();
    let troupe = Troupe::new().lingering(Duration::from_secs(9));
    in_process(async move {
        troupe.mood("b", Mood::Fails);
        let failing = supervisor().child(troupe.hero("b")).name("visor");
        assert!(failing.start().await.is_err());
        let report = one(&reports, "supervisor");
        check(&report, &[("context", "start_error"), ("reason", "bad")]);
        assert_eq!(report.field("pid"), None);
        let begin = "Child b of Supervisor visor failed to start\n** (exit) bad\nStart Call: START";
        assert!(text(&report).starts_with(begin), "{}", report.text());

        let visor = supervisor().child(troupe.hero("a")).name("visor");
        let visor = visor.start_link().await.unwrap();
        reports.take();
        visor.stop().await.unwrap();
        let report = one(&reports, "supervisor");
        check(
            &report,
            &[("context", "shutdown_error"), ("reason", "killed")],
        );
        let begin = "Child a of Supervisor visor shut down abnormally\n** (exit) killed\nPid: ";
        assert!(text(&report).starts_with(begin), "{}", report.text());

        let limited = supervisor().max_restarts(0, Duration::from_secs(1));
        let limited = limited.child(troupe.hero("a")).name("visor");
        let limited = limited.start().await.unwrap();
        let pid = pid_of("a").to_string();
        process::exit(pid_of("a"), ExitReason::Kill);
        assert_eq!(limited.wait().await, ExitReason::Shutdown);
        let mut reports = reports.take();
        let report = reports.pop().unwrap();
        let limit = "reached_max_restart_intensity";
        check(
            &report,
            &[("context", "shutdown"), ("reason", limit), ("pid", &pid)],
        );
        let begin =
            format!("Child a of Supervisor visor caused shutdown\n** (exit) {limit}\nPid: {pid}");
        assert!(text(&report).starts_with(&begin), "{}", report.text());
    })
    .await;
}

// SUP-040
#[tokio::test(start_paused = true)]
async fn a_supervisor_that_is_stopped_with_an_abnormal_reason_is_reported_like_any_server() {
    let (reports, _guard) = collect();
    let troupe = Troupe::new();
    in_process(async move {
        let visor = supervisor().child(troupe.hero("a")).name("visor");
        let visor = visor.start().await.unwrap();
        reports.take();
        let oops = ExitReason::other("oops");
        let limit = otp_core::gen_server::TimeLimit::Infinity;
        visor.stop_with(oops).timeout(limit).await.unwrap();
        let reports = reports.take();
        let report = &reports[0];
        check(
            report,
            &[
                ("kind", "gen_server"),
                ("server", "visor"),
                ("reason", "oops"),
            ],
        );
        // By then its children have been stopped.
        check(
            report,
            &[("state", "supervisor visor; children: 1, active: 0")],
        );
    })
    .await;
}

/// What is reported when `a` is killed while `failing` does not start any more, up to the limit of two restarts: context,
/// child and pid of each report. The names stand for the processes before the kill.
async fn until_the_limit(
    strategy: Strategy,
    failing: &'static str,
) -> Vec<(String, String, Option<&'static str>)> {
    let (reports, _guard) = collect();
    let troupe = Troupe::new();
    let visor = Supervisor::new(strategy).max_restarts(2, Duration::from_secs(1));
    let visor = visor.children(troupe.heroes(&["a", "b"]));
    let visor = visor.start().await.expect("both start");
    let pids = ["a", "b"].map(|name| (pid_of(name).to_string(), name));
    reports.take();
    troupe.mood(failing, Mood::Fails);
    process::exit(pid_of("a"), ExitReason::Kill);
    assert_eq!(visor.wait().await, ExitReason::Shutdown);
    let mut reports = reports.take();
    reports.retain(|report| report.kind() == "supervisor");
    let told = |report: &Report, name| report.field(name).expect("every report has it").to_owned();
    let named = |report: &Report| {
        let pid = report.field("pid")?;
        let known = pids.iter().find(|(known, _)| known == pid);
        Some(known.map_or("another process", |(_, name)| *name))
    };
    let lines = reports.iter().map(|report| {
        (
            told(report, "context"),
            told(report, "child"),
            named(report),
        )
    });
    lines.collect()
}

// SUP-030: as OTP 25, 27 and 29 do.
#[tokio::test(start_paused = true)]
async fn a_failed_restart_and_the_limit_name_the_process_that_the_child_was() {
    in_process(async {
        let is = |context: &str, child: &str, pid| (context.to_owned(), child.to_owned(), pid);
        assert_eq!(
            until_the_limit(Strategy::OneForOne, "a").await,
            [
                is("child_terminated", "a", Some("a")),
                is("start_error", "a", Some("a")),
                is("start_error", "a", Some("a")),
                is("shutdown", "a", Some("a")),
            ]
        );
        for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
            // All are started anew, in place of none.
            assert_eq!(
                until_the_limit(strategy, "a").await,
                [
                    is("child_terminated", "a", Some("a")),
                    is("start_error", "a", None),
                    is("start_error", "a", None),
                    is("shutdown", "a", Some("a")),
                ]
            );
            // This one has not ended by itself.
            assert_eq!(
                until_the_limit(strategy, "b").await,
                [
                    is("child_terminated", "a", Some("a")),
                    is("start_error", "b", None),
                    is("start_error", "b", None),
                    is("shutdown", "b", None),
                ]
            );
        }
    })
    .await;
}

// DSU-011
#[tokio::test(start_paused = true)]
async fn a_dynamic_supervisor_names_the_process_that_the_child_was() {
    let (reports, _guard) = collect();
    let troupe = Troupe::new();
    in_process(async move {
        let dynamic = DynamicSupervisor::new().max_restarts(1, Duration::from_secs(1));
        let dynamic = dynamic.start().await.unwrap();
        let child = dynamic.start_child(troupe.hero("a")).await.unwrap();
        let pid = child.pid().unwrap();
        troupe.mood("a", Mood::Fails);
        process::exit(pid, ExitReason::Kill);
        assert_eq!(dynamic.wait().await, ExitReason::Shutdown);
        let mut reports = reports.take();
        reports.retain(|report| report.kind() == "supervisor");
        let contexts: Vec<_> = reports
            .iter()
            .map(|report| {
                (
                    report.field("context").unwrap(),
                    report.field("pid").unwrap(),
                )
            })
            .collect();
        let pid = pid.to_string();
        let expected = ["child_terminated", "start_error", "shutdown"];
        assert_eq!(contexts, expected.map(|context| (context, &*pid)));
    })
    .await;
}
