//! How supervisors stop their children, and what ends a supervisor.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::supervisor::AutoShutdown;
use otp_core::{StopError, SupervisorRef, process};
use tokio::time::Instant;

use crate::support::{in_process, settle};
use crate::troupe::{Mood, TRIO, Troupe, die, hero, ids, pid_of, stop};

fn supervisor() -> Supervisor {
    Supervisor::new(Strategy::OneForOne)
}

// SUP-040
#[tokio::test(start_paused = true)]
async fn children_end_one_after_the_other_and_the_supervisor_with_the_reason_it_was_given() {
    let troupe = Troupe::new().lingering(Duration::from_millis(60));
    in_process(async move {
        let parent = {
            let troupe = troupe.clone();
            process::spawn(move |mut mailbox: Mailbox<()>| async move {
                let supervisor = supervisor().children(troupe.heroes(&TRIO)).name("visor");
                supervisor.start_link().await.unwrap();
                mailbox.receive().await;
                ExitReason::other("enough")
            })
        };
        settle().await;
        let visor = SupervisorRef::find(&process::node(), "visor").unwrap();
        troupe.log().await;
        let before = Instant::now();
        parent.send(());
        assert_eq!(visor.wait().await, ExitReason::other("enough"));
        assert!(before.elapsed() >= Duration::from_millis(180));
        troupe
            .saw(&[
                "terminate supermario shutdown",
                "finished supermario",
                "terminate superman shutdown",
                "finished superman",
                "terminate superdave shutdown",
                "finished superdave",
            ])
            .await;
    })
    .await;
}

// SUP-040
#[tokio::test(start_paused = true)]
async fn a_stop_with_a_reason_ends_the_supervisor_with_it_and_tells_the_children_shutdown() {
    let troupe = Troupe::new().trapping(true);
    in_process(async move {
        let supervisor = supervisor().children(troupe.heroes(&["a"]));
        let supervisor = supervisor.start().await.unwrap();
        troupe.log().await;
        let oops = ExitReason::other("oops");
        supervisor.stop_with(oops.clone()).await.unwrap();
        assert_eq!(supervisor.wait().await, oops);
        troupe.saw(&["terminate a shutdown"]).await;
    })
    .await;
}

// SUP-041, SUP-030
#[tokio::test(start_paused = true)]
async fn a_child_that_takes_longer_than_its_limit_is_killed_and_reported() {
    let troupe = Troupe::new().lingering(Duration::from_millis(100));
    let _guard = troupe.with_reports(&["supervisor"]);
    in_process(async move {
        let limit = Shutdown::Within(Duration::from_millis(50));
        let supervisor = supervisor()
            .child(troupe.hero("a").shutdown(limit))
            .name("visor");
        let supervisor = supervisor.start_link().await.unwrap();
        let child = hero("a").whereis().unwrap();
        troupe.log().await;
        let before = Instant::now();
        supervisor.stop().await.unwrap();
        let took = before.elapsed();
        assert!(took >= Duration::from_millis(50) && took < Duration::from_millis(60));
        assert_eq!(child.wait().await, ExitReason::Killed);
        troupe
            .saw(&["terminate a shutdown", "visor shutdown_error a killed"])
            .await;
    })
    .await;
}

// SUP-041
#[tokio::test(start_paused = true)]
async fn infinity_waits_for_ever_and_brutal_kill_not_at_all() {
    let troupe = Troupe::new().lingering(Duration::from_secs(3600));
    let _guard = troupe.with_reports(&["supervisor"]);
    in_process(async move {
        let patient = troupe.hero("a").shutdown(Shutdown::Infinity);
        let brutal = troupe.hero("b").shutdown(Shutdown::BrutalKill);
        let supervisor = supervisor().child(patient).child(brutal);
        let supervisor = supervisor.start_link().await.unwrap();
        troupe.log().await;
        let before = Instant::now();
        supervisor.terminate_child("b").await.unwrap();
        assert_eq!(before.elapsed(), Duration::ZERO);
        troupe.saw(&[]).await;
        let before = Instant::now();
        supervisor.stop().await.unwrap();
        assert!(before.elapsed() >= Duration::from_secs(3600));
        troupe.saw(&["terminate a shutdown", "finished a"]).await;
    })
    .await;
}

