//! Children that come and go at run time, and what a supervisor shows of them.

use std::time::Duration;

use otp_core::child_spec::ChildType;
use otp_core::prelude::*;
use otp_core::supervisor::{
    AutoShutdown, ChildCounts, DeleteChildError, RestartChildError, SpecError, StartChildError,
    TerminateChildError,
};
use otp_core::{ChildId, SupervisorRef, process};

use crate::support::in_process;
use crate::troupe::{Ask, Mood, TRIO, Troupe, child, die, hero, ids, pid_of, stop};

async fn visor(troupe: &Troupe) -> SupervisorRef {
    let supervisor = Supervisor::new(Strategy::OneForOne).children(troupe.heroes(&TRIO));
    let visor = supervisor.name("visor").start_link().await;
    let visor = visor.expect("the heroes start");
    troupe.log().await;
    visor
}

#[track_caller]
fn check(counts: ChildCounts, specs: usize, active: usize, supervisors: usize) {
    let seen = (counts.specs, counts.active, counts.supervisors);
    assert_eq!(seen, (specs, active, supervisors));
    assert_eq!(counts.workers, specs - supervisors);
}

// SUP-031, SUP-036, S70
#[tokio::test(start_paused = true)]
async fn a_child_that_is_added_starts_after_the_others() {
    let troupe = Troupe::new();
    in_process(async move {
        let visor = visor(&troupe).await;
        let started = visor.start_child(troupe.hero("yoshi")).await.unwrap();
        troupe.saw(&["start yoshi"]).await;
        assert_eq!(started.pid(), Some(pid_of("yoshi")));
        assert_eq!(
            ids(&visor).await,
            ["yoshi", "supermario", "superman", "superdave"]
        );
        check(visor.count_children().await.unwrap(), 4, 4, 0);
        assert_eq!(hero("yoshi").call(Ask::Say).await, Ok("yoshi"));
    })
    .await;
}

// SUP-031, S71
#[tokio::test(start_paused = true)]
async fn an_id_that_is_in_use_is_refused_with_the_reason_why() {
    let troupe = Troupe::new();
    in_process(async move {
        let visor = visor(&troupe).await;
        visor.start_child(troupe.hero("yoshi")).await.unwrap();
        let yoshi = pid_of("yoshi");
        let again = visor.start_child(troupe.hero("yoshi")).await;
        assert_eq!(again.unwrap_err(), StartChildError::AlreadyStarted(yoshi));
        let fixed = visor.start_child(troupe.hero("superman")).await;
        let superman = pid_of("superman");
        assert_eq!(
            fixed.unwrap_err(),
            StartChildError::AlreadyStarted(superman)
        );

        visor.terminate_child("yoshi").await.unwrap();
        let present = visor.start_child(troupe.hero("yoshi")).await;
        let expected = StartChildError::AlreadyPresent("yoshi".into());
        assert_eq!(present.unwrap_err(), expected);
        visor.restart_child("yoshi").await.unwrap();

        // Another id, but the name is taken: the child's own start says so.
        let twin = troupe.hero("yoshi").with_id("twin");
        let taken = visor.start_child(twin).await;
        let yoshi = pid_of("yoshi");
        assert_eq!(taken.unwrap_err(), StartChildError::AlreadyStarted(yoshi));
        assert_eq!(ids(&visor).await.len(), 4);
    })
    .await;
}

// SUP-031
#[tokio::test(start_paused = true)]
async fn a_child_that_does_not_start_is_not_kept_and_not_reported() {
    let troupe = Troupe::new();
    let _guard = troupe.with_reports(&["supervisor"]);
    in_process(async move {
        let visor = visor(&troupe).await;
        troupe.mood("batman", Mood::Fails);
        let failed = visor.start_child(troupe.hero("batman")).await.unwrap_err();
        let expected = StartChildError::Start {
            id: "batman".into(),
            reason: ExitReason::other("bad"),
        };
        assert_eq!(failed, expected);
        assert_eq!(failed.to_string(), "child batman did not start: bad");
        assert_eq!(ids(&visor).await.len(), 3);
        troupe.saw(&["start batman"]).await;
    })
    .await;
}

// SUP-006, SUP-031
#[tokio::test(start_paused = true)]
async fn a_specification_that_contradicts_the_supervisor_is_refused_when_it_is_added() {
    let troupe = Troupe::new();
    in_process(async move {
        let visor = visor(&troupe).await;
        let significant = troupe.hero("a").significant(true);
        let transient = significant.clone().restart(Restart::Transient);
        let refused = visor.start_child(transient).await.unwrap_err();
        let never = SpecError::SignificantNever("a".into());
        assert_eq!(refused, StartChildError::Spec(never));
        let any = Supervisor::new(Strategy::OneForOne).auto_shutdown(AutoShutdown::AnySignificant);
        let any = any.start_link().await.unwrap();
        let refused = any.start_child(significant).await.unwrap_err();
        let permanent = SpecError::SignificantPermanent("a".into());
        assert_eq!(refused, StartChildError::Spec(permanent));
        troupe.saw(&[]).await;
    })
    .await;
}

