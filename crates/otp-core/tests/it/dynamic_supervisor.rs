//! Dynamic supervisors: children that come and go.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp_core::child_spec::ChildType;
use otp_core::prelude::*;
use otp_core::supervisor::{ChildInfo, SpecError, StartChildError, TerminateChildError};
use otp_core::{Child, DynamicSupervisorRef, StartError, SupervisorRef, process};
use tokio::time::Instant;

use crate::support::{in_process, settle};
use crate::troupe::{Mood, Troupe, die, pid_of, rest, stop};

async fn dynamic() -> DynamicSupervisorRef {
    let supervisor = DynamicSupervisor::new().name("dyn").start_link().await;
    supervisor.expect("it starts")
}

async fn pids(supervisor: &DynamicSupervisorRef) -> Vec<Pid> {
    let children = supervisor.which_children().await;
    let children = children.expect("the supervisor lives");
    assert!(children.iter().all(|child| child.id.is_none()));
    children.iter().filter_map(ChildInfo::pid).collect()
}

async fn specs(supervisor: &DynamicSupervisorRef) -> usize {
    let counts = supervisor.count_children().await;
    counts.expect("the supervisor lives").specs
}

// DSU-001
#[tokio::test(start_paused = true)]
async fn it_starts_without_children_and_gives_up_after_more_than_three_restarts_in_five_seconds() {
    let troupe = Troupe::new();
    in_process(async move {
        let supervisor = DynamicSupervisor::new().start().await.unwrap();
        assert!(pids(&supervisor).await.is_empty());
        for _ in 0..2 {
            supervisor.start_child(troupe.hero("a")).await.unwrap();
            for _ in 0..3 {
                die("a").await;
            }
            assert!(supervisor.is_alive());
            // Long enough for those to be forgotten.
            supervisor.terminate_child(pid_of("a")).await.unwrap();
            tokio::time::sleep(Duration::from_secs(6)).await;
        }
        supervisor.start_child(troupe.hero("a")).await.unwrap();
        for _ in 0..4 {
            die("a").await;
        }
        assert_eq!(supervisor.wait().await, ExitReason::Shutdown);
    })
    .await;
}

// DSU-002, DSU-009, S76, S77
#[tokio::test(start_paused = true)]
async fn the_same_specification_may_be_started_many_times() {
    in_process(async {
        let supervisor = dynamic().await;
        let idle = || async {
            let idle = |_: Mailbox<Never>| std::future::pending::<()>();
            process::spawn_link(idle)
        };
        let worker = ChildSpec::worker("same", idle);
        for _ in 0..3 {
            supervisor.start_child(worker.clone()).await.unwrap();
        }
        let other = ChildSpec::supervisor("same", idle);
        supervisor.start_child(other).await.unwrap();
        assert_eq!(pids(&supervisor).await.len(), 4);
        let counts = supervisor.count_children().await.unwrap();
        assert_eq!((counts.specs, counts.active), (4, 4));
        assert_eq!((counts.workers, counts.supervisors), (3, 1));
        let children = supervisor.which_children().await.unwrap();
        let is_supervisor = |child_type| child_type == ChildType::Supervisor;
        let supervisors = children
            .iter()
            .filter(|child| is_supervisor(child.child_type));
        assert_eq!(supervisors.count(), 1);
    })
    .await;
}

// DSU-003
#[tokio::test(start_paused = true)]
async fn what_contradicts_itself_is_refused() {
    let troupe = Troupe::new();
    in_process(async move {
        let never = DynamicSupervisor::new().max_restarts(1, Duration::ZERO);
        let Err(StartError::Init(reason)) = never.start().await else {
            panic!("a period of zero");
        };
        assert_eq!(reason.downcast_error(), Some(&SpecError::ZeroPeriod));
        let significant = troupe.hero("a").restart(Restart::Transient);
        let supervisor = dynamic().await;
        let refused = supervisor.start_child(significant.significant(true));
        let expected = SpecError::SignificantDynamic("a".into());
        assert_eq!(refused.await.unwrap_err(), StartChildError::Spec(expected));
        troupe.saw(&[]).await;
    })
    .await;
}

// DSU-004, S77
#[tokio::test(start_paused = true)]
async fn with_the_most_children_that_there_may_be_no_start_function_is_called() {
    let troupe = Troupe::new();
    in_process(async move {
        let supervisor = DynamicSupervisor::new().max_children(1);
        let supervisor = supervisor.start_link().await.unwrap();
        supervisor.start_child(troupe.hero("a")).await.unwrap();
        troupe.log().await;
        let refused = supervisor.start_child(troupe.hero("b")).await;
        assert_eq!(refused.unwrap_err(), StartChildError::MaxChildren(1));
        troupe.saw(&[]).await;
        supervisor.terminate_child(pid_of("a")).await.unwrap();
        // One that did not start takes no place.
        troupe.mood("b", Mood::Fails);
        assert!(supervisor.start_child(troupe.hero("b")).await.is_err());
        troupe.mood("b", Mood::Ignores);
        supervisor.start_child(troupe.hero("b")).await.unwrap();
        supervisor.start_child(troupe.hero("c")).await.unwrap();
    })
    .await;
}

