//! Restarts that fail, and restarts that are too many.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::supervisor::{ChildStatus, DeleteChildError, RestartChildError, StartChildError};
use otp_core::{SupervisorRef, process};

use crate::support::in_process;
use crate::troupe::{Mood, Order, TRIO, Troupe, child, die, hero};

fn supervisor() -> Supervisor {
    Supervisor::new(Strategy::OneForOne)
}

// SUP-025, S58
#[tokio::test(start_paused = true)]
async fn one_crash_more_than_the_limit_ends_the_supervisor_and_its_children() {
    let troupe = Troupe::new().trapping(true);
    let _guard = troupe.with_reports(&["supervisor"]);
    let node = Node::new();
    let stage = troupe.clone();
    // The starter is linked and does not trap exits: it goes down as well, and says why.
    let whole = node.run(async move {
        let supervisor = supervisor().children(stage.heroes(&TRIO)).name("visor");
        let supervisor = supervisor.start_link().await.unwrap();
        for name in TRIO {
            die(name).await;
            assert!(supervisor.is_alive());
        }
        stage.log().await;
        die("superman").await;
        std::future::pending::<()>().await;
    });
    assert_eq!(whole.await, Err(ExitReason::Shutdown));
    assert!(node.processes().is_empty());
    troupe
        .saw(&[
            "terminate superman Boom",
            "visor child_terminated superman Boom",
            "visor shutdown superman reached_max_restart_intensity",
            "terminate supermario shutdown",
            "terminate superdave shutdown",
        ])
        .await;
}

// SUP-025
#[tokio::test(start_paused = true)]
async fn a_restart_of_all_counts_once() {
    let troupe = Troupe::new();
    in_process(async move {
        let supervisor = Supervisor::new(Strategy::OneForAll).children(troupe.heroes(&TRIO));
        let supervisor = supervisor.start().await.unwrap();
        for _ in 0..3 {
            die("superman").await;
        }
        assert!(supervisor.is_alive());
        die("superman").await;
        assert_eq!(supervisor.wait().await, ExitReason::Shutdown);
    })
    .await;
}

// SUP-026
#[tokio::test(start_paused = true)]
async fn crashes_that_are_far_enough_apart_go_on_for_ever() {
    let troupe = Troupe::new();
    in_process(async move {
        let supervisor = supervisor()
            .max_restarts(1, Duration::from_secs(1))
            .child(troupe.hero("a"));
        let supervisor = supervisor.start().await.unwrap();
        for _ in 0..50 {
            die("a").await;
            tokio::time::sleep(Duration::from_millis(2100)).await;
        }
        assert_eq!(child(&supervisor, "a").await.restarts, 50);
        die("a").await;
        die("a").await;
        assert_eq!(supervisor.wait().await, ExitReason::Shutdown);
    })
    .await;
}

// SUP-025
#[tokio::test(start_paused = true)]
async fn with_a_limit_of_zero_the_first_crash_ends_the_supervisor() {
    let troupe = Troupe::new();
    in_process(async move {
        let supervisor = supervisor()
            .max_restarts(0, Duration::from_secs(5))
            .child(troupe.hero("a"));
        let supervisor = supervisor.start().await.unwrap();
        troupe.log().await;
        die("a").await;
        assert_eq!(supervisor.wait().await, ExitReason::Shutdown);
        troupe.saw(&["terminate a Boom"]).await;
    })
    .await;
}

// SUP-027, SUP-030
#[tokio::test(start_paused = true)]
async fn every_failed_attempt_counts_and_there_is_no_delay_between_them() {
    let troupe = Troupe::new().trapping(true);
    let _guard = troupe.with_reports(&["supervisor"]);
    in_process(async move {
        let supervisor = supervisor()
            .children(troupe.heroes(&["a", "b"]))
            .name("visor");
        let supervisor = supervisor.start().await.unwrap();
        troupe.log().await;
        troupe.mood("b", Mood::Fails);
        let before = tokio::time::Instant::now();
        hero("b").cast(Order::Die);
        assert_eq!(supervisor.wait().await, ExitReason::Shutdown);
        assert_eq!(before.elapsed(), Duration::ZERO);
        troupe
            .saw(&[
                "terminate b Boom",
                "visor child_terminated b Boom",
                "start b",
                "visor start_error b bad",
                "start b",
                "visor start_error b bad",
                "start b",
                "visor start_error b bad",
                "visor shutdown b reached_max_restart_intensity",
                "terminate a shutdown",
            ])
            .await;
    })
    .await;
}

