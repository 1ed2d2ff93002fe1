//! What belongs to an application, and ends with it: all that descends from its master.

use std::future::pending;

use otp_core::application::{Applications, StartApplicationError};
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Agent, process};

use crate::scripted::{Gate, Script, everywhere, labelled, master};

type Idle = ProcessRef<Never>;

fn idle(_: Mailbox<Never>) -> impl Future<Output = ()> {
    pending()
}

/// Spawns processes of all kinds, under names, beside the tree.
async fn strays(told: Probe<Pid>) {
    let stray: Idle = process::spawn(idle);
    let linked: Idle = process::spawn_link(idle);
    told.report(stray.pid());
    told.report(linked.pid());
    let agent = Agent::start(|| 0).await.expect("it starts");
    told.report(agent.pid().expect("it lives"));
    let alone = Supervisor::new(Strategy::OneForOne).start().await;
    told.report(alone.expect("it has no children").pid());
    // A grandchild, whose parent has ended.
    let its = told.clone();
    let parent = process::spawn(move |_: Mailbox<Never>| async move {
        let grandchild: Idle = process::spawn(idle);
        its.report(grandchild.pid());
    });
    parent.wait().await;
    // One that starts another one as it ends.
    let its = told.clone();
    process::spawn(move |_: Mailbox<Never>| async move {
        let _last = Last(its);
        pending::<()>().await;
    });
    tokio::task::yield_now().await;
}

/// Spawns a process when it is dropped.
struct Last(Probe<Pid>);

impl Drop for Last {
    fn drop(&mut self) {
        let late: Idle = process::spawn(idle);
        self.0.report(late.pid());
    }
}

// APP-006
#[test]
fn what_a_start_has_spawned_beside_its_tree_ends_with_the_application() {
    everywhere(|| async {
        let (all, told) = (Applications::here(), Probe::new());
        let its = told.clone();
        let spec = Script::default()
            .start(move || strays(its.clone()))
            .spec("app");
        all.start(spec).await.unwrap();
        let before = process::node().processes();
        for round in 0..3 {
            let pids: Vec<Pid> = told.drain();
            assert_eq!(pids.len(), 5, "round {round}");
            let node = process::node();
            assert!(pids.iter().all(|pid| node.is_alive(*pid)), "round {round}");
            assert_eq!(all.stop("app").await, Ok(()));
            let late = told.drain();
            assert_eq!(late.len(), 1, "it was spawned by a dying one");
            for pid in pids.iter().chain(&late) {
                assert!(
                    !node.is_alive(*pid),
                    "round {round}: {pid} of {pids:?} and {late:?}"
                );
            }
            assert_eq!(all.start("app").await, Ok(()));
            assert_eq!(node.processes().len(), before.len());
        }
    });
}

// APP-006: on the BEAM they stay when the callback returns an error.
#[test]
fn what_a_failed_start_has_spawned_ends() {
    everywhere(|| async {
        let (all, told) = (Applications::here(), Probe::new());
        let its = told.clone();
        let script = Script::default().start(move || {
            let told = its.clone();
            async {
                strays(told).await;
                process::exit_self(ExitReason::other("no"));
            }
        });
        let failed = StartApplicationError::Failed {
            application: "app".into(),
            reason: ExitReason::other("no"),
        };
        assert_eq!(all.start(script.spec("app")).await, Err(failed));
        for pid in told.drain() {
            assert!(!process::node().is_alive(pid));
        }
    });
}

// APP-006: on the BEAM what is not in the tree stays.
#[test]
fn what_an_application_has_spawned_ends_also_if_its_master_is_killed() {
    everywhere(|| async {
        let (all, gate, told) = (Applications::here(), Gate::new(), Probe::new());
        let (its, slow) = (told.clone(), gate.clone());
        let script = Script::default().start(move || strays(its.clone()));
        all.start(script.stop(move || slow.pass()).spec("app"))
            .await
            .unwrap();
        let node = process::node();
        let pids = told.drain();
        node.exit(master(&all, "app"), ExitReason::Kill);
        gate.reached().await;
        assert!(node.is_alive(pids[0]), "a stray is there during stop");
        // Its successor is killed, too.
        node.exit(
            labelled(&node, "application_master: app").unwrap(),
            ExitReason::Kill,
        );
        while !all.which_applications().is_empty() {
            tokio::task::yield_now().await;
        }
        for pid in pids.into_iter().chain(told.drain()) {
            assert!(!node.is_alive(pid));
        }
    });
}