// DSU-005, SUP-046
#[tokio::test(start_paused = true)]
async fn extra_arguments_reach_the_start_functions_at_every_start() {
    in_process(async {
        let starts = Arc::new(AtomicU32::new(0));
        let supervisor = DynamicSupervisor::new()
            .extra_arguments(starts.clone())
            .start_link()
            .await
            .unwrap();
        // A function that makes specifications stands for the one specification of simple_one_for_one.
        let child = |weight: u32| {
            ChildSpec::worker_with("any", move |starts: Arc<AtomicU32>| async move {
                starts.fetch_add(weight, Ordering::Relaxed);
                process::spawn_link(|_: Mailbox<Never>| std::future::pending::<()>())
            })
        };
        supervisor.start_child(child(1)).await.unwrap();
        let heavy = supervisor.start_child(child(10)).await.unwrap();
        assert_eq!(starts.load(Ordering::Relaxed), 11);
        process::exit(heavy.pid().unwrap(), ExitReason::Kill);
        settle().await;
        assert_eq!(starts.load(Ordering::Relaxed), 21);

        let wrong = ChildSpec::worker_with("wrong", |_: String| async { Child::ignore() });
        let error = supervisor.start_child(wrong).await.unwrap_err();
        assert!(error.to_string().contains("no extra arguments"), "{error}");
    })
    .await;
}

