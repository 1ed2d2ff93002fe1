//! Processes that keep their thread to themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::runtime::Builder;

use crate::collector::{Report, hand_to};
use crate::support::{Event, Lab, lab, run};

fn two_workers() -> tokio::runtime::Runtime {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_time().build();
    runtime.expect("the system has threads to give")
}

/// Reports of the watchdog, which come from a thread of its own.
fn watched(node: &Node, limit: Duration) -> mpsc::Receiver<Report> {
    let (sender, reports) = mpsc::channel();
    let _guard = hand_to(move |report| {
        let _ = sender.send(report);
    });
    node.monitor_long_schedule(limit);
    reports
}

#[test]
fn a_handler_that_does_not_let_go_of_its_thread_is_named_and_a_kill_ends_it_at_its_next_await() {
    let runtime = two_workers();
    let node = Node::new();
    let reports = watched(&node, Duration::from_millis(2));
    let released = Arc::new(AtomicBool::new(false));
    let probe = Probe::new();
    let started = node.run({
        let (probe, released) = (probe.clone(), released.clone());
        async move {
            let server = Lab::start(lab(&probe)).await.unwrap();
            server.cast(run({
                let probe = probe.clone();
                move |_| async move {
                    while !released.load(Ordering::Acquire) {
                        std::hint::spin_loop();
                    }
                    probe.report(Event::Cast(1));
                    tokio::task::yield_now().await;
                    probe.report(Event::Cast(2));
                    Next::NoReply
                }
            }));
            server
        }
    });
    let server = runtime.block_on(started).unwrap();

    let report = reports.recv().expect("the watchdog barks");
    assert_eq!(report.kind(), "long_schedule");
    assert_eq!(report.field("pid"), Some(&*server.pid().to_string()));
    assert!(report.text().contains("without an await"), "{report:?}");

    // Dead for others at once, and in truth at its next await.
    node.exit(server.pid(), ExitReason::Kill);
    assert!(!server.is_alive());
    released.store(true, Ordering::Release);
    assert_eq!(runtime.block_on(server.wait()), ExitReason::Killed);
    assert_eq!(probe.drain(), [Event::Init, Event::Cast(1)]);
    assert!(reports.try_recv().is_err(), "it is named once");
}

#[test]
fn a_process_that_waits_however_long_is_not_named() {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let node = Node::new();
    // No process of this test runs for a minute.
    let reports = watched(&node, Duration::from_mins(1));
    let waited = node.run(async {
        let sleeper =
            process::spawn(|_: Mailbox<Never>| tokio::time::sleep(Duration::from_hours(1)));
        sleeper.wait().await
    });
    assert_eq!(runtime.block_on(waited), Ok(ExitReason::Normal));
    assert!(reports.try_recv().is_err());
}

#[test]
fn the_watchdog_goes_with_its_node() {
    let node = Node::new();
    let reports = watched(&node, Duration::from_millis(1));
    drop(node);
    // Its thread held the subscriber, which held the sender.
    assert!(matches!(reports.recv(), Err(mpsc::RecvError)));
}

#[test]
fn processes_that_run_side_by_side_are_watched_one_by_one() {
    let runtime = two_workers();
    let node = Node::new();
    let reports = watched(&node, Duration::from_millis(2));
    let released = Arc::new(AtomicBool::new(false));
    let spinner = |node: &Node| {
        let released = released.clone();
        node.spawn(|_: Mailbox<Never>| async move {
            while !released.load(Ordering::Acquire) {
                std::hint::spin_loop();
            }
        })
    };
    let _entered = runtime.enter();
    let spinners = [spinner(&node), spinner(&node)];
    let mut named = [reports.recv().unwrap(), reports.recv().unwrap()]
        .map(|report| report.field("pid").unwrap().to_owned());
    named.sort();
    released.store(true, Ordering::Release);
    let mut pids = [&spinners[0], &spinners[1]].map(|spinner| Pid::from(spinner).to_string());
    pids.sort();
    assert_eq!(named, pids);
    runtime.block_on(async {
        for spinner in &spinners {
            assert_eq!(spinner.wait().await, ExitReason::Normal);
        }
    });
}
