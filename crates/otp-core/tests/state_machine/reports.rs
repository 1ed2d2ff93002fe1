//! What a report shows of a machine.

use otp_core::sys;
use otp_core::test::{Report, reports};

use crate::book::Ask;
use crate::stage::Stage;

fn machine_report() -> Report {
    let all = reports().take();
    let kinds: Vec<_> = all.iter().map(Report::kind).collect();
    assert_eq!(
        kinds,
        ["gen_statem", "crash"],
        "one of the machine, then the crash report"
    );
    all.into_iter().next().expect("there are two")
}

// STM-061
#[otp_core::test(reports)]
async fn a_report_shows_what_was_inside() {
    let stage = Stage::start(
        "a waits: postpone
         a arm: timeout t 1000; timeout later 2000
         a burst: insert bad; insert behind
         a bad: panic boom",
    )
    .await;
    let waits = stage
        .machine
        .send_request(|from| Ask("waits".to_owned(), from));
    stage.cast("arm burst in_the_mailbox");
    stage.machine.wait().await;
    drop(waits);
    let report = machine_report();
    assert_eq!(report.field("state"), Some("a, n=0"));
    assert_eq!(report.field("last_message"), Some("bad"));
    assert_eq!(report.field("queue"), Some(r#"["internal behind"]"#));
    assert_eq!(report.field("postponed"), Some(r#"["call waits"]"#));
    assert_eq!(
        report.field("timeouts"),
        Some(r#"["timeout t", "timeout later"]"#)
    );
    assert_eq!(report.field("client"), None);
    assert!(
        report
            .field("reason")
            .is_some_and(|reason| reason.contains("boom"))
    );
    assert!(
        report
            .field("server_type")
            .is_some_and(|name| name.ends_with("::Player"))
    );
    let text = report.text();
    assert!(text.starts_with("State machine "), "{text}");
    assert!(text.contains("Postponed: call waits"), "{text}");
}

// STM-061
#[otp_core::test(reports)]
async fn a_report_names_the_client_of_a_call_that_was_postponed_too() {
    let stage = Stage::start("a bad: postpone\n a go: next b\n b bad: panic boom").await;
    let call = stage
        .machine
        .send_request(|from| Ask("bad".to_owned(), from));
    stage.cast("go");
    stage.machine.wait().await;
    drop(call);
    let me = otp_core::process::current();
    assert_eq!(
        machine_report().field("client"),
        Some(format!("{me} is alive").as_str())
    );
}

// STM-061
#[otp_core::test(reports)]
async fn an_end_that_is_not_abnormal_is_not_reported() {
    for reason in ["normal", "shutdown"] {
        let stage = Stage::start(&format!("a go: stop {reason}")).await;
        stage.cast("go");
        stage.machine.wait().await;
    }
    assert_eq!(reports().take_kinds(), Vec::<String>::new());
}

// STM-066
#[otp_core::test(reports)]
async fn format_status_decides_what_status_and_report_show() {
    let stage = Stage::start("a p: postpone\n a bad: panic boom").await;
    stage.cast("p");
    let status = sys::get_status(&stage.machine).await.expect("it lives");
    assert_eq!(status.state.as_deref(), Some("a, n=0"));
    assert_eq!(status.postponed, ["cast p"]);
    assert_eq!(status.timeouts, Vec::<String>::new());
    assert!(status.server.ends_with("::Player"), "{}", status.server);
    stage.cast("bad");
    stage.machine.wait().await;
    assert_eq!(machine_report().field("state"), Some("a, n=0"));
}

// STM-067
#[otp_core::test(reports)]
async fn a_format_status_that_fails_hides_all() {
    let stage = Stage::start("a format: yes\n a p: postpone\n a bad: panic boom").await;
    stage.cast("p");
    let hidden = Some("not shown: format_status panicked");
    let status = sys::get_status(&stage.machine).await.expect("it lives");
    assert_eq!(status.state.as_deref(), hidden);
    stage.cast("bad");
    stage.machine.wait().await;
    let report = machine_report();
    assert_eq!(report.field("state"), hidden);
    assert_eq!(report.field("postponed"), None);
}