// SUP-042
#[tokio::test(start_paused = true)]
async fn a_child_that_ends_by_itself_meanwhile_does_not_disturb_the_shutdown() {
    let troupe = Troupe::new().lingering(Duration::from_millis(60));
    in_process(async move {
        let supervisor = supervisor().children(troupe.heroes(&TRIO));
        let supervisor = supervisor.start_link().await.unwrap();
        let stopping = supervisor.stop();
        let dying = async {
            // While the last one takes its time, the first one is killed, the second one panics.
            tokio::time::sleep(Duration::from_millis(30)).await;
            process::exit(pid_of("superdave"), ExitReason::Kill);
            hero("superman").cast(crate::troupe::Order::Die);
        };
        let (stopped, ()) = tokio::join!(stopping, dying);
        stopped.unwrap();
        assert_eq!(process::node().processes(), [process::current()]);
    })
    .await;
}

// SUP-043
#[tokio::test(start_paused = true)]
async fn a_child_that_has_unlinked_itself_cannot_make_the_shutdown_hang() {
    in_process(async {
        for dies_before in [false, true] {
            let spec = ChildSpec::worker("a", || async {
                let supervisor = process::current();
                let unlinked = move |mut mailbox: Mailbox<()>| async move {
                    mailbox.unlink(supervisor);
                    mailbox.receive().await;
                };
                process::spawn_link(unlinked)
            });
            let supervisor = supervisor().child(spec).start_link().await.unwrap();
            settle().await;
            let pid = crate::troupe::child(&supervisor, "a").await.pid().unwrap();
            if dies_before {
                process::exit(pid, ExitReason::Kill);
                settle().await;
            }
            let limit = Duration::from_secs(1);
            supervisor
                .stop_with(ExitReason::Normal)
                .timeout(limit)
                .await
                .unwrap();
            assert!(!process::node().is_alive(pid));
        }
    })
    .await;
}

/// A supervisor with two significant children and one that is not.
async fn significant(troupe: &Troupe, auto_shutdown: AutoShutdown) -> SupervisorRef {
    let significant = |name, restart| troupe.hero(name).restart(restart).significant(true);
    let supervisor = supervisor()
        .auto_shutdown(auto_shutdown)
        .child(significant("a", Restart::Transient))
        .child(significant("b", Restart::Temporary))
        .child(troupe.hero("c").restart(Restart::Temporary));
    supervisor.start().await.expect("the heroes start")
}

// SUP-044
#[tokio::test(start_paused = true)]
async fn with_any_significant_the_first_such_end_ends_the_supervisor() {
    in_process(async {
        for name in ["a", "b"] {
            let troupe = Troupe::new().trapping(true);
            let supervisor = significant(&troupe, AutoShutdown::AnySignificant).await;
            stop("c", ExitReason::Normal).await;
            // A restart is no end for good.
            die("a").await;
            assert!(supervisor.is_alive());
            troupe.log().await;
            stop(name, ExitReason::Normal).await;
            assert_eq!(supervisor.wait().await, ExitReason::Shutdown);
            let other = if name == "a" { "b" } else { "a" };
            troupe
                .saw(&[
                    &format!("terminate {name} normal"),
                    &format!("terminate {other} shutdown"),
                ])
                .await;
        }
    })
    .await;
}

// SUP-044
#[tokio::test(start_paused = true)]
async fn with_all_significant_the_last_such_end_ends_the_supervisor() {
    let troupe = Troupe::new();
    in_process(async move {
        let supervisor = significant(&troupe, AutoShutdown::AllSignificant).await;
        die("b").await;
        assert!(supervisor.is_alive());
        stop("a", ExitReason::Shutdown).await;
        assert_eq!(supervisor.wait().await, ExitReason::Shutdown);
        assert_eq!(process::whereis("c"), None);
    })
    .await;
}

// SUP-044
#[tokio::test(start_paused = true)]
async fn a_significant_child_that_is_told_to_stop_ends_nothing() {
    let troupe = Troupe::new();
    in_process(async move {
        let supervisor = significant(&troupe, AutoShutdown::AnySignificant).await;
        supervisor.terminate_child("a").await.unwrap();
        supervisor.terminate_child("b").await.unwrap();
        settle().await;
        assert_eq!(ids(&supervisor).await, ["c", "a"]);
    })
    .await;
}

