//! What tests of users find in the library: the reports that they have caused.

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::{Runner, idle, reports};

fn spawn_and_panic(text: &'static str) -> ProcessRef<Never> {
    process::spawn(move |_: Mailbox<Never>| async move { panic!("{text}") })
}

#[otp_core::test(reports)]
async fn a_test_gets_the_reports_that_it_has_caused() {
    let reports = reports();
    assert_eq!(reports.take(), []);
    spawn_and_panic("no eggs").wait().await;
    process::spawn(|_: Mailbox<Never>| async { ExitReason::Shutdown });
    idle().await;
    let [report] = &reports.take()[..] else {
        panic!("one process has failed")
    };
    assert_eq!(report.kind(), "process");
    assert_eq!(report.target(), otp_core::report::TARGET);
    assert_eq!(report.level(), tracing::Level::ERROR);
    assert!(report.text().contains("no eggs"), "{report:?}");
    assert!(
        report
            .field("reason")
            .is_some_and(|reason| reason.contains("no eggs"))
    );
    assert_eq!(report.field("label"), None);
    assert_eq!(reports.take(), []);
}

#[otp_core::test(reports, workers = 3)]
async fn reports_of_all_threads_are_collected() {
    let all: Vec<_> = (0..60).map(|_| spawn_and_panic("on some thread")).collect();
    for process in all {
        process.wait().await;
    }
    assert_eq!(reports().take_kinds(), vec!["process"; 60]);
}

#[test]
fn one_test_does_not_hear_the_reports_of_another() {
    let run = |failures: usize| {
        Runner::new().reports().run(async move {
            for _ in 0..failures {
                spawn_and_panic("alone").wait().await;
            }
            reports().take().len()
        })
    };
    assert_eq!((run(2), run(0), run(1)), (2, 0, 1));
}

#[test]
fn a_test_that_fails_says_why_although_its_report_is_collected() {
    let failed = std::panic::catch_unwind(|| {
        Runner::new()
            .reports()
            .run(async { assert_eq!(1 + 1, 3, "arithmetic") });
    });
    let payload = failed.expect_err("it fails");
    let text = payload.downcast_ref::<String>().expect("a message");
    assert!(text.contains("arithmetic"), "{text}");
}

#[test]
fn only_a_test_that_collects_reports_gets_them() {
    let failed = std::panic::catch_unwind(|| Runner::new().run(async { drop(reports()) }));
    let payload = failed.expect_err("it fails");
    let text = payload.downcast_ref::<String>().expect("a message");
    assert!(text.contains("#[otp_core::test(reports)]"), "{text}");
}
