//! GenServer: when terminate runs. Every way to end, with and without trapping exits, as OTP has it.

use std::future::{Future, pending};

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::sync::oneshot;

use crate::collector::hand_to;
use crate::support::{
    Event, Heard, Lab, act, boom, echo, exited, lab, quiet, settle, stop, with_mailbox,
};

/// A way in which a server may end.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// A callback panics.
    Panic,
    /// A callback ends the process by itself.
    Exit(&'static str),
    /// A callback says so.
    Stop(&'static str),
    /// It is stopped from outside.
    Stopped(&'static str),
    /// A process that it has nothing to do with sends a signal.
    Stranger(&'static str),
    /// A linked process that is not its parent ends.
    Linked(&'static str),
    /// The process that started it with a link ends.
    Parent(&'static str),
    /// The process that started it with a link sends a signal and lives on.
    ParentSignal(&'static str),
}

fn reason(text: &'static str) -> ExitReason {
    match text {
        "normal" => ExitReason::Normal,
        "shutdown" => ExitReason::Shutdown,
        "kill" => ExitReason::Kill,
        other => ExitReason::other(other),
    }
}

/// Without the place in the source.
fn bare(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(info) => format!("panicked: {}", info.message),
        other => other.to_string(),
    }
}

/// Ends a process with this reason, by its own will or, for `kill`, by a signal.
fn ends_with(mailbox: Mailbox<()>, text: &'static str) -> impl Future<Output = ExitReason> + Send {
    let mut mailbox = mailbox;
    async move {
        mailbox.receive().await;
        if text == "kill" {
            process::exit(process::current(), ExitReason::Kill);
            pending::<()>().await;
        }
        reason(text)
    }
}

/// Starts a server, makes it end this way, and writes down what is seen in order: `terminate`,
/// `info`, `report`, and at last `down` or `alive`.
async fn trace(way: Way, traps: bool) -> Vec<String> {
    let log: Probe<String> = Probe::new();
    let sink = log.clone();
    let _reports = hand_to(move |report| {
        if report.kind() == "gen_server" {
            let why = report.field("reason").expect("a report has a reason");
            // Without the place in the source.
            let why = why.split(" (").next().unwrap_or(why);
            let last = report.field("last_message").unwrap_or("nothing");
            sink.report(format!("report {why}, last {last}"));
        }
    });
    let written = log.clone();
    with_mailbox(move |mailbox| make_end(mailbox, way, traps, log)).await;
    written.drain()
}

async fn make_end(mut mailbox: Mailbox<Heard>, way: Way, traps: bool, log: Probe<String>) {
    let events = Probe::new();
    // The state writes to the same log as the reports, so that the order shows.
    let told = log.clone();
    let setup = lab(&events)
        .trapping(traps)
        .terminate(|reason| async move { told.report(format!("terminate {}", bare(&reason))) });

    let (server, parent) = match way {
        Way::Parent(text) | Way::ParentSignal(text) => {
            let (started, server) = oneshot::channel();
            let signals = matches!(way, Way::ParentSignal(_));
            let parent = process::spawn(move |mut mailbox: Mailbox<()>| async move {
                let server = Lab::start_link(setup).await.expect("its init is plain");
                let _ = started.send(server.clone());
                if signals {
                    // So that it outlives the server.
                    process::unlink(&server);
                    mailbox.receive().await;
                    process::exit(&server, reason(text));
                    pending::<()>().await;
                }
                ends_with(mailbox, text).await
            });
            (server.await.expect("it has started"), Some(parent))
        }
        _ => {
            let server = Lab::start(setup).await;
            (server.expect("its init is plain"), None)
        }
    };
    mailbox.monitor(&server, Heard::Down);

    match way {
        Way::Panic => server.cast(boom()),
        Way::Exit(text) => server.cast(act(move |_, _| process::exit_self(reason(text)))),
        Way::Stop(text) => server.cast(stop(reason(text))),
        Way::Stopped(text) => {
            let stopped = server.stop_with(reason(text)).await;
            assert_eq!(stopped, Ok(()));
        }
        Way::Stranger(text) => process::exit(&server, reason(text)),
        Way::Linked(text) => {
            let stranger = process::spawn(move |mailbox| ends_with(mailbox, text));
            let pid = stranger.pid();
            server.cast(act(move |_, context| {
                context.link(pid);
                Next::NoReply
            }));
            assert_eq!(server.call(echo(0)).await, Ok(0));
            stranger.send(());
        }
        Way::Parent(_) | Way::ParentSignal(_) => parent.expect("it was started").send(()),
    }
    settle().await;
    for event in events.drain() {
        if let Event::Exit(exit) = event {
            log.report(format!("info {}", exit.reason));
        }
    }
    if server.call(echo(1)).await == Ok(1) {
        log.report("alive".to_owned());
    }
    if let Some(Heard::Down(down)) = mailbox.receive().timeout(std::time::Duration::ZERO).await {
        log.report(format!("down {}", bare(&down.reason)));
    }
}

#[track_caller]
fn check(way: Way, traps: bool, seen: &[String], expected: &[&str]) {
    assert_eq!(seen, expected, "{way:?}, trapping exits: {traps}");
}

// TRM-006, TRM-011, ERP-001, ERP-002, ERP-004
#[tokio::test(start_paused = true)]
async fn terminate_runs_whenever_the_servers_own_code_ends_it_trapping_or_not() {
    for traps in [false, true] {
        for (way, expected) in [
            (
                Way::Panic,
                &[
                    "terminate panicked: boom",
                    "report panicked: boom, last Do",
                    "down panicked: boom",
                ][..],
            ),
            (
                Way::Exit("gone"),
                &["terminate gone", "report gone, last Do", "down gone"],
            ),
            (Way::Exit("normal"), &["terminate normal", "down normal"]),
            (Way::Stop("normal"), &["terminate normal", "down normal"]),
            (
                Way::Stop("shutdown"),
                &["terminate shutdown", "down shutdown"],
            ),
            (
                Way::Stop("oops"),
                &["terminate oops", "report oops, last Do", "down oops"],
            ),
            (Way::Stopped("normal"), &["terminate normal", "down normal"]),
            (
                Way::Stopped("shutdown"),
                &["terminate shutdown", "down shutdown"],
            ),
            (
                Way::Stopped("oops"),
                &["terminate oops", "report oops, last nothing", "down oops"],
            ),
        ] {
            check(way, traps, &trace(way, traps).await, expected);
        }
    }
}

// TRM-007, KIL-001, KIL-003, ERP-006
#[tokio::test(start_paused = true)]
async fn terminate_never_runs_on_a_signal_that_is_not_trapped() {
    for (way, expected) in [
        (Way::Stranger("normal"), &["alive"][..]),
        (Way::Stranger("shutdown"), &["down shutdown"]),
        (Way::Stranger("oops"), &["down oops"]),
        (Way::Stranger("kill"), &["down killed"]),
        (Way::Linked("normal"), &["alive"]),
        (Way::Linked("oops"), &["down oops"]),
        (Way::Linked("kill"), &["down killed"]),
        (Way::Parent("normal"), &["alive"]),
        (Way::Parent("shutdown"), &["down shutdown"]),
        (Way::Parent("oops"), &["down oops"]),
        (Way::Parent("kill"), &["down killed"]),
        (Way::ParentSignal("normal"), &["alive"]),
        (Way::ParentSignal("oops"), &["down oops"]),
        (Way::ParentSignal("kill"), &["down killed"]),
    ] {
        check(way, false, &trace(way, false).await, expected);
    }
}

// TRM-007, TRM-008, KIL-001, ERP-006
#[tokio::test(start_paused = true)]
async fn a_trapped_signal_of_a_stranger_is_for_handle_info_and_a_kill_for_nobody() {
    for (way, expected) in [
        (Way::Stranger("normal"), &["info normal", "alive"][..]),
        (Way::Stranger("shutdown"), &["info shutdown", "alive"]),
        (Way::Stranger("oops"), &["info oops", "alive"]),
        (Way::Stranger("kill"), &["down killed"]),
        (Way::Linked("normal"), &["info normal", "alive"]),
        (Way::Linked("oops"), &["info oops", "alive"]),
        (Way::Linked("kill"), &["info killed", "alive"]),
        (Way::ParentSignal("kill"), &["down killed"]),
    ] {
        check(way, true, &trace(way, true).await, expected);
    }
}

// TRM-006, ERP-004
#[tokio::test(start_paused = true)]
async fn a_trapped_signal_of_the_parent_ends_the_server_by_way_of_terminate() {
    for (way, why) in [
        (Way::Parent("normal"), "normal"),
        (Way::Parent("shutdown"), "shutdown"),
        (Way::ParentSignal("normal"), "normal"),
        (Way::ParentSignal("shutdown"), "shutdown"),
    ] {
        let expected = [format!("terminate {why}"), format!("down {why}")];
        assert_eq!(trace(way, true).await, expected, "{way:?}");
    }
    for (way, why) in [
        (Way::Parent("oops"), "oops"),
        (Way::Parent("kill"), "killed"),
        (Way::ParentSignal("oops"), "oops"),
    ] {
        let seen = trace(way, true).await;
        let [terminate, report, down] = &seen[..] else {
            panic!("{way:?}: {seen:?}");
        };
        assert_eq!(*terminate, format!("terminate {why}"));
        let start = format!("report {why}, last EXIT from <");
        let end = format!(">: {why}");
        assert!(
            report.starts_with(&start) && report.ends_with(&end),
            "{report}"
        );
        assert_eq!(*down, format!("down {why}"));
    }
}

// TRM-006: the parent is the process that started the server with a link, and no other
#[tokio::test(start_paused = true)]
async fn a_starter_without_a_link_is_no_parent() {
    with_mailbox(|_| async {
        let events = Probe::new();
        let server = Lab::start(lab(&events).trapping(true)).await.unwrap();
        process::link(&server);
        process::exit(&server, ExitReason::Shutdown);
        settle().await;
        let exit = Exit {
            from: process::current(),
            reason: ExitReason::Shutdown,
        };
        assert_eq!(events.drain(), [Event::Init, Event::Exit(exit)]);
        process::unlink(&server);
    })
    .await;
}

// TRM-006, SIG-001
#[tokio::test(start_paused = true)]
async fn the_parents_trapped_signal_waits_for_its_turn_and_what_comes_later_is_lost() {
    with_mailbox(|_| async {
        let server = Lab::start_link(quiet().trapping(true)).await.unwrap();
        process::unlink(&server);
        let before = server.send_request(echo(1));
        process::exit(&server, ExitReason::Shutdown);
        let after = server.send_request(echo(2));
        assert_eq!(before.await, Ok(1));
        assert_eq!(after.await, Err(exited(&server, ExitReason::Shutdown)));
    })
    .await;
}