/// A supervisor whose child `b` ends, and whose every attempt to start it again takes ten seconds and
/// fails.
async fn hanging_loop(troupe: &Troupe, strategy: Strategy) -> SupervisorRef {
    let gate = troupe.clone();
    let slow = ChildSpec::worker("b", move || {
        let troupe = gate.clone();
        async move {
            if process::whereis("broken").is_some() {
                tokio::time::sleep(Duration::from_secs(10)).await;
                return Err(ExitReason::other("bad"));
            }
            let idle = |_: Mailbox<Never>| std::future::pending::<()>();
            troupe.note("start b");
            Ok(process::spawn_link(idle))
        }
    });
    let supervisor = Supervisor::new(strategy)
        .max_restarts(1000, Duration::from_secs(5))
        .child(troupe.hero("a"))
        .child(slow)
        .child(troupe.hero("c"))
        .start_link()
        .await
        .expect("the children start");
    process::register("broken", process::current()).expect("the name is free");
    let b = child(&supervisor, "b").await.pid().expect("it runs");
    process::exit(b, ExitReason::Kill);
    // In the middle of the third attempt.
    tokio::time::sleep(Duration::from_secs(25)).await;
    supervisor
}

// SUP-027, SUP-028
#[tokio::test(start_paused = true)]
async fn between_the_attempts_of_a_restart_requests_are_served() {
    for strategy in [
        Strategy::OneForOne,
        Strategy::OneForAll,
        Strategy::RestForOne,
    ] {
        let troupe = Troupe::new();
        in_process(async move {
            let supervisor = hanging_loop(&troupe, strategy).await;
            let b = child(&supervisor, "b").await;
            assert_eq!((b.status, b.pid()), (ChildStatus::Restarting, None));
            assert_eq!(
                supervisor.restart_child("b").await.unwrap_err(),
                RestartChildError::Restarting("b".into())
            );
            assert_eq!(
                supervisor.delete_child("b").await.unwrap_err(),
                DeleteChildError::Restarting("b".into())
            );
            assert_eq!(
                supervisor.start_child(troupe.hero("b")).await.unwrap_err(),
                StartChildError::AlreadyPresent("b".into())
            );
            let active = supervisor.count_children().await.unwrap().active;
            let others = match strategy {
                Strategy::OneForOne => 2,
                // What comes after it waits with it.
                Strategy::OneForAll | Strategy::RestForOne => 1,
            };
            assert_eq!(active, others, "{strategy:?}");

            // It can be taken out of the loop, and then there is no further attempt.
            supervisor.terminate_child("b").await.unwrap();
            process::unregister("broken").unwrap();
            troupe.log().await;
            tokio::time::sleep(Duration::from_secs(30)).await;
            troupe.saw(&[]).await;
            assert_eq!(child(&supervisor, "b").await.status, ChildStatus::Stopped);
            supervisor.restart_child("b").await.unwrap();
            troupe.saw(&["start b"]).await;
        })
        .await;
    }
}

// SUP-028
#[tokio::test(start_paused = true)]
async fn a_supervisor_in_a_loop_of_restarts_can_be_shut_down() {
    for strategy in [Strategy::OneForOne, Strategy::RestForOne] {
        let troupe = Troupe::new();
        in_process(async move {
            let supervisor = hanging_loop(&troupe, strategy).await;
            supervisor.stop().await.unwrap();
            assert_eq!(process::node().processes(), [process::current()]);
        })
        .await;
    }
}
