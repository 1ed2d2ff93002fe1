//! Masters and controllers that are killed, callbacks that do not return, and the limit of a shutdown.

use std::future::pending;
use std::time::Duration;

use futures_util::future::{Either, select};
use otp_core::application::{
    ApplicationSpec, Applications, Ended, RestartType, StartApplicationError, StopApplicationError,
    UnloadError,
};
use otp_core::gen_server::TimeLimit;
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Child, process};
use tokio::time::Instant;

use crate::scripted::{Gate, Script, everywhere, labelled, master};

fn killed(name: &str) -> Result<(), StartApplicationError> {
    Err(StartApplicationError::Failed {
        application: name.into(),
        reason: ExitReason::Killed,
    })
}

fn kill(node: &Node, pid: Pid) {
    node.exit(pid, ExitReason::Kill);
}

/// Says that it was called.
fn says(
    told: &Probe<&'static str>,
    what: &'static str,
) -> impl Fn() -> std::future::Ready<()> + Send + Sync + use<> {
    let told = told.clone();
    move || {
        told.report(what);
        std::future::ready(())
    }
}

// APP-008
#[test]
fn a_killed_master_leaves_no_start_waiting() {
    everywhere(|| async {
        let (all, gate, told) = (Applications::here(), Gate::new(), Probe::new());
        let node = process::node();
        let slow = gate.clone();
        let script = Script::default().start(move || slow.pass());
        let spec = script.stop(says(&told, "stop")).spec("app");
        let (its, answers) = (all.clone(), Probe::new());
        let answer = answers.clone();
        process::spawn(|_: Mailbox<Never>| async move { answer.report(its.start(spec).await) });
        gate.reached().await;
        kill(&node, labelled(&node, "application_master: app").unwrap());
        assert_eq!(answers.next().await, killed("app"));
        assert_eq!(told.drain(), [""; 0], "what has not started is not stopped");
        assert_eq!(all.which_applications(), []);

        gate.open();
        assert_eq!(all.start("app").await, Ok(()), "it can be started again");
        assert_eq!(all.shutdown(TimeLimit::Infinity).await, Ended::Stopped);
        assert_eq!(told.drain(), ["stop"]);
    });
}

// APP-008
#[tokio::test(start_paused = true)]
async fn a_process_that_is_killed_before_its_first_poll_leaves_nobody_waiting() {
    let node = Node::new();
    let all = Applications::on(&node);
    let spec = Script::default().spec("app");
    // The process that is there first: the controller, then the master.
    for polls in 1..6 {
        let mut start = Box::pin(all.start(spec.clone()));
        let mut started = None;
        for _ in 0..polls {
            let polled = select(start.as_mut(), std::future::ready(())).await;
            if let Either::Left((done, _)) = polled {
                started = Some(done);
                break;
            }
            tokio::task::yield_now().await;
        }
        if let Some(last) = node.processes().last() {
            kill(&node, *last);
        }
        let started = match started {
            Some(started) => started,
            None => start.await,
        };
        assert!(started == Ok(()) || started == killed("app"), "{started:?}");
        let _ = all.stop("app").await;
        assert_eq!(all.start("app").await, Ok(()), "after {polls} polls");
        assert_eq!(all.stop("app").await, Ok(()));
    }
    let (start, limit) = (Instant::now(), Duration::from_secs(1));
    assert_eq!(all.shutdown(limit).await, Ended::Stopped);
    assert!(start.elapsed() < limit);
}

// APP-008
#[test]
fn a_killed_master_is_succeeded_by_one_that_runs_the_callbacks() {
    everywhere(|| async {
        let (all, told) = (Applications::here(), Probe::new());
        let script = Script::default().prep_stop(says(&told, "prep_stop"));
        let spec = script.stop(says(&told, "stop")).spec("app");
        all.start_as(spec, RestartType::Permanent).await.unwrap();
        let top = all.supervisor("app").unwrap();
        kill(&process::node(), master(&all, "app"));
        let failed = Ended::Failed {
            application: "app".into(),
            reason: ExitReason::Killed,
        };
        assert_eq!(all.ended().await, failed);
        assert_eq!(told.drain(), ["prep_stop", "stop"]);
        assert!(!process::node().is_alive(top));
    });
}

