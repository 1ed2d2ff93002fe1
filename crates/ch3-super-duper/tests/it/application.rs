//! The tree as an application: what it comes to, and with which exit code the program should end.

use crate::{Audience, die, plan};
use ch3_super_duper::api::{Hero, Plan, run};
use otp_core::application::ExitStatus;
use otp_core::prelude::*;
use std::future::pending;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_signal_stops_everything_in_order() {
    let audience = Audience::default();
    let plan = Plan {
        trap: true,
        ..plan(&audience)
    };
    let node = Node::new();
    // The clock goes on when nobody has anything to do: by then the tree is up.
    let signal = tokio::time::sleep(Duration::from_secs(60));
    let status = run(&node, &plan, signal).await;
    assert_eq!((&status, status.exit_code()), (&ExitStatus::Stopped, 0));
    assert_eq!(
        audience.heard(),
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
    let plan = plan(&Audience::default());
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
async fn an_application_whose_tree_does_not_start_is_over_with_1() {
    let audience = Audience::default();
    let plan = Plan {
        characters: vec!["superdave".to_owned(), "batman".to_owned()],
        ..plan(&audience)
    };
    let status = run(&Node::new(), &plan, pending()).await;
    assert!(matches!(status, ExitStatus::NotStarted(_)), "{status:?}");
    assert_eq!(status.exit_code(), 1);
}