// SUP-045
#[tokio::test(start_paused = true)]
async fn an_automatic_shutdown_goes_up_through_significant_supervisors() {
    let troupe = Troupe::new();
    in_process(async move {
        let heroes = troupe.clone();
        let inner = ChildSpec::supervisor("inner", move || {
            let hero = heroes.hero("a").restart(Restart::Transient);
            supervisor()
                .auto_shutdown(AutoShutdown::AnySignificant)
                .child(hero.significant(true))
                .start_link()
        });
        let outer = supervisor()
            .auto_shutdown(AutoShutdown::AllSignificant)
            .child(inner.restart(Restart::Transient).significant(true))
            .child(troupe.hero("b"));
        let outer = outer.start().await.unwrap();
        stop("a", ExitReason::Normal).await;
        assert_eq!(outer.wait().await, ExitReason::Shutdown);
        assert_eq!(process::whereis("b"), None);
    })
    .await;
}

// SUP-040
#[tokio::test(start_paused = true)]
async fn a_supervisor_that_waits_for_a_start_ends_when_the_start_is_over() {
    let troupe = Troupe::new();
    in_process(async move {
        let supervisor = supervisor().start().await.unwrap();
        troupe.mood("slow", Mood::Hesitates);
        let (asked, slow) = (supervisor.clone(), troupe.hero("slow"));
        let asking =
            process::spawn(
                |_: Mailbox<Never>| async move { asked.start_child(slow).await.map(drop) },
            );
        settle().await;
        let early = supervisor
            .stop_with(ExitReason::Shutdown)
            .timeout(Duration::from_secs(1));
        assert!(matches!(early.await, Err(StopError::Timeout { .. })));
        assert_eq!(supervisor.wait().await, ExitReason::Shutdown);
        assert_eq!(asking.wait().await, ExitReason::Normal);
        assert_eq!(process::whereis("slow"), None);
    })
    .await;
}

/// Stops a child that ends with `ends`, and says whether that was reported.
async fn is_reported(restart: Restart, how: Shutdown, ends: ExitReason) -> bool {
    let troupe = Troupe::new();
    let _guard = troupe.with_reports(&["supervisor"]);
    in_process(async move {
        let spec = ChildSpec::worker("a", move || {
            let ends = ends.clone();
            std::future::ready(process::spawn_link(
                move |mut mailbox: Mailbox<()>| async move {
                    mailbox.trap_exit(|_| ());
                    mailbox.receive().await;
                    ends
                },
            ))
        });
        let spec = spec.restart(restart).shutdown(how);
        let supervisor = supervisor().child(spec).start_link().await;
        let supervisor = supervisor.expect("the child starts");
        settle().await;
        supervisor.stop().await.expect("it lives");
        !troupe.log().await.is_empty()
    })
    .await
}

// SUP-030, SUP-041
#[tokio::test(start_paused = true)]
async fn a_child_that_does_not_end_as_it_was_told_is_reported_as_in_otp() {
    let done = || ExitReason::shutdown_with("done");
    let boom = || ExitReason::other("boom");
    let told = Shutdown::DEFAULT;
    for (restart, ends, reported) in [
        (Restart::Permanent, ExitReason::Normal, true),
        (Restart::Permanent, done(), true),
        (Restart::Permanent, ExitReason::Shutdown, false),
        (Restart::Permanent, boom(), true),
        (Restart::Transient, ExitReason::Normal, false),
        (Restart::Transient, done(), false),
        (Restart::Transient, ExitReason::Shutdown, false),
        (Restart::Transient, boom(), true),
    ] {
        let what = format!("{restart:?} {ends:?}");
        assert_eq!(
            is_reported(restart, told, ends.clone()).await,
            reported,
            "{what}"
        );
        // A kill leaves it no choice, and is what was asked for.
        let killed = is_reported(restart, Shutdown::BrutalKill, ends).await;
        assert!(!killed, "{what}");
    }
}
