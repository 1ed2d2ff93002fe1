//! Error reports: which are made, and what is in them.

use otp_core::prelude::*;
use otp_core::process;
use otp_core::report::{CRASH_TARGET, TARGET};
use otp_core::test::Probe;
use tokio::sync::oneshot;
use tracing::Level;

use crate::collector::{Report, collect, hand_to};
use crate::support::{
    Call, Gate, Lab, Order, act, ask, boom, echo, in_process, panic_of, quiet, settle, stop,
};

/// A server report and the crash report that must follow it.
#[track_caller]
pub(crate) fn pair(reports: Vec<Report>) -> (Report, Report) {
    let [server, crash] = <[Report; 2]>::try_from(reports).expect("two reports");
    assert_eq!((server.level, server.target), (Level::ERROR, TARGET));
    assert_eq!((crash.level, crash.target), (Level::ERROR, CRASH_TARGET));
    assert_eq!((server.kind(), crash.kind()), ("gen_server", "crash"));
    assert_eq!(server.field("pid"), crash.field("pid"));
    assert_eq!(server.field("reason"), crash.field("reason"));
    (server, crash)
}

// ERP-001
#[tokio::test(start_paused = true)]
async fn an_orderly_end_is_not_reported() {
    let (reports, _guard) = collect();
    in_process(async {
        for reason in [
            ExitReason::Normal,
            ExitReason::Shutdown,
            ExitReason::shutdown_with("later"),
        ] {
            let server = Lab::start(quiet()).await.unwrap();
            server.cast(stop(reason.clone()));
            assert_eq!(server.wait().await, reason);
            let server = Lab::start(quiet()).await.unwrap();
            let stopping = server.stop_with(reason.clone());
            stopping.await.unwrap();
            let server = Lab::start(quiet()).await.unwrap();
            let why = reason.clone();
            server.cast(act(|_, _| process::exit_self(why)));
            assert_eq!(server.wait().await, reason);
        }
    })
    .await;
    assert!(reports.take().is_empty());
}

// ERP-002, ERP-004, ERP-005
#[tokio::test(start_paused = true)]
async fn a_panic_over_a_call_is_reported_with_all_there_is_to_know() {
    let (reports, _guard) = collect();
    in_process(async move {
        let server = Lab::options().name("egg").start(quiet()).await.unwrap();
        let _kept = server.send_request(Call::Keep);
        let handler = |lab: &mut Lab, from| {
            lab.kept.push(from);
            panic!("boom")
        };
        // One more waits in the queue when the server fails.
        let failing = server.send_request(ask(handler));
        let _queued = server.send_request(echo(1));
        let reason = server.wait().await;
        drop(failing);

        let (report, _) = pair(reports.take());
        let me = process::current();
        assert_eq!(report.field("server"), Some("egg"));
        assert_eq!(report.field("pid"), Some(&*server.pid().to_string()));
        assert_eq!(report.field("reason"), Some(&*reason.to_string()));
        assert_eq!(report.field("last_message"), Some("Do"));
        // As the callback left it: it changes the state in place.
        assert_eq!(report.field("state"), Some("2 kept"));
        assert_eq!(report.field("client"), Some(&*format!("{me} is alive")));
        assert_eq!(report.field("queue_len"), Some("1"));
        let location = panic_of(&reason).location.as_ref().unwrap();
        assert!(location.contains("reports.rs:"), "{location}");
        let mut text = report.text().to_owned();
        if let Some(backtrace) = &panic_of(&reason).backtrace {
            text = text.replace(&format!("\n{}", backtrace.trim_end()), "");
        }
        assert_eq!(
            text,
            format!(
                "GenServer egg terminating\n\
                 ** panicked: boom ({location})\n\
                 Last message (call): Do\n\
                 State: 2 kept\n\
                 Client {me} is alive"
            )
        );
    })
    .await;
}

// ERP-002
#[tokio::test(start_paused = true)]
async fn a_stop_is_reported_bare_and_a_server_without_a_name_by_its_pid() {
    let (reports, _guard) = collect();
    in_process(async move {
        let server = Lab::start(quiet()).await.unwrap();
        server.cast(stop(ExitReason::other("oops")));
        server.wait().await;
        let (report, _) = pair(reports.take());
        assert_eq!(report.field("server"), Some(&*server.pid().to_string()));
        assert_eq!(
            report.text(),
            format!(
                "GenServer {} terminating\n\
                 ** (stop) oops\n\
                 Last message (cast): Do\n\
                 State: 0 kept",
                server.pid()
            )
        );
    })
    .await;
}