// APP-006
#[test]
fn what_does_not_descend_from_an_application_stays() {
    everywhere(|| async {
        let (all, told) = (Applications::here(), Probe::new());
        let outside: Idle = process::spawn(idle);
        for name in ["one", "other"] {
            let its = told.clone();
            let script = Script::default().start(move || {
                let its = its.clone();
                async move {
                    let stray: Idle = process::spawn(idle);
                    its.report(stray.pid());
                    // It has no ancestors.
                    let free: Idle = process::node().spawn(idle);
                    its.report(free.pid());
                }
            });
            all.start(script.spec(name)).await.unwrap();
        }
        let pids = told.drain();
        assert_eq!(all.stop("one").await, Ok(()));
        let alive: Vec<bool> = pids
            .iter()
            .map(|pid| process::node().is_alive(*pid))
            .collect();
        assert_eq!(alive, [false, true, true, true]);
        assert!(outside.is_alive());
    });
}

// APP-006: one that another application's callback has started belongs to itself.
#[test]
fn an_application_that_an_application_starts_is_its_own() {
    everywhere(|| async {
        let (all, told) = (Applications::here(), Probe::new());
        let its = told.clone();
        let inner = Script::default().start(move || strays(its.clone()));
        all.load(inner.spec("inner")).unwrap();
        let outer = Script::default().start(|| async {
            Applications::here().start("inner").await.unwrap();
        });
        all.start(outer.spec("outer")).await.unwrap();
        assert_eq!(all.stop("outer").await, Ok(()));
        assert!(
            told.drain()
                .iter()
                .all(|pid| process::node().is_alive(*pid))
        );
        assert_eq!(all.which_applications().len(), 1);
    });
}

// APP-006, as on the BEAM
#[test]
fn in_stop_the_tree_has_ended_and_the_strays_have_not() {
    everywhere(|| async {
        let (all, told) = (Applications::here(), Probe::new());
        let look = |at: &'static str| {
            let told = told.clone();
            move || {
                let told = told.clone();
                async move {
                    let alive = ["top", "stray"].map(|name| process::whereis(name).is_some());
                    told.report((at, alive));
                }
            }
        };
        let script = Script::default().top(|| {
            let top: Idle = process::spawn_link(idle);
            process::register("top", &top).unwrap();
            top.into()
        });
        let script = script.start(|| async {
            let stray: Idle = process::spawn(idle);
            process::register("stray", &stray).unwrap();
        });
        let script = script.prep_stop(look("prep_stop")).stop(look("stop"));
        all.start(script.spec("app")).await.unwrap();
        assert_eq!(all.stop("app").await, Ok(()));
        assert_eq!(
            told.drain(),
            [("prep_stop", [true, true]), ("stop", [false, true])]
        );
        assert_eq!(process::whereis("stray"), None);
    });
}

// As on the BEAM
#[test]
fn a_stray_that_is_linked_ends_without_the_application() {
    everywhere(|| async {
        let (all, told) = (Applications::here(), Probe::new());
        let its = told.clone();
        let script = Script::default().start(move || {
            let told = its.clone();
            async move {
                let linked =
                    process::spawn_link(|_: Mailbox<Never>| async { ExitReason::other("oops") });
                linked.wait().await;
                told.report(());
            }
        });
        all.start(script.spec("app")).await.unwrap();
        assert_eq!(told.drain().len(), 1);
        assert_eq!(all.which_applications().len(), 1);
        assert_eq!(all.stop("app").await, Ok(()));
    });
}

// APP-004
#[test]
fn a_top_that_is_no_child_of_the_start() {
    everywhere(|| async {
        let all = Applications::here();
        // The master itself: it would wait for its own end.
        let own = Script::default().top(|| process::current().into());
        let failed = all.start(own.spec("own")).await.unwrap_err().to_string();
        assert!(failed.contains("has returned its own process"), "{failed}");
        // One that has ended already, and one of another node: the application ends at once.
        let dead = Script::default().top(|| {
            let dead: Idle = process::spawn(idle);
            process::exit(&dead, ExitReason::Kill);
            dead.into()
        });
        let elsewhere =
            Script::default().top(|| Node::new().spawn(idle as fn(_) -> _).pid().into());
        for (name, script) in [("dead", dead), ("elsewhere", elsewhere)] {
            assert_eq!(all.start(script.spec(name)).await, Ok(()));
            while !all.which_applications().is_empty() {
                tokio::task::yield_now().await;
            }
        }
    });
}