// APP-008
#[test]
fn a_callback_in_which_its_master_is_killed_does_not_run_again() {
    everywhere(|| async {
        for at in ["prep_stop", "stop"] {
            let (all, gate, told) = (Applications::here(), Gate::new(), Probe::new());
            let node = process::node();
            let other = match at {
                "prep_stop" => "stop",
                _ => "prep_stop",
            };
            let slow = gate.clone();
            let script = match at {
                "prep_stop" => {
                    let script = Script::default().prep_stop(move || slow.pass());
                    script.stop(says(&told, other))
                }
                _ => {
                    let script = Script::default().prep_stop(says(&told, other));
                    script.stop(move || slow.pass())
                }
            };
            all.start(script.spec(at)).await.unwrap();
            let (its, answers) = (all.clone(), Probe::new());
            let answer = answers.clone();
            process::spawn(
                move |_: Mailbox<Never>| async move { answer.report(its.stop(at).await) },
            );
            gate.reached().await;
            kill(
                &node,
                labelled(&node, &format!("application_master: {at}")).unwrap(),
            );
            assert_eq!(answers.next().await, Ok(()));
            assert_eq!(told.drain(), [other]);
            assert_eq!(all.which_applications(), []);
        }
    });
}

// APP-008: there the node halts.
#[test]
fn a_killed_controller_takes_all_applications_along_and_leaves_nobody_waiting() {
    everywhere(|| async {
        let (all, gate, told) = (Applications::here(), Gate::new(), Probe::new());
        let node = process::node();
        let script = Script::default().prep_stop(says(&told, "prep_stop"));
        all.start(script.stop(says(&told, "stop")).spec("runs"))
            .await
            .unwrap();
        all.start(ApplicationSpec::library("library"))
            .await
            .unwrap();
        let slow = gate.clone();
        all.load(Script::default().start(move || slow.pass()).spec("starts"))
            .unwrap();
        let answers = Probe::new();
        let (its, answer) = (all.clone(), answers.clone());
        process::spawn(|_: Mailbox<Never>| async move {
            answer.report(format!("{:?}", its.start("starts").await));
        });
        gate.reached().await;
        let (its, answer) = (all.clone(), answers.clone());
        let waits = process::spawn(|_: Mailbox<Never>| async move {
            answer.report(format!("{:?}", its.shutdown(TimeLimit::Infinity).await));
        });
        // The shutdown waits for the start.
        while node.process_info(waits.pid()).is_none() {
            tokio::task::yield_now().await;
        }
        kill(&node, labelled(&node, "application_controller").unwrap());
        let mut answers = [answers.next().await, answers.next().await];
        answers.sort();
        assert_eq!(answers[0], format!("{:?}", killed("starts")));
        // The request for the shutdown may have gone to a new controller.
        let failed = Ended::Failed {
            application: "application_controller".into(),
            reason: ExitReason::Killed,
        };
        let both = [format!("{failed:?}"), format!("{:?}", Ended::Stopped)];
        assert!(both.contains(&answers[1]), "{answers:?}");
        // Those that ran have ended in order, by their masters.
        assert_eq!(
            [told.next().await, told.next().await],
            ["prep_stop", "stop"]
        );
        while !node
            .processes()
            .iter()
            .all(|pid| *pid == process::current())
        {
            if labelled(&node, "application_master: runs").is_none()
                && labelled(&node, "application_master: starts").is_none()
            {
                break;
            }
            tokio::task::yield_now().await;
        }
    });
}

// APP-008
#[test]
fn a_new_controller_starts_what_the_former_one_has_left_when_it_has_ended() {
    everywhere(|| async {
        let (all, gate, told) = (Applications::here(), Gate::new(), Probe::new());
        let node = process::node();
        let (slow, its) = (gate.clone(), told.clone());
        let script = Script::default().start(says(&told, "start")).stop(move || {
            let (pass, told) = (slow.pass(), its.clone());
            async move {
                pass.await;
                told.report("stopped");
            }
        });
        all.start(script.spec("app")).await.unwrap();
        let ended = tokio::join!(all.ended(), async {
            tokio::task::yield_now().await;
            kill(&node, labelled(&node, "application_controller").unwrap());
            gate.reached().await;
            let answers = Probe::new();
            let (its, answer) = (all.clone(), answers.clone());
            process::spawn(
                |_: Mailbox<Never>| async move { answer.report(its.start("app").await) },
            );
            gate.open();
            assert_eq!(answers.next().await, Ok(()));
        });
        let failed = Ended::Failed {
            application: "application_controller".into(),
            reason: ExitReason::Killed,
        };
        assert_eq!(ended.0, failed);
        assert_eq!(told.drain(), ["start", "stopped", "start"]);
        gate.open();
        assert_eq!(all.stop("app").await, Ok(()));
    });
}

// APP-008
#[test]
fn a_node_that_outlives_a_runtime_starts_its_applications_on_the_next_one() {
    let node = Node::new();
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(async {
            let all = Applications::on(&node);
            assert_eq!(all.which_applications(), []);
            assert_eq!(all.start(Script::default().spec("app")).await, Ok(()));
            assert_eq!(all.which_applications().len(), 1);
        });
    }
}

