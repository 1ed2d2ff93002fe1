//! The end of the tree.

use crate::{EventLog, plan, session};
use ch3_super_duper::api::{Plan, start_link, stop as stop_with, super_visor};
use otp_core::prelude::*;
use otp_core::process;
use tokio::sync::oneshot;

// S55
#[tokio::test(start_paused = true)]
async fn children_stop_in_the_reverse_of_their_start() {
    for strategy in [
        Strategy::OneForOne,
        Strategy::OneForAll,
        Strategy::RestForOne,
    ] {
        for trap in [false, true] {
            let (events, downs) = session(async move |_| stop(strategy, trap).await).await;
            let words = ["supermario", "superman", "superdave"];
            let words = words.map(|name| format!("mayday {name}: shutdown"));
            assert_eq!(events, if trap { &words[..] } else { &[] });
            let ends = ["supermario", "superman", "superdave"];
            assert_eq!(
                downs,
                ends.map(|name| (name.to_owned(), ExitReason::Shutdown))
            );
        }
    }
}

/// Stops a tree. Returns its events, and the names and reasons of the DOWNs in order.
async fn stop(strategy: Strategy, trap: bool) -> (Vec<String>, Vec<(String, ExitReason)>) {
    let log = EventLog::default();
    let plan = Plan {
        strategy,
        trap,
        ..plan(&log)
    };
    let visor = start_link(&plan).await.expect("it starts");
    log.take();
    let (ready, watches) = oneshot::channel();
    let (send, downs) = oneshot::channel();
    let names = plan.characters.clone();
    process::spawn(async move |mut me: Mailbox<(String, ExitReason)>| {
        for name in names {
            let pid = process::whereis(name.clone()).expect("it is alive");
            me.monitor(pid, move |down| (name, down.reason));
        }
        let _ = ready.send(());
        let mut downs = Vec::new();
        for _ in 0..3 {
            downs.push(me.receive().await);
        }
        let _ = send.send(downs);
    });
    watches.await.expect("the process monitors the characters");
    visor.stop().await.expect("it stops");
    (log.take(), downs.await.expect("all DOWNs arrive"))
}

// S47
#[tokio::test(start_paused = true)]
async fn a_tree_can_be_started_again_when_it_has_stopped() {
    session(async |mut me| {
        let plan = plan(&EventLog::default());
        let first = start_link(&plan).await.expect("it starts");
        match start_link(&plan).await {
            Err(StartError::AlreadyStarted(pid)) => assert_eq!(pid, first.pid()),
            other => panic!("expected the pid of the first tree, got {other:?}"),
        }
        stop_with(&first, ExitReason::other("oops"))
            .await
            .expect("it stops");
        let exit = me.receive().await;
        assert_eq!(
            (exit.from, exit.reason),
            (first.pid(), ExitReason::other("oops"))
        );
        assert!(super_visor(&process::node()).is_none());
        let second = start_link(&plan).await.expect("the name is free");
        assert_ne!(second.pid(), first.pid());
    })
    .await;
}
