//! Processes that keep their thread to themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use otp_core::ProcessRef;
use otp_core::prelude::*;
use otp_core::process::ProcessStatus;
use otp_core::test::Probe;
use tokio::runtime::{Builder, Runtime};

use crate::collector::{Report, hand_to};
use crate::support::{Event, Lab, lab, run};

/// No process runs for so long, however busy the machine is.
const NEVER: Duration = Duration::from_secs(60 * 60);

/// With this limit a process that runs is soon overdue. It is set when only those run that are meant to be named.
const SOON: Duration = Duration::from_millis(1);

pub(crate) fn workers(number: usize) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(number).enable_time().build();
    runtime.expect("the system has threads to give")
}

/// Reports of the watchdog, which come from a thread of its own.
pub(crate) fn watched(node: &Node, limit: Duration) -> mpsc::Receiver<Report> {
    let (sender, reports) = mpsc::channel();
    let _guard = hand_to(move |report| {
        let _ = sender.send(report);
    });
    node.monitor_long_schedule(limit);
    reports
}

/// A process that keeps its thread until it is released: it is polled once in its life.
pub(crate) struct Spinner {
    process: ProcessRef<Never>,
    released: Arc<AtomicBool>,
}

impl Spinner {
    /// Returns when it runs.
    pub(crate) fn start(node: &Node, runtime: &Runtime) -> Self {
        let released = Arc::new(AtomicBool::new(false));
        let (runs, is_running) = mpsc::channel();
        let until = released.clone();
        let _entered = runtime.enter();
        let process = node.spawn(move |_: Mailbox<Never>| async move {
            runs.send(()).expect("the test waits for it");
            while !until.load(Ordering::Acquire) {
                std::hint::spin_loop();
            }
        });
        is_running.recv().expect("it runs");
        Self { process, released }
    }

    fn pid(&self) -> String {
        self.process.pid().to_string()
    }
}

impl Drop for Spinner {
    /// The runtime could not end otherwise.
    fn drop(&mut self) {
        self.released.store(true, Ordering::Release);
    }
}

/// Who is named until this process is, it included.
fn named_until(reports: &mpsc::Receiver<Report>, last: &str) -> Vec<String> {
    let mut named = Vec::new();
    while named.last().is_none_or(|pid| pid != last) {
        let report = reports.recv().expect("the watchdog barks");
        named.push(report.field("pid").expect("it names somebody").to_owned());
    }
    named
}

#[test]
fn a_handler_that_does_not_let_go_of_its_thread_is_named_and_a_kill_ends_it_at_its_next_await() {
    let runtime = workers(3);
    let node = Node::new();
    let reports = watched(&node, NEVER);
    let released = Arc::new(AtomicBool::new(false));
    let (runs, is_running) = mpsc::channel();
    let probe = Probe::new();
    let started = node.run({
        let (probe, released) = (probe.clone(), released.clone());
        async move {
            let server = Lab::start(lab(&probe)).await.unwrap();
            server.cast(run({
                let probe = probe.clone();
                move |_| async move {
                    runs.send(()).expect("the test waits for it");
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
    is_running.recv().unwrap();
    node.monitor_long_schedule(SOON);

    let pid = server.pid().to_string();
    let report = loop {
        let report = reports.recv().expect("the watchdog barks");
        if report.field("pid") == Some(&pid) {
            break report;
        }
    };
    assert_eq!(report.kind(), "long_schedule");
    assert!(report.text().contains("without an await"), "{report:?}");

    // The watchdog looks again and again until it names these two.
    for _ in 0..2 {
        let other = Spinner::start(&node, &runtime);
        let named = named_until(&reports, &other.pid());
        assert!(!named.contains(&pid), "it is named once");
    }

    // Dead for others at once, and in truth at its next await.
    node.exit(server.pid(), ExitReason::Kill);
    assert!(!server.is_alive());
    released.store(true, Ordering::Release);
    assert_eq!(runtime.block_on(server.wait()), ExitReason::Killed);
    assert_eq!(probe.drain(), [Event::Init, Event::Cast(1)]);
}

#[test]
fn a_process_that_waits_however_long_is_not_named() {
    // On a thread of its own: what the watchdog knew of its last poll could be replaced by another one there.
    let here = Builder::new_current_thread().build().unwrap();
    let there = workers(1);
    let node = Node::new();
    let reports = watched(&node, NEVER);
    let sleeper = here.block_on(async {
        let sleeper = node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
        tokio::task::yield_now().await;
        sleeper
    });
    let status = node.process_info(sleeper.pid()).map(|info| info.status);
    assert_eq!(status, Some(ProcessStatus::Waiting));

    // It waits for longer than the limit while these two run for as long.
    node.monitor_long_schedule(SOON);
    for _ in 0..2 {
        let other = Spinner::start(&node, &there);
        let named = named_until(&reports, &other.pid());
        assert_eq!(named, [other.pid()]);
    }
    assert!(sleeper.is_alive());
}

#[test]
fn a_second_call_changes_the_limit_at_once() {
    let runtime = workers(1);
    let node = Node::new();
    let reports = watched(&node, NEVER);
    let spinner = Spinner::start(&node, &runtime);
    assert!(reports.try_recv().is_err());
    // By now the watchdog is in a pause of a quarter of an hour.
    node.monitor_long_schedule(SOON);
    assert_eq!(named_until(&reports, &spinner.pid()), [spinner.pid()]);
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
    let runtime = workers(2);
    let node = Node::new();
    let reports = watched(&node, NEVER);
    let spinners = [
        Spinner::start(&node, &runtime),
        Spinner::start(&node, &runtime),
    ];
    node.monitor_long_schedule(SOON);
    let mut named = [reports.recv().unwrap(), reports.recv().unwrap()]
        .map(|report| report.field("pid").unwrap().to_owned());
    named.sort();
    let mut pids = spinners.each_ref().map(Spinner::pid);
    pids.sort();
    assert_eq!(named, pids);
    for spinner in spinners {
        let process = spinner.process.clone();
        drop(spinner);
        assert_eq!(runtime.block_on(process.wait()), ExitReason::Normal);
    }
}
