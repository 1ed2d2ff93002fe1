//! Trees that do not start.

use crate::{EventLog, plan, session};
use ch3_super_duper::api::{Plan, start_link};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::supervisor::{FailedToStartChild, SpecError};

fn characters(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

// S61
#[tokio::test(start_paused = true)]
async fn the_children_before_a_child_that_fails_are_stopped_again() {
    session(async |_| {
        let log = EventLog::default();
        let plan = Plan {
            trap: true,
            characters: characters(&["superdave", "superman", "batman", "supermario"]),
            ..plan(&log)
        };
        let failed = start_link(&plan).await.expect_err("batman fails");
        let StartError::Init(ExitReason::ShutdownWith(why)) = failed else {
            panic!("expected a shutdown with the reason, got {failed:?}");
        };
        let why: &FailedToStartChild = why.downcast_ref().expect("the reason names the child");
        assert_eq!(why.id.to_string(), "batman");
        assert_eq!(
            log.take(),
            [
                "start super_visor",
                "start superdave",
                "start superman",
                "start batman",
                "mayday superman: shutdown",
                "mayday superdave: shutdown"
            ]
        );
        assert_eq!(process::node().registered(), Vec::<String>::new());
    })
    .await;
}

// S61
#[tokio::test(start_paused = true)]
async fn a_starter_that_does_not_trap_exits_ends_with_it() {
    let log = EventLog::default();
    let mut plan = plan(&log);
    plan.characters = characters(&["batman"]);
    let ended = Node::new().run(async move { start_link(&plan).await.map(drop) });
    let reason = ended.await.expect_err("the starter does not survive");
    assert!(matches!(reason, ExitReason::ShutdownWith(_)), "{reason:?}");
}

// S51, S64
#[tokio::test(start_paused = true)]
async fn two_children_cannot_have_one_id() {
    session(async |_| {
        let mut plan = plan(&EventLog::default());
        plan.characters = characters(&["superdave", "superdave"]);
        match start_link(&plan).await {
            Err(StartError::Init(reason)) => assert_eq!(
                reason.downcast_error::<SpecError>(),
                Some(&SpecError::DuplicateId("superdave".into()))
            ),
            other => panic!("expected the faulty part, got {other:?}"),
        }
    })
    .await;
}