// ERP-002
#[tokio::test(start_paused = true)]
async fn an_error_as_reason_is_reported_by_its_text() {
    let (reports, _guard) = collect();
    in_process(async move {
        let server = Lab::start(quiet()).await.unwrap();
        server.cast(stop(ExitReason::error(std::io::Error::other("disk full"))));
        server.wait().await;
        let (report, _) = pair(reports.take());
        assert_eq!(report.field("reason"), Some("disk full"));
        assert!(report.text().contains("\n** (stop) disk full\n"));
    })
    .await;
}

// ERP-003
#[tokio::test(start_paused = true)]
async fn the_crash_report_tells_what_the_process_was() {
    let (reports, _guard) = collect();
    in_process(async move {
        let bystander = |traps: bool| {
            process::spawn(move |mut mailbox: Mailbox<()>| async move {
                if traps {
                    mailbox.trap_exit(|_| ());
                }
                std::future::pending::<()>().await;
            })
        };
        let (fragile, steady) = (bystander(false), bystander(true));
        settle().await;
        let setup = quiet().trapping(true);
        let server = Lab::options().name("egg").start(setup).await.unwrap();
        let pids = [fragile.pid(), steady.pid()];
        server.cast(act(move |_, context| {
            for pid in pids {
                context.link(pid);
            }
            Next::NoReply
        }));
        server.cast(boom());
        server.cast(Order::Note(1));
        server.cast(Order::Note(2));
        let reason = server.wait().await;

        let (_, crash) = pair(reports.take());
        let me = process::current();
        let field = |name| crash.field(name).unwrap();
        assert_eq!(field("pid"), server.pid().to_string());
        assert!(field("initial_call").ends_with("Lab"), "{crash:?}");
        assert_eq!(field("names"), "[egg]");
        assert_eq!(field("reason"), reason.to_string());
        assert_eq!(field("ancestors"), format!("[{me}]"));
        assert_eq!(field("links"), format!("[{}, {}]", pids[0], pids[1]));
        assert_eq!(field("neighbours"), format!("[{}]", pids[0]));
        assert_eq!(field("trap_exit"), "true");
        assert_eq!(field("status"), "Running");
        assert_eq!(field("queue_len"), "2");
        let start = format!("Process {} terminating\n** {reason}\n", server.pid());
        assert!(crash.text().starts_with(&start), "{}", crash.text());
        for line in [
            "Registered names: [egg]".to_owned(),
            format!("Ancestors: [{me}]"),
            "Message queue length: 2".to_owned(),
            "Trapping exits: true".to_owned(),
            format!("Links: [{}, {}]", pids[0], pids[1]),
            format!("Neighbours: [{}]", pids[0]),
        ] {
            assert!(
                crash.text().lines().any(|found| found == line),
                "{line}: {}",
                crash.text()
            );
        }
        assert_eq!(fragile.wait().await, reason);
    })
    .await;
}

// ERP-004, ERP-005
#[tokio::test(start_paused = true)]
async fn the_last_message_is_marked_by_its_kind_and_only_a_call_has_a_client() {
    /// An order over which the server fails, the message shown, and a line of the text.
    type Case = (fn(&ServerRef<Lab>), Option<&'static str>, &'static str);
    let orders: [Case; 5] = [
        (
            |server| drop(server.send_request(ask(|_, _| panic!("boom")))),
            Some("Do"),
            "Last message (call): Do",
        ),
        (
            |server| server.cast(boom()),
            Some("Do"),
            "Last message (cast): Do",
        ),
        (
            |server| server.send(boom()),
            Some("Message(Do)"),
            "Last message: Message(Do)",
        ),
        (
            |server| server.cast(act(|_, _| Next::Continue(boom()))),
            None,
            "Last message (continue)",
        ),
        (
            |server| {
                let server = server.clone();
                process::spawn(|_: Mailbox<Never>| async move {
                    let why = ExitReason::other("oops");
                    server.stop_with(why).await.unwrap();
                });
            },
            None,
            "State: 0 kept",
        ),
    ];
    for (order, message, line) in orders {
        let (reports, _guard) = collect();
        in_process(async move {
            let server = Lab::start(quiet()).await.unwrap();
            order(&server);
            let reason = server.wait().await;
            let (report, _) = pair(reports.take());
            assert_eq!(report.field("last_message"), message);
            let is_call = line.contains("(call)");
            assert_eq!(report.field("client").is_some(), is_call, "{report:?}");
            assert_eq!(report.text().contains("\nClient "), is_call);
            let start = format!("** {reason}");
            let lines = report.text().lines().skip_while(|l| !l.starts_with("** "));
            // The reason, and then the message; a backtrace may stand between.
            assert!(
                lines.clone().any(|found| found == line),
                "{}",
                report.text()
            );
            if message.is_none() && line.starts_with("State") {
                assert!(!report.text().contains("Last message"), "{start}");
            }
        })
        .await;
    }
}