// SUP-032, SUP-034, SUP-035, S72
#[tokio::test(start_paused = true)]
async fn terminate_restart_and_delete_do_what_the_state_of_the_child_allows() {
    let troupe = Troupe::new();
    in_process(async move {
        let visor = visor(&troupe).await;
        visor.start_child(troupe.hero("freak")).await.unwrap();
        let running = pid_of("freak");
        assert_eq!(
            visor.delete_child("freak").await,
            Err(DeleteChildError::Running(running))
        );
        assert_eq!(
            visor.restart_child("freak").await.unwrap_err(),
            RestartChildError::Running(running)
        );
        visor.terminate_child("freak").await.unwrap();
        assert_eq!(child(&visor, "freak").await.pid(), None);
        check(visor.count_children().await.unwrap(), 4, 3, 0);
        assert!(hero("freak").call(Ask::Say).await.is_err());
        visor.terminate_child("freak").await.unwrap();

        let restarted = visor.restart_child("freak").await.unwrap();
        assert_eq!(restarted.pid(), Some(pid_of("freak")));
        // Asked for: that is no restart of the supervisor's own.
        assert_eq!(child(&visor, "freak").await.restarts, 0);
        visor.terminate_child("freak").await.unwrap();
        visor.delete_child("freak").await.unwrap();
        assert_eq!(ids(&visor).await, ["supermario", "superman", "superdave"]);

        let unknown = ChildId::from("freak");
        assert_eq!(
            visor.terminate_child("freak").await,
            Err(TerminateChildError::NotFound(unknown.clone()))
        );
        assert_eq!(
            visor.restart_child("freak").await.unwrap_err(),
            RestartChildError::NotFound(unknown.clone())
        );
        assert_eq!(
            visor.delete_child("freak").await,
            Err(DeleteChildError::NotFound(unknown))
        );
        visor.start_child(troupe.hero("freak")).await.unwrap();
    })
    .await;
}

// SUP-032, S72
#[tokio::test(start_paused = true)]
async fn a_pid_is_no_id() {
    let troupe = Troupe::new();
    in_process(async move {
        let visor = visor(&troupe).await;
        let pid = pid_of("superman");
        let unknown = TerminateChildError::NotFound(ChildId::key(pid));
        assert_eq!(visor.terminate_child(ChildId::key(pid)).await, Err(unknown));
        assert_eq!(pid_of("superman"), pid);
    })
    .await;
}

// SUP-032, S72
#[tokio::test(start_paused = true)]
async fn a_temporary_child_that_is_terminated_is_forgotten() {
    let troupe = Troupe::new();
    in_process(async move {
        let visor = visor(&troupe).await;
        let temporary = troupe.hero("a").restart(Restart::Temporary);
        visor.start_child(temporary).await.unwrap();
        visor.terminate_child("a").await.unwrap();
        let unknown = RestartChildError::NotFound("a".into());
        assert_eq!(visor.restart_child("a").await.unwrap_err(), unknown);
    })
    .await;
}

// SUP-033, S72
#[tokio::test(start_paused = true)]
async fn a_child_that_is_terminated_is_not_started_again_nor_reported_nor_counted() {
    let troupe = Troupe::new();
    let _guard = troupe.with_reports(&["supervisor"]);
    in_process(async move {
        let visor = visor(&troupe).await;
        for _ in 0..10 {
            visor.terminate_child("superman").await.unwrap();
            troupe.saw(&[]).await;
            visor.restart_child("superman").await.unwrap();
            troupe.saw(&["start superman"]).await;
        }
        assert!(visor.is_alive());
    })
    .await;
}

// SUP-034
#[tokio::test(start_paused = true)]
async fn a_restart_by_hand_that_fails_keeps_the_child() {
    let troupe = Troupe::new();
    let _guard = troupe.with_reports(&["supervisor"]);
    in_process(async move {
        let visor = visor(&troupe).await;
        visor.terminate_child("superman").await.unwrap();
        troupe.mood("superman", Mood::Fails);
        let failed = visor.restart_child("superman").await.unwrap_err();
        let expected = RestartChildError::Start {
            id: "superman".into(),
            reason: ExitReason::other("bad"),
        };
        assert_eq!(failed, expected);
        assert_eq!(child(&visor, "superman").await.pid(), None);
        troupe.saw(&["start superman"]).await;
    })
    .await;
}

// SUP-036
#[tokio::test(start_paused = true)]
async fn a_child_keeps_its_place_when_it_is_restarted_by_anyone() {
    let troupe = Troupe::new();
    in_process(async move {
        let visor = visor(&troupe).await;
        let order = ["supermario", "superman", "superdave"];
        die("superdave").await;
        assert_eq!(ids(&visor).await, order);
        visor.terminate_child("superman").await.unwrap();
        visor.restart_child("superman").await.unwrap();
        assert_eq!(ids(&visor).await, order);
    })
    .await;
}

