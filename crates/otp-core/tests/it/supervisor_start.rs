//! Starting a supervisor: what is refused, what a child's start may come to, who is told.

use std::time::Duration;

use otp_core::child_spec::{ChildType, StartOutcome};
use otp_core::prelude::*;
use otp_core::supervisor::{AutoShutdown, SpecError};
use otp_core::{
    Agent, Child, ChildId, PartitionSupervisor, Registry, StartError, SupervisorRef, process, task,
};

use crate::support::{in_process, settle};
use crate::troupe::{Mood, TRIO, Troupe, child, die, ids, pid_of};

fn idle() -> impl Future<Output: StartOutcome> + Send {
    let idle = |_: Mailbox<Never>| std::future::pending::<()>();
    std::future::ready(process::spawn_link(idle))
}

fn supervisor() -> Supervisor {
    Supervisor::new(Strategy::OneForOne)
}

// SUP-001
#[test]
fn a_specification_has_the_defaults_of_otp() {
    let worker = ChildSpec::worker("w", idle);
    assert_eq!(worker.restart_type(), Restart::Permanent);
    assert_eq!(
        worker.shutdown_value(),
        Shutdown::Within(Duration::from_secs(5))
    );
    assert_eq!(worker.child_type(), ChildType::Worker);
    assert!(!worker.is_significant());
    let supervisor = ChildSpec::supervisor("s", idle);
    assert_eq!(supervisor.restart_type(), Restart::Permanent);
    assert_eq!(supervisor.shutdown_value(), Shutdown::Infinity);
    assert_eq!(supervisor.child_type(), ChildType::Supervisor);
}

// SUP-002
#[tokio::test(start_paused = true)]
async fn a_supervisor_has_the_defaults_of_elixir() {
    in_process(async {
        let supervisor = supervisor().start_link().await.unwrap();
        let flags = supervisor.flags().await.unwrap();
        assert_eq!(flags.strategy, Strategy::OneForOne);
        assert_eq!(flags.max_restarts, 3);
        assert_eq!(flags.period, Duration::from_secs(5));
        assert_eq!(flags.auto_shutdown, AutoShutdown::Never);
    })
    .await;
}

/// A contradiction is found without starting anything, fails the start, and is its reason.
#[track_caller]
fn refused(supervisor: Supervisor, expected: SpecError) -> impl Future<Output = ()> {
    assert_eq!(supervisor.check(), Err(expected.clone()));
    async move {
        in_process(async move {
            let failed = supervisor.name("visor").start().await;
            let failed = failed.expect_err("there is a contradiction");
            let StartError::Init(reason) = &failed else {
                panic!("{failed:?}");
            };
            assert_eq!(reason.downcast_error(), Some(&expected));
            assert_eq!(process::whereis("visor"), None);
        })
        .await;
    }
}

// SUP-003, SUP-005
#[tokio::test(start_paused = true)]
async fn two_children_with_the_same_id_are_refused_and_none_is_started() {
    let troupe = Troupe::new();
    let twins = troupe.heroes(&["superdave", "superman", "superdave"]);
    let twice = supervisor().children(twins);
    refused(twice, SpecError::DuplicateId("superdave".into())).await;
    in_process(async move { troupe.saw(&[]).await }).await;
}

// SUP-003
#[test]
fn ids_may_be_of_any_comparable_type() {
    let ids = [
        ChildId::from("1"),
        ChildId::from(1),
        ChildId::key(('a', 1)),
        ChildId::key(('a', 2)),
    ];
    let specs = ids.into_iter().map(|id| ChildSpec::worker(id, idle));
    assert_eq!(supervisor().children(specs).check(), Ok(()));
    let twins = ['a', 'a'].map(|id| ChildSpec::worker(ChildId::key(id), idle));
    let twice = SpecError::DuplicateId(ChildId::key('a'));
    assert_eq!(supervisor().children(twins).check(), Err(twice));
}

// SUP-006
#[tokio::test(start_paused = true)]
async fn a_significant_child_must_be_able_to_end_for_good_and_its_supervisor_to_notice() {
    let significant = || ChildSpec::worker("s", idle).significant(true);
    let any = supervisor().auto_shutdown(AutoShutdown::AnySignificant);
    let permanent = any.clone().child(significant());
    refused(permanent, SpecError::SignificantPermanent("s".into())).await;
    let transient = || significant().restart(Restart::Transient);
    let never = supervisor().child(transient());
    refused(never, SpecError::SignificantNever("s".into())).await;
    assert_eq!(any.child(transient()).check(), Ok(()));
}

// SUP-007
#[tokio::test(start_paused = true)]
async fn a_period_of_zero_is_refused() {
    let never = supervisor().max_restarts(3, Duration::ZERO);
    refused(never, SpecError::ZeroPeriod).await;
}

