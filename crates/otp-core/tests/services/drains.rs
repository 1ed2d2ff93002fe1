//! Children that finish what they have.

use std::time::Duration;

use otp_core::drain;
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{ChildSpec, process};
use tokio::time::{Instant, sleep};

async fn tree(children: impl IntoIterator<Item = ChildSpec>) -> otp_core::SupervisorRef {
    let tree = children
        .into_iter()
        .fold(Supervisor::new(Strategy::OneForOne), Supervisor::child);
    tree.start_link().await.expect("it starts")
}

/// Reports its beginning, and, drained, its end after so long.
fn worker(name: &'static str, takes: Duration, probe: &Probe<String>) -> ChildSpec {
    let probe = probe.clone();
    drain::child_spec(name, move |drain| {
        let probe = probe.clone();
        async move {
            assert!(!drain.has_begun());
            probe.report(format!("{name} begins"));
            drain.wait().await;
            assert!(drain.has_begun());
            probe.report(format!("{name} drains"));
            sleep(takes).await;
            probe.report(format!("{name} has finished"));
        }
    })
}

#[otp_core::test]
async fn children_are_drained_one_after_the_other_the_last_first() {
    let probe = Probe::new();
    let (first, last) = (
        worker("first", Duration::ZERO, &probe),
        worker("last", Duration::from_secs(3), &probe),
    );
    let tree = tree([first, last]).await;
    for _ in 0..2 {
        assert!(probe.next().await.ends_with("begins"));
    }
    let before = Instant::now();
    tree.stop().await.expect("it stops");
    assert!(before.elapsed() >= Duration::from_secs(3));
    let seen = [
        "last drains",
        "last has finished",
        "first drains",
        "first has finished",
    ];
    assert_eq!(probe.drain(), seen);
}

#[otp_core::test]
async fn one_whose_time_is_over_is_killed() {
    let probe = Probe::new();
    let slow = worker("slow", Duration::from_secs(60), &probe);
    let tree = tree([slow.shutdown(Shutdown::Within(Duration::from_secs(2)))]).await;
    assert_eq!(probe.next().await, "slow begins");
    let before = Instant::now();
    tree.stop().await.expect("it stops");
    assert!(before.elapsed() < Duration::from_secs(10));
    assert_eq!(probe.drain(), ["slow drains"]);
}

#[otp_core::test]
async fn how_it_ends_by_itself_is_what_the_future_returns() {
    let probe = Probe::new();
    let tell = probe.clone();
    let child = drain::child_spec("x", move |_| {
        tell.report(process::current());
        async { Err::<(), _>(ExitReason::other("oops")) }
    });
    let _tree = tree([child.restart(Restart::Temporary)]).await;
    let pid = probe.next().await;
    assert_eq!(
        otp_core::test::ended(&process::node(), pid)
            .await
            .unwrap_or(ExitReason::other("oops")),
        ExitReason::other("oops")
    );
}

#[otp_core::test]
async fn another_linked_process_ends_it_at_once() {
    let probe = Probe::new();
    let tell = probe.clone();
    let child = drain::child_spec("x", move |_| {
        let tell = tell.clone();
        async move {
            let calm = process::spawn_link(|_: Mailbox<Never>| async {});
            calm.wait().await;
            let node = process::node();
            tell.report(
                node.process_ref::<Exit>(process::current())
                    .expect("it lives"),
            );
            process::spawn_link(|_: Mailbox<Never>| async { ExitReason::other("boo") });
            std::future::pending::<()>().await;
        }
    });
    let _tree = tree([child.restart(Restart::Temporary)]).await;
    let child = probe.next().await;
    assert_eq!(child.wait().await, ExitReason::other("boo"));
}
