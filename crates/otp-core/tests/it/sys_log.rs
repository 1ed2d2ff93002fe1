//! sys: what a server does, kept in a log and told to the world.

use otp_core::prelude::*;
use otp_core::process;
use otp_core::report::TRACE_TARGET;
use otp_core::sys::{self, Mode, Switch};
use tracing::Level;

use crate::collector::{Report, collect};
use crate::reports::pair;
use crate::support::{Lab, Order, boom, echo, in_process, quiet, settle};
use crate::sys_debug::{logged, start};

// SYS-009
#[tokio::test(start_paused = true)]
async fn a_trace_is_one_line_an_event_for_the_subscriber() {
    let (reports, _guard) = collect();
    let me = in_process(async {
        let server = Lab::options().name("egg").start(quiet()).await.unwrap();
        sys::trace("egg", Switch::On).await.unwrap();
        assert_eq!(server.call(echo(1)).await, Ok(1));
        server.send(Order::Note(2));
        settle().await;
        sys::trace("egg", Switch::Off).await.unwrap();
        assert_eq!(server.call(echo(3)).await, Ok(3));
        process::current()
    })
    .await;
    let reports = reports.take();
    let lines: Vec<&str> = reports.iter().map(Report::text).collect();
    let expected = [
        &format!("egg got call Echo(1) from {me}"),
        &format!("egg sent answer to {me}, new state 0 kept"),
        "egg got message Message(Note(2))",
        "egg new state 0 kept",
    ];
    assert_eq!(lines, expected);
    for report in &reports {
        assert_eq!((report.level, report.target), (Level::INFO, TRACE_TARGET));
        assert_eq!(
            (report.kind(), report.field("server")),
            ("trace", Some("egg"))
        );
    }
    let [got, sent, _, returned] = reports.as_slice() else {
        panic!("four events");
    };
    assert_eq!(got.field("event"), Some("in"));
    assert_eq!(got.field("content"), Some("Echo(1)"));
    assert_eq!(got.field("client"), Some(&*me.to_string()));
    assert_eq!(got.field("state"), None);
    assert_eq!(sent.field("event"), Some("out"));
    assert_eq!(sent.field("client"), Some(&*me.to_string()));
    assert_eq!(sent.field("state"), Some("0 kept"));
    assert_eq!(returned.field("event"), Some("noreply"));
    assert_eq!(returned.field("client"), None);
}

// SYS-009
#[tokio::test(start_paused = true)]
async fn a_log_keeps_the_last_events() {
    in_process(async {
        let server = start().await;
        assert_eq!(logged(&server).await, Vec::<String>::new());
        sys::log(&server, 3).await.unwrap();
        for n in 1..=3 {
            server.cast(Order::Note(n));
        }
        let last = ["new state 0 kept", "got cast Note(3)", "new state 0 kept"];
        assert_eq!(logged(&server).await, last);
        // One that is kept stays as it is.
        sys::log(&server, 1).await.unwrap();
        assert_eq!(logged(&server).await, last);
        let status = sys::get_status(&server).await.unwrap();
        assert_eq!(status.mode, Mode::Running);
        let log: Vec<String> = status.log.iter().map(ToString::to_string).collect();
        assert_eq!(log, last);

        sys::log(&server, 0).await.unwrap();
        assert_eq!(logged(&server).await, Vec::<String>::new());
        sys::log(&server, 1).await.unwrap();
        server.cast(Order::Note(4));
        assert_eq!(logged(&server).await, ["new state 0 kept"]);
    })
    .await;
}

// SYS-009
#[tokio::test(start_paused = true)]
async fn the_report_of_a_server_shows_its_log() {
    let (reports, _guard) = collect();
    in_process(async {
        let server = start().await;
        server.cast(boom());
        server.wait().await;
        let server = start().await;
        sys::log(&server, 4).await.unwrap();
        server.cast(Order::Note(1));
        server.cast(Order::Note(2));
        server.cast(boom());
        server.wait().await;
    })
    .await;
    let mut reports = reports.take();
    let (logged, _) = pair(reports.split_off(2));
    let log =
        "\nLog:\n    new state 0 kept\n    got cast Note(2)\n    new state 0 kept\n    got cast Do";
    assert!(logged.text().ends_with(log), "{}", logged.text());
    assert!(
        logged
            .field("log")
            .is_some_and(|log| log.contains("Note(2)"))
    );
    let (unlogged, _) = pair(reports);
    assert!(!unlogged.text().contains("Log:"), "{}", unlogged.text());
    assert_eq!(unlogged.field("log"), None);
}