// SUP-004
#[tokio::test(start_paused = true)]
async fn every_shutdown_value_is_good_for_workers_and_supervisors() {
    let values = [
        Shutdown::BrutalKill,
        Shutdown::Within(Duration::ZERO),
        Shutdown::Within(Duration::from_millis(1)),
        Shutdown::Within(Duration::MAX),
        Shutdown::Infinity,
    ];
    in_process(async move {
        for value in values {
            let supervisor = supervisor()
                .child(ChildSpec::worker("w", idle).shutdown(value))
                .child(ChildSpec::supervisor("s", idle).shutdown(value));
            let supervisor = supervisor.start_link().await.unwrap();
            let spec = supervisor.childspec("s").await.unwrap().unwrap();
            assert_eq!(spec.shutdown_value(), value);
            supervisor.stop().await.unwrap();
        }
        assert_eq!(process::node().processes(), [process::current()]);
    })
    .await;
}

// SUP-008
#[tokio::test(start_paused = true)]
async fn a_specification_can_be_read_back_complete() {
    in_process(async {
        let spec = ChildSpec::worker("w", idle).restart(Restart::Transient);
        let supervisor = supervisor().child(spec.clone()).start_link().await.unwrap();
        let read = supervisor.childspec("w").await.unwrap().unwrap();
        assert_eq!(format!("{read:?}"), format!("{spec:?}"));
        assert!(supervisor.childspec("x").await.unwrap().is_none());
        assert!(supervisor.which_child("x").await.unwrap().is_none());
    })
    .await;
}

// SUP-009
#[tokio::test(start_paused = true)]
async fn each_child_is_up_before_the_next_one_starts() {
    let troupe = Troupe::new();
    in_process(async move {
        troupe.mood("superman", Mood::Hesitates);
        let (heroes, notes) = (troupe.heroes(&TRIO), troupe.clone());
        let starting = process::spawn_link(|_: Mailbox<Never>| async move {
            supervisor().children(heroes).start_link().await.unwrap();
            notes.note("up");
            std::future::pending::<()>().await;
        });
        settle().await;
        troupe.saw(&["start superdave", "start superman"]).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
        troupe.saw(&["start supermario", "up"]).await;
        process::unlink(&starting);
    })
    .await;
}

// SUP-012
#[tokio::test(start_paused = true)]
async fn an_ignored_start_of_a_temporary_child_leaves_nothing() {
    let troupe = Troupe::new();
    in_process(async move {
        troupe.mood("a", Mood::Ignores);
        let spec = troupe.hero("a").restart(Restart::Temporary);
        let supervisor = supervisor().child(spec.clone()).start_link().await.unwrap();
        assert!(ids(&supervisor).await.is_empty());
        assert_eq!(supervisor.start_child(spec).await.unwrap().pid(), None);
        assert!(ids(&supervisor).await.is_empty());
    })
    .await;
}

// SUP-013
#[tokio::test(start_paused = true)]
async fn extra_information_of_a_start_is_handed_through() {
    in_process(async {
        let spec = ChildSpec::worker("a", || async {
            let idle = |_: Mailbox<Never>| std::future::pending::<()>();
            Child::from(process::spawn_link(idle)).with_extra("more")
        });
        let supervisor = supervisor().start_link().await.unwrap();
        let started = supervisor.start_child(spec).await.unwrap();
        assert_eq!(started.extra(), Some(&"more"));
        supervisor.terminate_child("a").await.unwrap();
        let started = supervisor.restart_child("a").await.unwrap();
        assert_eq!(started.extra(), Some(&"more"));
        assert_eq!(started.extra::<u8>(), None);
        assert_eq!(started.pid(), child(&supervisor, "a").await.pid());
    })
    .await;
}