// APP-008
#[test]
fn an_application_whose_start_ended_with_its_runtime_can_be_unloaded() {
    let node = Node::new();
    let all = Applications::on(&node);
    let starts = Probe::new();
    let told = starts.clone();
    let script = Script::default().start(move || {
        told.report(());
        pending()
    });
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    runtime.block_on(async {
        let (all, spec) = (all.clone(), script.spec("app"));
        node.spawn(|_: Mailbox<Never>| async move {
            let _ = all.start(spec).await;
        });
        starts.next().await;
    });
    assert_eq!(all.unload("app"), Err(UnloadError::Running("app".into())));
    drop(runtime);
    assert_eq!(all.unload("app"), Ok(()));
}

/// Applications that do not come to their end.
fn stubborn() -> Vec<(&'static str, Script)> {
    let script = Script::default;
    let deaf = || -> Child {
        let deaf = process::spawn_link(|mut mailbox: Mailbox<()>| async move {
            mailbox.trap_exit(|_| ());
            loop {
                mailbox.receive().await;
            }
        });
        deaf.into()
    };
    vec![
        ("top", script().top(deaf)),
        ("prep_stop", script().prep_stop(pending)),
        ("stop", script().stop(pending)),
        ("both", script().prep_stop(pending).stop(pending).top(deaf)),
    ]
}

// APP-007
#[tokio::test(start_paused = true)]
async fn a_shutdown_keeps_its_limit_whatever_the_applications_do() {
    type Other = (&'static str, fn(&Node));
    let limit = Duration::from_secs(3);
    let others: [Other; 4] = [
        ("nothing else", |_| {}),
        ("a master killed before", |node| {
            let master = node.processes().into_iter().find(|pid| {
                let info = node.process_info(*pid);
                let label = info.and_then(|info| info.label);
                label.is_some_and(|label| label.starts_with("application_master"))
            });
            kill(node, master.unwrap());
        }),
        ("the controller killed before", |node| {
            kill(node, labelled(node, "application_controller").unwrap());
        }),
        ("an application that starts", |node| {
            let all = Applications::on(node);
            let spec = Script::default().start(pending).spec("starts");
            node.spawn(|_: Mailbox<Never>| async move {
                let _ = all.start(spec).await;
            });
        }),
    ];
    for (name, script) in stubborn() {
        for (what, other) in others {
            let node = Node::new();
            let all = Applications::on(&node);
            all.start(script.clone().spec(name)).await.unwrap();
            other(&node);
            tokio::task::yield_now().await;
            let start = Instant::now();
            let _ = all.shutdown(limit).await;
            let took = start.elapsed();
            assert!(
                took <= limit + Duration::from_millis(100),
                "{name}, {what}: {took:?}"
            );
            assert_eq!(all.which_applications(), [], "{name}, {what}");
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            let left: Vec<_> = node
                .processes()
                .into_iter()
                .filter(|pid| {
                    let label = node.process_info(*pid).and_then(|info| info.label);
                    label.as_deref() != Some("application_controller")
                })
                .collect();
            assert_eq!(left, [], "{name}, {what}: nothing of it is left");
        }
    }
}

// APP-007
#[test]
fn a_process_that_keeps_its_thread_does_not_keep_a_shutdown() {
    let (release, blocked) = std::sync::mpsc::channel::<()>();
    let blocked = std::sync::Mutex::new(Some(blocked));
    otp_core::test::Runner::new().workers(3).run(async move {
        let (all, told) = (Applications::here(), Probe::new());
        let its = told.clone();
        let blocked = blocked.lock().unwrap().take().unwrap();
        let blocked = std::sync::Arc::new(std::sync::Mutex::new(blocked));
        let script = Script::default().top(move || {
            let (told, blocked) = (its.clone(), blocked.clone());
            let top = process::spawn_link(move |_: Mailbox<Never>| async move {
                told.report(());
                // Tokio runs the process that it has just woken on this thread next, and no other thread takes it over.
                tokio::task::yield_now().await;
                // It ends with the sender.
                let _ = blocked.lock().unwrap().recv();
            });
            top.into()
        });
        all.start(script.spec("busy")).await.unwrap();
        told.next().await;
        let _ = all.shutdown(Duration::from_millis(10)).await;
        drop(release);
    });
}

// APP-008
#[test]
fn a_stop_of_an_application_whose_controller_is_killed_is_answered() {
    everywhere(|| async {
        let (all, gate) = (Applications::here(), Gate::new());
        let slow = gate.clone();
        all.start(Script::default().stop(move || slow.pass()).spec("app"))
            .await
            .unwrap();
        let (its, answers) = (all.clone(), Probe::new());
        let answer = answers.clone();
        process::spawn(|_: Mailbox<Never>| async move { answer.report(its.stop("app").await) });
        gate.reached().await;
        let node = process::node();
        kill(&node, labelled(&node, "application_controller").unwrap());
        assert_eq!(
            answers.next().await,
            Err(StopApplicationError::NotStarted("app".into()))
        );
        gate.open();
    });
}
