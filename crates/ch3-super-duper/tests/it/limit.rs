//! The restart limit.

use crate::{EventLog, die, plan, session};
use ch3_super_duper::api::{Plan, start_link};
use otp_core::prelude::*;
use otp_core::process;
use std::time::Duration;

// S58
#[tokio::test(start_paused = true)]
async fn the_fourth_crash_ends_the_supervisor() {
    session(async |mut me| {
        let log = EventLog::default();
        let plan = Plan {
            trap: true,
            ..plan(&log)
        };
        let visor = start_link(&plan).await.expect("it starts");
        for _ in 0..3 {
            die("superman").await;
            assert!(visor.count_children().await.is_ok());
        }
        log.take();
        die("superman").await;
        assert_eq!(
            log.take(),
            [
                "mayday superman: boom",
                "mayday supermario: shutdown",
                "mayday superdave: shutdown"
            ]
        );
        assert_eq!(visor.wait().await, ExitReason::Shutdown);
        assert_eq!(me.receive().await.reason, ExitReason::Shutdown);
        assert_eq!(process::node().registered(), Vec::<String>::new());
    })
    .await;
}

// S58
#[tokio::test(start_paused = true)]
async fn crashes_are_counted_over_all_children() {
    session(async |_| {
        let visor = start_link(&plan(&EventLog::default())).await;
        let visor = visor.expect("it starts");
        for name in ["superdave", "superman", "supermario", "superdave"] {
            assert!(visor.count_children().await.is_ok());
            die(name).await;
        }
        assert_eq!(visor.wait().await, ExitReason::Shutdown);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn crashes_older_than_the_period_do_not_count() {
    session(async |_| {
        let visor = start_link(&plan(&EventLog::default())).await;
        let visor = visor.expect("it starts");
        for _ in 0..10 {
            die("superman").await;
            die("superman").await;
            die("superman").await;
            tokio::time::sleep(Duration::from_millis(5001)).await;
        }
        assert_eq!(
            visor.count_children().await.map(|count| count.active),
            Ok(3)
        );
    })
    .await;
}

// S62
#[tokio::test(start_paused = true)]
async fn a_branch_that_gives_up_is_started_again_from_above() {
    session(async |_| {
        let log = EventLog::default();
        let mut plan = Plan {
            trap: true,
            duo: true,
            ..plan(&log)
        };
        plan.limit.max = 1;
        let visor = start_link(&plan).await.expect("it starts");
        assert_eq!(
            log.take(),
            [
                "start super_visor",
                "start duo",
                "start superdave",
                "start superman",
                "start supermario"
            ]
        );
        die("superdave").await;
        assert_eq!(log.take(), ["mayday superdave: boom", "restart superdave"]);
        die("superdave").await;
        assert_eq!(
            log.take(),
            [
                "mayday superdave: boom",
                "mayday superman: shutdown",
                "restart duo",
                "restart superdave",
                "restart superman"
            ]
        );
        visor.stop().await.expect("it stops");
        assert_eq!(
            log.take(),
            [
                "mayday supermario: shutdown",
                "mayday superman: shutdown",
                "mayday superdave: shutdown"
            ]
        );
    })
    .await;
}