// SUP-014
#[tokio::test(start_paused = true)]
async fn a_start_function_that_panics_or_exits_is_a_failed_start() {
    in_process(async {
        let supervisor = supervisor().start_link().await.unwrap();
        let awaited = ChildSpec::worker("a", || async {
            if process::try_current().is_some() {
                panic!("too early");
            }
            Child::ignore()
        });
        let at_once = ChildSpec::worker("b", || {
            if process::try_current().is_some() {
                process::exit_self(ExitReason::other("not yet"));
            }
            std::future::ready(Child::ignore())
        });
        for (spec, why) in [(awaited, "too early"), (at_once, "not yet")] {
            let error = supervisor.start_child(spec).await.unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(supervisor.is_alive());
        assert!(ids(&supervisor).await.is_empty());
    })
    .await;
}

// SUP-015
#[tokio::test(start_paused = true)]
async fn children_are_linked_with_a_supervisor_that_traps_exits() {
    let troupe = Troupe::new();
    in_process(async move {
        let supervisor = supervisor()
            .children(troupe.heroes(&TRIO))
            .start_link()
            .await
            .unwrap();
        let info = process::node().process_info(supervisor.pid()).unwrap();
        assert!(info.trap_exit);
        for name in TRIO {
            assert!(info.links.contains(&pid_of(name)));
        }
        // An exit signal of a stranger is none of its business.
        let pid = supervisor.pid();
        let stranger = process::spawn(move |mailbox: Mailbox<Never>| async move {
            mailbox.link(pid);
            process::exit(pid, ExitReason::other("go away"));
            ExitReason::other("oops")
        });
        stranger.wait().await;
        assert_eq!(ids(&supervisor).await.len(), 3);
        assert!(supervisor.is_alive());
    })
    .await;
}

// SUP-024
#[tokio::test(start_paused = true)]
async fn a_restart_calls_the_start_function_of_the_specification_again() {
    in_process(async {
        let starts = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let counter = starts.clone();
        let spec = ChildSpec::worker("a", move || {
            counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            idle()
        });
        let supervisor = supervisor().child(spec).start_link().await.unwrap();
        let pid = child(&supervisor, "a").await.pid().unwrap();
        process::exit(pid, ExitReason::Kill);
        settle().await;
        assert_ne!(child(&supervisor, "a").await.pid(), Some(pid));
        assert_eq!(starts.load(std::sync::atomic::Ordering::Relaxed), 2);
    })
    .await;
}

// SUP-015
#[tokio::test(start_paused = true)]
async fn a_supervisor_can_be_killed_while_it_waits_for_a_start_that_hangs() {
    let troupe = Troupe::new();
    in_process(async move {
        let supervisor = supervisor()
            .children(troupe.heroes(&TRIO[..1]))
            .start()
            .await
            .unwrap();
        troupe.mood("superman", Mood::Hangs);
        let (asked, spec) = (supervisor.clone(), troupe.hero("superman"));
        let asking =
            process::spawn(
                |_: Mailbox<Never>| async move { asked.start_child(spec).await.map(drop) },
            );
        settle().await;
        process::exit(&supervisor, ExitReason::Kill);
        assert_eq!(supervisor.wait().await, ExitReason::Killed);
        asking.wait().await;
        settle().await;
        assert_eq!(process::node().processes(), [process::current()]);
    })
    .await;
}

// SUP-003
#[tokio::test(start_paused = true)]
async fn a_supervisor_is_found_by_pid_and_by_name_and_nothing_else_is_taken_for_one() {
    let troupe = Troupe::new();
    in_process(async move {
        let node = process::node();
        let heroes = troupe.heroes(&TRIO);
        let visor = supervisor().children(heroes).name("visor");
        let visor = visor.start_link().await.unwrap();
        assert_eq!(SupervisorRef::find(&node, "visor"), Some(visor.clone()));
        assert_eq!(SupervisorRef::find(&node, visor.pid()), Some(visor.clone()));
        assert_eq!(SupervisorRef::find(&node, "superman"), None);
        assert_eq!(SupervisorRef::find(&node, process::current()), None);
        // S47: under a name that is taken nothing starts.
        let again = supervisor().name("visor").start_link().await;
        assert_eq!(again, Err(StartError::AlreadyStarted(visor.pid())));
        die("superman").await;
        visor.stop().await.unwrap();
        assert_eq!(SupervisorRef::find(&node, "visor"), None);
        assert!(visor.stop().await.is_err());
        assert!(visor.which_children().await.is_err());
    })
    .await;
}

// SUP-003
#[tokio::test(start_paused = true)]
async fn a_start_function_may_return_whatever_a_start_returns() {
    let troupe = Troupe::new();
    in_process(async move {
        let registry = Registry::<String>::unique("keys");
        let kinds = [
            troupe.hero("server"),
            ChildSpec::worker("process", idle),
            ChildSpec::worker("agent", || Agent::start_link(|| 7)),
            ChildSpec::worker("task", || async {
                task::start_link(std::future::pending::<()>())
            }),
            ChildSpec::supervisor("registry", move || registry.start_link()),
            ChildSpec::supervisor("supervisor", || supervisor().start_link()),
            ChildSpec::supervisor("dynamic", || DynamicSupervisor::new().start_link()),
            ChildSpec::supervisor("partitions", || {
                let copy = |_| ChildSpec::worker("copy", idle);
                PartitionSupervisor::new("parts", copy).start_link()
            }),
            ChildSpec::worker("pid", || async { idle().await.into_child() }),
        ];
        let all = kinds.len();
        let supervisor = supervisor().children(kinds).start_link().await.unwrap();
        assert_eq!(supervisor.count_children().await.unwrap().active, all);
        let info = process::node().process_info(supervisor.pid()).unwrap();
        // All of them, and the parent.
        assert_eq!(info.links.len(), all + 1);
        supervisor.stop().await.unwrap();
        assert_eq!(process::node().processes(), [process::current()]);
    })
    .await;
}