// ERP-005
#[tokio::test(start_paused = true)]
async fn a_client_that_is_gone_is_reported_as_dead() {
    let (reports, _guard) = collect();
    in_process(async move {
        let server = Lab::start(quiet()).await.unwrap();
        let (open, gate): (_, Gate) = oneshot::channel();
        server.cast(Order::Hold(gate));
        let other = server.clone();
        let client = process::spawn(|_: Mailbox<Never>| async move {
            drop(other.send_request(ask(|_, _| panic!("boom"))));
        });
        client.wait().await;
        open.send(()).unwrap();
        server.wait().await;
        let (report, _) = pair(reports.take());
        let dead = format!("{} is dead", client.pid());
        assert_eq!(report.field("client"), Some(&*dead));
        assert!(report.text().ends_with(&format!("\nClient {dead}")));
    })
    .await;
}

// ERP-006
#[tokio::test(start_paused = true)]
async fn a_server_that_is_killed_or_ended_by_a_signal_is_not_reported() {
    let (reports, _guard) = collect();
    in_process(async {
        for (reason, traps) in [
            (ExitReason::Kill, false),
            (ExitReason::Kill, true),
            (ExitReason::other("oops"), false),
        ] {
            for busy in [false, true] {
                let server = Lab::start(quiet().trapping(traps)).await.unwrap();
                let (_open, gate): (_, Gate) = oneshot::channel();
                if busy {
                    server.cast(Order::Hold(gate));
                }
                settle().await;
                process::exit(&server, reason.clone());
                assert!(server.wait().await.is_abnormal());
            }
        }
    })
    .await;
    assert!(reports.take().is_empty());
}

// ERP-007, GST-011
#[tokio::test(start_paused = true)]
async fn of_a_failed_init_only_an_abnormal_end_is_reported_and_only_as_a_crash() {
    type Failing = fn(Lab, &mut Context<Lab>) -> Result<Init<Lab>, ExitReason>;
    let crashes: [(Failing, &str); 3] = [
        (|_, _| panic!("boom"), "panicked: boom"),
        (|_, _| Err(ExitReason::other("no eggs")), "no eggs"),
        (|_, _| process::exit_self(ExitReason::other("gone")), "gone"),
    ];
    for (init, why) in crashes {
        let (reports, _guard) = collect();
        in_process(async move {
            let started = Lab::options().name("egg").start(quiet().init(init)).await;
            assert!(started.is_err());
            let [crash] = <[Report; 1]>::try_from(reports.take()).unwrap();
            assert_eq!((crash.level, crash.target), (Level::ERROR, CRASH_TARGET));
            assert_eq!(crash.kind(), "crash");
            assert!(crash.field("reason").unwrap().starts_with(why), "{crash:?}");
            assert_eq!(crash.field("names"), Some("[egg]"));
        })
        .await;
    }
    let quiet_ones: [Failing; 5] = [
        |_, _| Err(ExitReason::Normal),
        |_, _| Err(ExitReason::Shutdown),
        |_, _| Ok(Init::ignore()),
        |_, _| Ok(Init::error(ExitReason::other("no eggs"))),
        |_, _| process::exit_self(ExitReason::Normal),
    ];
    for init in quiet_ones {
        let (reports, _guard) = collect();
        in_process(async move {
            assert!(Lab::start(quiet().init(init)).await.is_err());
        })
        .await;
        assert!(reports.take().is_empty());
    }
}

// ERP-010
#[tokio::test(start_paused = true)]
async fn a_subscriber_that_panics_holds_up_nobody() {
    let _guard = hand_to(|report| panic!("cannot write {}", report.text()));
    in_process(async {
        let probe: Probe<()> = Probe::new();
        let server = Lab::options().name("egg").start(quiet()).await.unwrap();
        let answer = server.send_request(ask(|_, _| panic!("boom")));
        let reason = server.wait().await;
        assert_eq!(panic_of(&reason).message, "boom");
        assert_eq!(answer.await, Err(crate::support::exited(&server, reason)));
        assert_eq!(process::whereis("egg"), None);
        assert_eq!(probe.drain(), []);
    })
    .await;
}