// SUP-036, SUP-037, S65
#[tokio::test(start_paused = true)]
async fn counts_are_by_specification_and_only_active_is_by_process() {
    let troupe = Troupe::new();
    in_process(async move {
        let inner = ChildSpec::supervisor("inner", || {
            Supervisor::new(Strategy::OneForOne).start_link()
        });
        let visor = visor(&troupe).await;
        visor.start_child(inner).await.unwrap();
        check(visor.count_children().await.unwrap(), 4, 4, 1);
        assert_eq!(
            child(&visor, "inner").await.child_type,
            ChildType::Supervisor
        );
        let transient = troupe.hero("a").restart(Restart::Transient);
        visor.start_child(transient).await.unwrap();
        stop("a", ExitReason::Normal).await;
        check(visor.count_children().await.unwrap(), 5, 4, 1);
        visor.terminate_child("inner").await.unwrap();
        check(visor.count_children().await.unwrap(), 5, 3, 1);
        visor.delete_child("inner").await.unwrap();
        check(visor.count_children().await.unwrap(), 4, 3, 0);
        // A server that is specified as a supervisor is taken for one.
        let named = ChildSpec::supervisor("b", {
            let troupe = troupe.clone();
            move || crate::troupe::Hero::start_link(("b", troupe.clone()))
        });
        visor.start_child(named).await.unwrap();
        check(visor.count_children().await.unwrap(), 5, 4, 1);
    })
    .await;
}

// SUP-038
#[tokio::test(start_paused = true)]
async fn requests_to_a_dead_supervisor_fail() {
    in_process(async {
        let supervisor = Supervisor::new(Strategy::OneForOne).start().await.unwrap();
        supervisor.stop().await.unwrap();
        let is_gone = |error: &CallError| matches!(error, CallError::NoProcess { .. });
        assert!(is_gone(&supervisor.which_children().await.unwrap_err()));
        assert!(is_gone(&supervisor.count_children().await.unwrap_err()));
        match supervisor.terminate_child("a").await {
            Err(TerminateChildError::Call(error)) => assert!(is_gone(&error)),
            other => panic!("{other:?}"),
        }
    })
    .await;
}

// SUP-038
#[tokio::test(start_paused = true)]
async fn requests_wait_in_line_for_as_long_as_it_takes() {
    let troupe = Troupe::new();
    in_process(async move {
        let visor = visor(&troupe).await;
        troupe.mood("slow", Mood::Hesitates);
        let before = tokio::time::Instant::now();
        let spec = troupe.hero("slow");
        let (starting, counting) = tokio::join!(visor.start_child(spec), visor.count_children());
        starting.unwrap();
        check(counting.unwrap(), 4, 4, 0);
        assert!(before.elapsed() >= Duration::from_secs(10));
    })
    .await;
}

// SUP-039
#[tokio::test(start_paused = true)]
async fn thousands_of_children_come_and_go() {
    in_process(async {
        let supervisor = Supervisor::new(Strategy::RestForOne);
        let supervisor = supervisor.start_link().await.unwrap();
        let idle = || {
            let idle = |_: Mailbox<Never>| std::future::pending::<()>();
            std::future::ready(process::spawn_link(idle))
        };
        let time_of = async |count: usize| {
            let before = std::time::Instant::now();
            for n in 0..count {
                supervisor
                    .start_child(ChildSpec::worker(n, idle))
                    .await
                    .unwrap();
            }
            for n in 0..count {
                supervisor.terminate_child(n).await.unwrap();
            }
            for n in 0..count {
                supervisor.delete_child(n).await.unwrap();
            }
            before.elapsed()
        };
        // Ten times as many; a hundred times as long would be quadratic. A busy machine may spoil one
        // measurement, but not all.
        let mut is_linear = false;
        for _ in 0..3 {
            let (few, many) = (time_of(300).await, time_of(3000).await);
            is_linear |= many < few * 40;
        }
        assert!(is_linear);
        check(supervisor.count_children().await.unwrap(), 0, 0, 0);
    })
    .await;
}

// SUP-030, S73
#[tokio::test(start_paused = true)]
async fn a_child_that_was_added_is_supervised_like_the_others_and_those_can_be_removed() {
    let troupe = Troupe::new();
    let _guard = troupe.with_reports(&["supervisor"]);
    in_process(async move {
        let visor = visor(&troupe).await;
        visor.start_child(troupe.hero("supernova")).await.unwrap();
        troupe.log().await;
        die("supernova").await;
        troupe
            .saw(&[
                "terminate supernova Boom",
                "visor child_terminated supernova Boom",
                "start supernova",
            ])
            .await;
        visor.terminate_child("superman").await.unwrap();
        visor.delete_child("superman").await.unwrap();
        assert_eq!(ids(&visor).await, ["supernova", "supermario", "superdave"]);
    })
    .await;
}
