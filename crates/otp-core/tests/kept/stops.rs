//! Drains that are disturbed.

use std::future::pending;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::{Probe, reports};
use otp_core::{ProcessRef, drain, process};
use tokio::time::{Instant, sleep};

use crate::support::{is_alive, loose_tree, tree};

/// What a drain does when it has begun.
#[derive(Clone, Copy)]
enum Then {
    Hangs,
    /// A helper, linked with it, ends so.
    HelperEnds(&'static str),
    HelperIsDone,
    Panics,
    Fails,
}

/// A draining child that reports itself when it starts and when it drains.
fn drained(then: Then, probe: &Probe<ProcessRef<Exit>>) -> ChildSpec {
    let probe = probe.clone();
    drain::child_spec("drained", move |drain| {
        let probe = probe.clone();
        async move {
            let me = process::node().process_ref(process::current());
            let me = me.expect("it lives");
            probe.report(me.clone());
            drain.wait().await;
            probe.report(me);
            match then {
                Then::Hangs => {}
                Then::HelperEnds(why) => {
                    let why = ExitReason::other(why);
                    process::spawn_link(|_: Mailbox<Never>| async { why });
                }
                Then::HelperIsDone => {
                    process::spawn_link(|_: Mailbox<Never>| async {});
                    sleep(Duration::from_secs(1)).await;
                    return Ok(());
                }
                Then::Fails => return Err(ExitReason::other("no disk")),
                Then::Panics => panic!("it fails as it drains"),
            }
            pending::<Result<(), ExitReason>>().await
        }
    })
}

#[otp_core::test]
async fn the_failure_of_a_linked_helper_ends_a_drain() {
    let probe = Probe::new();
    let tree = tree([drained(Then::HelperEnds("helper"), &probe)]).await;
    let child = probe.next().await;
    let before = Instant::now();
    tree.stop().await.expect("it stops");
    assert_eq!(child.wait().await, ExitReason::other("helper"));
    assert!(before.elapsed() < Duration::from_secs(1));
}

#[otp_core::test]
async fn a_helper_that_is_done_does_not_disturb_a_drain() {
    let probe = Probe::new();
    let tree = tree([drained(Then::HelperIsDone, &probe)]).await;
    let child = probe.next().await;
    tree.stop().await.expect("it stops");
    assert_eq!(child.wait().await, ExitReason::Shutdown);
}

#[otp_core::test(reports)]
async fn a_failure_of_a_drain_is_its_end_and_is_reported() {
    for then in [Then::Panics, Then::Fails] {
        let probe = Probe::new();
        let tree = tree([drained(then, &probe)]).await;
        let child = probe.next().await;
        tree.stop().await.expect("it stops");
        let reason = child.wait().await;
        match then {
            Then::Panics => assert!(matches!(reason, ExitReason::Panic(_))),
            _ => assert_eq!(reason, ExitReason::other("no disk")),
        }
        let reports = reports().take();
        let failed = |it: &&otp_core::test::Report| it.field("context") == Some("shutdown_error");
        assert_eq!(reports.iter().filter(failed).count(), 1);
    }
}

/// The supervisor is killed before the drain begins, or while it is under way.
#[otp_core::test]
async fn the_limit_of_a_drain_holds_without_its_supervisor() {
    let seconds = Duration::from_secs;
    for limit in [Shutdown::Within(seconds(7)), Shutdown::BrutalKill] {
        let probe = Probe::new();
        let tree = loose_tree([drained(Then::Hangs, &probe).shutdown(limit)]).await;
        let child = probe.next().await;
        let before = Instant::now();
        process::exit(tree.pid(), ExitReason::Kill);
        tree.wait().await;
        assert_eq!(child.wait().await, ExitReason::Killed);
        assert!(before.elapsed() < seconds(8));
        assert_eq!(
            before.elapsed() >= seconds(7),
            limit != Shutdown::BrutalKill
        );
    }
    let probe = Probe::new();
    let limit = Shutdown::Within(seconds(7));
    let tree = loose_tree([drained(Then::Hangs, &probe).shutdown(limit)]).await;
    let child = probe.next().await;
    let before = Instant::now();
    let stopping = tree.clone();
    process::spawn(move |_: Mailbox<Never>| async move { drop(stopping.stop().await) });
    assert_eq!(probe.next().await, child, "it drains");
    sleep(seconds(3)).await;
    process::exit(tree.pid(), ExitReason::Kill);
    tree.wait().await;
    assert!(is_alive(child.pid()));
    assert_eq!(child.wait().await, ExitReason::Killed);
    assert!(before.elapsed() >= seconds(7) && before.elapsed() < seconds(8));
}

#[otp_core::test]
async fn a_drain_without_a_limit_goes_on_without_its_supervisor() {
    let probe = Probe::new();
    let child = drained(Then::HelperIsDone, &probe).shutdown(Shutdown::Infinity);
    let tree = loose_tree([child]).await;
    let child = probe.next().await;
    process::exit(tree.pid(), ExitReason::Kill);
    let before = Instant::now();
    assert_eq!(child.wait().await, ExitReason::Killed);
    assert!(before.elapsed() >= Duration::from_secs(1));
}