// DSU-006, S77
#[tokio::test(start_paused = true)]
async fn a_start_may_run_say_more_be_ignored_fail_or_panic() {
    let troupe = Troupe::new();
    let _guard = troupe.with_reports(&["supervisor"]);
    in_process(async move {
        let supervisor = dynamic().await;
        supervisor.start_child(troupe.hero("a")).await.unwrap();
        let more = ChildSpec::worker("more", || async {
            let idle = |_: Mailbox<Never>| std::future::pending::<()>();
            Child::from(process::spawn_link(idle)).with_extra(7)
        });
        let more = supervisor.start_child(more).await.unwrap();
        assert_eq!(more.extra(), Some(&7));
        for (mood, why) in [(Mood::Fails, "bad"), (Mood::Panics, "no good")] {
            troupe.mood("b", mood);
            let error = supervisor.start_child(troupe.hero("b")).await;
            let error = error.unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        troupe.mood("b", Mood::Ignores);
        let ignored = supervisor.start_child(troupe.hero("b")).await.unwrap();
        assert_eq!(ignored.pid(), None);
        let again = supervisor.start_child(troupe.hero("a")).await;
        let taken = StartChildError::AlreadyStarted(pid_of("a"));
        assert_eq!(again.unwrap_err(), taken);
        assert_eq!(specs(&supervisor).await, 2);
        // The caller has got the error; no report repeats it.
        let log = troupe.log().await;
        assert!(log.iter().all(|line| line.starts_with("start ")), "{log:?}");
    })
    .await;
}

// DSU-007, S76
#[tokio::test(start_paused = true)]
async fn each_child_comes_back_by_its_own_type_and_alone() {
    let troupe = Troupe::new();
    let _guard = troupe.with_reports(&["supervisor"]);
    in_process(async move {
        let supervisor = dynamic().await;
        let hero = |name, restart| troupe.hero(name).restart(restart);
        for (name, restart) in [
            ("permanent", Restart::Permanent),
            ("transient", Restart::Transient),
            ("temporary", Restart::Temporary),
        ] {
            supervisor.start_child(hero(name, restart)).await.unwrap();
        }
        troupe.log().await;
        let before = pids(&supervisor).await;
        stop("permanent", ExitReason::Normal).await;
        troupe
            .saw(&[
                "terminate permanent normal",
                "dyn child_terminated undefined normal",
                "start permanent",
            ])
            .await;
        die("transient").await;
        troupe
            .saw(&[
                "terminate transient Boom",
                "dyn child_terminated undefined Boom",
                "start transient",
            ])
            .await;
        stop("transient", ExitReason::shutdown_with("done")).await;
        troupe.saw(&["terminate transient shutdown: done"]).await;
        die("temporary").await;
        troupe
            .saw(&[
                "terminate temporary Boom",
                "dyn child_terminated undefined Boom",
            ])
            .await;
        let after = pids(&supervisor).await;
        assert_eq!(after, [pid_of("permanent")]);
        assert!(!before.contains(&after[0]));
        // A restart that is ignored drops the child.
        troupe.mood("permanent", Mood::Ignores);
        die("permanent").await;
        assert_eq!(specs(&supervisor).await, 0);
    })
    .await;
}

// DSU-008, SUP-047, S76, S77
#[tokio::test(start_paused = true)]
async fn a_child_is_terminated_by_its_pid_and_nobody_else_is() {
    let troupe = Troupe::new();
    in_process(async move {
        let supervisor = dynamic().await;
        let fixed = Supervisor::new(Strategy::OneForOne).child(troupe.hero("superman"));
        fixed.start_link().await.unwrap();
        supervisor.start_child(troupe.hero("a")).await.unwrap();
        let pid = pid_of("a");
        supervisor.terminate_child(pid).await.unwrap();
        assert!(pids(&supervisor).await.is_empty());
        for stranger in [pid, pid_of("superman"), process::current()] {
            let refused = supervisor.terminate_child(stranger).await;
            let expected = TerminateChildError::NotAChild(stranger);
            assert_eq!(refused, Err(expected));
        }
        assert!(process::node().is_alive(pid_of("superman")));
        // The name is free at once.
        supervisor.start_child(troupe.hero("a")).await.unwrap();
    })
    .await;
}

// DSU-010, SUP-047, S80
#[tokio::test(start_paused = true)]
async fn at_the_end_all_children_are_told_at_once_and_each_has_its_own_limit() {
    let troupe = Troupe::new().lingering(Duration::from_millis(60));
    let _guard = troupe.with_reports(&["supervisor"]);
    in_process(async move {
        let supervisor = dynamic().await;
        for name in ["a", "b", "c", "d"] {
            let limit = match name {
                "b" => Shutdown::Within(Duration::from_millis(30)),
                "c" => Shutdown::Infinity,
                _ => Shutdown::DEFAULT,
            };
            let spec = troupe.hero(name).shutdown(limit);
            supervisor.start_child(spec).await.unwrap();
        }
        troupe.log().await;
        let before = Instant::now();
        supervisor.stop().await.unwrap();
        let took = before.elapsed();
        assert!(took >= Duration::from_millis(60) && took < Duration::from_millis(70));
        let log = troupe.log().await;
        let (told, rest) = log.split_at(4);
        assert!(told.iter().all(|line| line.starts_with("terminate ")));
        assert_eq!(
            rest,
            [
                "finished a",
                "finished c",
                "finished d",
                "dyn shutdown_error undefined killed"
            ]
        );
    })
    .await;
}

// DSU-008, SUP-041
#[tokio::test(start_paused = true)]
async fn one_child_after_the_other_has_its_own_limit() {
    let troupe = Troupe::new().lingering(Duration::from_millis(60));
    in_process(async move {
        let supervisor = dynamic().await;
        let limits = [(5000, 60), (30, 30), (0, 0), (5000, 60), (50, 50), (40, 40)];
        for (limit, expected) in limits {
            let limit = Shutdown::Within(Duration::from_millis(limit));
            let spec = troupe.hero("a").shutdown(limit);
            supervisor.start_child(spec).await.unwrap();
            let before = Instant::now();
            supervisor.terminate_child(pid_of("a")).await.unwrap();
            let expected = Duration::from_millis(expected);
            let took = before.elapsed();
            let late = took.saturating_sub(expected);
            assert!(
                took >= expected && late <= Duration::from_millis(1),
                "{limit} took {took:?}"
            );
        }
    })
    .await;
}

// DSU-010
#[tokio::test(start_paused = true)]
async fn it_stops_thousands_of_children_at_once() {
    in_process(async {
        let supervisor = dynamic().await;
        let idle = ChildSpec::worker("idle", || async {
            process::spawn_link(|_: Mailbox<Never>| std::future::pending::<()>())
        });
        for _ in 0..3000 {
            supervisor.start_child(idle.clone()).await.unwrap();
        }
        assert_eq!(process::node().processes().len(), 3002);
        supervisor.stop().await.unwrap();
        assert_eq!(process::node().processes(), [process::current()]);
    })
    .await;
}

// DSU-009
#[tokio::test(start_paused = true)]
async fn it_is_found_by_name_and_pid_and_stands_under_a_supervisor() {
    let troupe = Troupe::new();
    in_process(async move {
        let spec =
            ChildSpec::supervisor("dyn", || DynamicSupervisor::new().name("dyn").start_link());
        let top = Supervisor::new(Strategy::OneForOne).child(spec);
        let top = top.name("top").start_link().await.unwrap();
        let node = process::node();
        let supervisor = DynamicSupervisorRef::find(&node, "dyn").unwrap();
        let by_pid = DynamicSupervisorRef::find(&node, supervisor.pid());
        assert_eq!(by_pid, Some(supervisor.clone()));
        assert_eq!(DynamicSupervisorRef::find(&node, "top"), None);
        assert_eq!(SupervisorRef::find(&node, "dyn"), None);
        supervisor.start_child(troupe.hero("a")).await.unwrap();
        // Children that were added are gone when it is restarted.
        process::exit(&supervisor, ExitReason::Kill);
        rest().await;
        let supervisor = DynamicSupervisorRef::find(&node, "dyn").unwrap();
        assert_eq!(specs(&supervisor).await, 0);
        assert_eq!(process::whereis("a"), None);
        top.stop().await.unwrap();
        assert_eq!(node.processes(), [process::current()]);
    })
    .await;
}
