//! The tree as an application, and its exit status.

use crate::{EventLog, die, plan};
use ch3_super_duper::api::{Hero, Plan, run};
use otp_core::application::ExitStatus;
use otp_core::prelude::*;
use std::future::pending;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_signal_stops_the_tree_in_order() {
    let log = EventLog::default();
    let plan = Plan {
        trap: true,
        ..plan(&log)
    };
    let node = Node::new();
    // The paused clock advances when all tasks wait, so the tree has started before the signal.
    let signal = tokio::time::sleep(Duration::from_secs(60));
    let status = run(&node, &plan, signal).await;
    assert_eq!((&status, status.exit_code()), (&ExitStatus::Stopped, 0));
    assert_eq!(
        log.take(),
        [
            "start super_visor",
            "start superdave",
            "start superman",
            "start supermario",
            "mayday supermario: shutdown",
            "mayday superman: shutdown",
            "mayday superdave: shutdown"
        ]
    );
    assert_eq!(node.registered(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_that_gives_up_ends_the_application_with_1() {
    let node = Node::new();
    let plan = plan(&EventLog::default());
    let crashes = node.run(async {
        while Hero::named("supermario").whereis().is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        for _ in 0..4 {
            die("superman").await;
        }
    });
    let (status, crashed) = tokio::join!(run(&node, &plan, pending()), crashes);
    assert_eq!(crashed, Ok(()));
    let ExitStatus::Failed {
        application,
        reason,
        cause: Some(cause),
    } = &status
    else {
        panic!("{status:?}");
    };
    assert_eq!(
        (application.as_str(), reason),
        ("super_duper", &ExitReason::Shutdown)
    );
    assert_eq!(cause.path, ["superman".into()]);
    assert!(cause.reason.is_abnormal(), "{cause}");
    assert_eq!(status.exit_code(), 1);
}

// S61
#[tokio::test(start_paused = true)]
async fn an_application_whose_tree_does_not_start_ends_with_1() {
    let log = EventLog::default();
    let plan = Plan {
        characters: vec!["superdave".to_owned(), "batman".to_owned()],
        ..plan(&log)
    };
    let status = run(&Node::new(), &plan, pending()).await;
    assert!(matches!(status, ExitStatus::NotStarted(_)), "{status:?}");
    assert_eq!(status.exit_code(), 1);
}
