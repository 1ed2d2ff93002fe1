//! Children that are added, removed and counted.

use crate::{EventLog, die, pids, plan, session};
use ch3_super_duper::api::{Hero, Plan, character, crowd, start_link};
use otp_core::SupervisorRef;
use otp_core::child_spec::ChildType;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::supervisor::{DeleteChildError, StartChildError, TerminateChildError};

/// A tree, its settings and its events after the start.
async fn tree(change: impl FnOnce(&mut Plan)) -> (SupervisorRef, Plan, EventLog) {
    let log = EventLog::default();
    let mut plan = plan(&log);
    change(&mut plan);
    let visor = start_link(&plan).await.expect("it starts");
    log.take();
    (visor, plan, log)
}

async fn counts(visor: &SupervisorRef) -> [usize; 4] {
    let count = visor
        .count_children()
        .await
        .expect("the supervisor answers");
    [count.specs, count.active, count.supervisors, count.workers]
}

// S50
#[tokio::test(start_paused = true)]
async fn the_last_child_is_listed_first_and_a_restart_keeps_the_place() {
    session(async |_| {
        let (visor, ..) = tree(|_| ()).await;
        let before = pids(&visor).await;
        let names: Vec<&str> = before.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["supermario", "superman", "superdave"]);
        die("superman").await;
        let after = pids(&visor).await;
        assert_eq!((&before[0], &before[2]), (&after[0], &after[2]));
        assert_eq!(after[1].1, Hero::named("superman").whereis());
        assert_ne!(before[1], after[1]);
    })
    .await;
}

// S65
#[tokio::test(start_paused = true)]
async fn only_children_that_run_are_active() {
    session(async |_| {
        let (visor, plan, _) = tree(|plan| plan.restart = Restart::Transient).await;
        assert_eq!(counts(&visor).await, [3, 3, 0, 3]);
        let mario = Hero::named("supermario");
        mario.stop(ExitReason::Normal).await.expect("it stops");
        assert_eq!(counts(&visor).await, [3, 2, 0, 3]);
        visor
            .terminate_child("superdave")
            .await
            .expect("it is a child");
        assert_eq!(counts(&visor).await, [3, 1, 0, 3]);
        visor
            .delete_child("superdave")
            .await
            .expect("it does not run");
        assert_eq!(counts(&visor).await, [2, 1, 0, 2]);
        // The declared type counts, not the process.
        let line = Some("Me too.".to_owned());
        let added = visor
            .start_child(character(&plan, "luigi", line, ChildType::Supervisor))
            .await;
        assert_eq!(
            added.expect("the name is free").pid(),
            process::whereis("luigi")
        );
        assert_eq!(counts(&visor).await, [3, 2, 1, 2]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_child_that_is_added_is_restarted_with_its_line() {
    session(async |_| {
        let (visor, plan, log) = tree(|_| ()).await;
        let line = Some("I will be brief.".to_owned());
        let added = visor
            .start_child(character(&plan, "supernova", line, ChildType::Worker))
            .await;
        added.expect("the name is free");
        die("supernova").await;
        assert_eq!(
            log.take(),
            [
                "start supernova",
                "mayday supernova: boom",
                "restart supernova"
            ]
        );
        let said = Hero::named("supernova").say().await;
        assert_eq!(said.as_deref(), Ok("I will be brief."));
        let second = visor
            .start_child(character(&plan, "supernova", None, ChildType::Worker))
            .await;
        assert!(matches!(second, Err(StartChildError::AlreadyStarted(_))));
        // A child that does not start is not added.
        let failed = visor
            .start_child(character(&plan, "batman", None, ChildType::Worker))
            .await;
        assert!(
            matches!(failed, Err(StartChildError::Start { .. })),
            "{failed:?}"
        );
        assert_eq!(counts(&visor).await, [4, 4, 0, 4]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_child_is_stopped_before_it_is_deleted() {
    session(async |_| {
        let (visor, _, log) = tree(|plan| plan.trap = true).await;
        let running = visor.delete_child("superman").await;
        assert!(matches!(running, Err(DeleteChildError::Running(_))));
        visor
            .terminate_child("superman")
            .await
            .expect("it is a child");
        assert_eq!(log.take(), ["mayday superman: shutdown"]);
        visor
            .restart_child("superman")
            .await
            .expect("it does not run");
        assert_eq!(log.take(), ["restart superman"]);
        let unknown = visor.terminate_child("batman").await;
        assert_eq!(unknown, Err(TerminateChildError::NotFound("batman".into())));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn children_of_the_dynamic_supervisor_are_added_restarted_and_removed() {
    session(async |_| {
        let (visor, plan, log) = tree(|plan| plan.crowd = true).await;
        let crowd = crowd(&process::node()).expect("it is in the tree");
        for name in ["luigi", "supernova"] {
            let line = Some(format!("I am {name}."));
            crowd
                .start_child(character(&plan, name, line, ChildType::Worker))
                .await
                .expect("the name is free");
        }
        die("luigi").await;
        assert_eq!(
            log.take(),
            [
                "start luigi",
                "start supernova",
                "mayday luigi: boom",
                "restart luigi"
            ]
        );
        let luigi = Hero::named("luigi").whereis().expect("it is back");
        crowd.terminate_child(luigi).await.expect("it is a child");
        assert_eq!(Hero::named("luigi").whereis(), None);
        for other in [luigi, Hero::named("superman").whereis().expect("it runs")] {
            let refused = crowd.terminate_child(other).await;
            assert_eq!(refused, Err(TerminateChildError::NotAChild(other)));
        }
        assert_eq!(
            Hero::named("supernova").say().await.as_deref(),
            Ok("I am supernova.")
        );
        assert_eq!(counts(&visor).await, [4, 4, 1, 3]);
    })
    .await;
}
