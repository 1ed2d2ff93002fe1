//! Short soaks: one that is clean, and some that cannot be.

use std::future::pending;
use std::thread;
use std::time::Duration;

use otp_core::{Mailbox, process, timer};

use super::Soak;
use crate::driver::{Note, Operation, operations};
use crate::plan::Plan;
use crate::report::Report;
use crate::stop::Stop;
use crate::watcher::Cast;

const TENTH: Duration = Duration::from_millis(100);

fn plan(length: Duration) -> Plan {
    Plan {
        drivers: 8,
        ..Plan::new(length, 7)
    }
}

/// A soak with one more operation, which is done often.
fn spoilt(operation: Operation) -> Report {
    let mut all = operations();
    all.push(operation);
    let mut soak = Soak::with(plan(TENTH * 4), Stop::default(), || 0, all);
    soak.patience = Duration::from_secs(1);
    soak.run()
}

/// What was left over at a moment, in any round.
fn left_over(report: &Report, moment: &str) -> Vec<&'static str> {
    let of_moment = report.leftovers.iter().filter(|it| it.moment == moment);
    let mut what: Vec<_> = of_moment.map(|it| it.what).collect();
    what.sort_unstable();
    what.dedup();
    what
}

// The patience is short there, so other things may be late too on a busy machine.
#[track_caller]
fn check(operation: Operation, leaks: &'static str) {
    let report = spoilt(operation);
    for moment in ["at rest", "at the end"] {
        assert!(
            left_over(&report, moment).contains(&leaks),
            "{moment}:\n{report}"
        );
    }
    assert!(!report.is_clean());
}

#[test]
fn a_timer_that_nobody_owns_is_left_over() {
    let leak = Operation {
        name: "timers leaked",
        weight: 20,
        perform: |_, _| {
            Box::pin(async {
                timer::send_after("nobody", Duration::from_secs(3600), Note::Ready);
            })
        },
    };
    check(leak, "timers");
}

#[test]
fn a_process_that_nobody_ends_is_left_over_with_its_monitor() {
    let leak = || Operation {
        name: "processes leaked",
        weight: 20,
        perform: |_, _| {
            Box::pin(async move {
                let first = process::node().processes()[0];
                process::spawn(move |mut mailbox: Mailbox<Note>| async move {
                    mailbox.monitor(first, Note::Down);
                    pending::<()>().await;
                });
            })
        },
    };
    check(leak(), "processes");
    check(leak(), "monitors");
}

#[test]
fn a_panic_that_is_not_part_of_it_is_complained_of() {
    let report = spoilt(Operation {
        name: "mistakes",
        weight: 20,
        perform: |_, _| Box::pin(async { panic!("a mistake") }),
    });
    assert!(report.complaint_count > 0, "{report}");
    assert!(report.complaints[0].contains("a mistake"), "{report}");
}

#[test]
fn a_down_that_does_not_come_is_missed() {
    let report = spoilt(Operation {
        name: "monitors on who does not end",
        weight: 20,
        perform: |stage, _| {
            Box::pin(async move {
                let first = process::node().processes()[0];
                stage.world.watchers[0].cast(Cast::Watch(first.into()));
            })
        },
    });
    let missed = |complaint: &String| complaint.contains("DOWNs have not come");
    assert!(report.complaints.iter().any(missed), "{report}");
}

#[test]
fn a_soak_that_is_interrupted_says_so_and_counts_all_the_same() {
    let stop = Stop::default();
    let soak = Soak::new(plan(Duration::from_secs(3600)), stop.clone(), || 0);
    let (node, ledger) = (soak.node(), soak.ledger());
    let report = thread::scope(|scope| {
        scope.spawn(move || {
            while ledger.done() < 100 {
                thread::yield_now();
            }
            stop.raise();
        });
        soak.run()
    });
    assert!(report.was_interrupted && report.is_clean(), "{report}");
    assert_eq!(report.bytes.len(), 1);
    assert!(node.processes().is_empty());
}
