//! Requests that meet: starts and stops of one application at the same time, and those that callbacks make. The answers are
//! those of the BEAM, where it has any.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp_core::application::{
    ApplicationSpec, Applications, Ended, RestartType, StartApplicationError, StopApplicationError,
    UnloadError,
};
use otp_core::gen_server::TimeLimit;
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Term, process};

use crate::scripted::{Gate, Script, everywhere};

fn not_started(name: &str) -> Result<(), StopApplicationError> {
    Err(StopApplicationError::NotStarted(name.into()))
}

fn already_started(name: &str) -> Result<(), StartApplicationError> {
    Err(StartApplicationError::AlreadyStarted(name.into()))
}

/// A process that does something.
fn aside<F: Future<Output = ()> + Send + 'static>(what: F) -> ProcessRef<Never> {
    process::spawn(|_: Mailbox<Never>| what)
}

// APP-005
#[test]
fn two_starts_at_a_time_are_both_well() {
    everywhere(|| async {
        let (all, gate) = (Applications::here(), Gate::new());
        let slow = gate.clone();
        all.load(Script::default().start(move || slow.pass()).spec("slow"))
            .unwrap();
        // Both requests are made before the start can end.
        let (first, second, ()) = tokio::join!(
            all.start_as("slow", RestartType::Transient),
            all.start("slow"),
            async {
                gate.reached().await;
                gate.open();
            }
        );
        assert_eq!((first, second), (Ok(()), Ok(())));
        assert_eq!(all.restart_type("slow"), Some(RestartType::Transient));
        assert_eq!(all.start("slow").await, already_started("slow"));
        assert_eq!(all.which_applications().len(), 1, "it was started once");
    });
}

// APP-005
#[test]
fn two_starts_at_a_time_fail_alike() {
    everywhere(|| async {
        let (all, gate) = (Applications::here(), Gate::new());
        let slow = gate.clone();
        let bad = Script::default().start(move || {
            let pass = slow.pass();
            async {
                pass.await;
                process::exit_self(ExitReason::other("boom"));
            }
        });
        all.load(bad.spec("bad")).unwrap();
        let (first, second, ()) = tokio::join!(all.start("bad"), all.start("bad"), async {
            gate.reached().await;
            let running = UnloadError::Running("bad".into());
            assert_eq!(all.unload("bad"), Err(running), "it starts");
            gate.open();
        });
        let failed = Err(StartApplicationError::Failed {
            application: "bad".into(),
            reason: ExitReason::other("boom"),
        });
        assert_eq!((first, second), (failed.clone(), failed));
        assert_eq!(all.unload("bad"), Ok(()));
    });
}

// APP-003
#[tokio::test(start_paused = true)]
async fn both_name_all_if_both_ask_in_time() {
    let all = Applications::on(&Node::new());
    let slow = || async { tokio::time::sleep(Duration::from_millis(100)).await };
    all.load(Script::default().start(slow).spec("slow"))
        .unwrap();
    all.load(Script::default().spec("top").depends_on("slow"))
        .unwrap();
    let ask = || all.ensure_all_started("top", RestartType::Temporary);
    let (one, other) = tokio::join!(ask(), ask());
    let names = vec!["slow".to_owned(), "top".to_owned()];
    assert_eq!((one, other), (Ok(names.clone()), Ok(names)));
}

// APP-006
#[test]
fn an_application_that_starts_is_not_stopped() {
    everywhere(|| async {
        let (all, gate, answers) = (Applications::here(), Gate::new(), Probe::new());
        let slow = gate.clone();
        let spec = Script::default().start(move || slow.pass()).spec("slow");
        let (its, told) = (all.clone(), answers.clone());
        aside(async move { told.report(its.start(spec).await) });
        gate.reached().await;
        assert_eq!(all.stop("slow").await, not_started("slow"));
        gate.open();
        assert_eq!(answers.next().await, Ok(()));
        assert_eq!(all.stop("slow").await, Ok(()));
    });
}

// APP-006
#[test]
fn two_stops_at_a_time_and_a_start_among_them() {
    everywhere(|| async {
        let (all, gate) = (Applications::here(), Gate::new());
        let (stops, starts) = (Probe::new(), Probe::new());
        let slow = gate.clone();
        let spec = Script::default().stop(move || slow.pass()).spec("slow");
        all.start(spec).await.unwrap();
        let stop = || {
            let (all, stops) = (all.clone(), stops.clone());
            aside(async move { stops.report(all.stop("slow").await) })
        };
        stop();
        gate.reached().await;
        let (its, told) = (all.clone(), starts.clone());
        let start = aside(async move { told.report(its.start("slow").await) });
        assert_eq!(
            all.which_applications().len(),
            1,
            "one that stops is still listed"
        );
        gate.open();
        assert_eq!(stops.next().await, Ok(()));
        start.wait().await;
        assert_eq!(starts.next().await, Ok(()), "it starts when it has stopped");
        stop();
        gate.reached().await;
        stop();
        gate.open();
        // The second one may come when the first is done: it is not started then either.
        let mut answers = [stops.next().await, stops.next().await];
        answers.sort_by_key(Result::is_err);
        assert_eq!(answers, [Ok(()), not_started("slow")]);
    });
}

// APP-005, APP-006
#[test]
fn what_a_callback_asks_of_its_own_application_is_answered_at_once() {
    everywhere(|| async {
        let (all, told) = (Applications::here(), Probe::new());
        let say = |at: &'static str, told: &Probe<String>| {
            let told = told.clone();
            move || {
                let (all, told) = (Applications::here(), told.clone());
                async move {
                    let (start, stop) = (all.start("app").await, all.stop("app").await);
                    let config = [("key".to_owned(), Term::new(at))];
                    let changes = all.change_config("app", config).await.is_empty();
                    told.report(format!(
                        "{at}: {} {} {changes}",
                        start.is_ok(),
                        stop.is_ok()
                    ));
                    assert_eq!(start, already_started("app"));
                }
            }
        };
        let script = Script::default()
            .start(say("start", &told))
            .stop(say("stop", &told));
        let spec = script.prep_stop(say("prep_stop", &told)).spec("app");
        assert_eq!(all.start(spec.clone()).await, Ok(()));
        assert_eq!(told.next().await, "start: false false false");
        assert_eq!(all.stop("app").await, Ok(()));
        assert_eq!(told.next().await, "prep_stop: false false false");
        assert_eq!(told.next().await, "stop: false false false");
    });
}

// APP-005, APP-006
#[test]
fn an_application_may_stop_itself_in_a_callback_while_it_runs() {
    everywhere(|| async {
        let (all, told) = (Applications::here(), Probe::new());
        let (first, last) = (told.clone(), told.clone());
        let script = Script::default().config_change(move || {
            let told = first.clone();
            async move {
                let stopped = Applications::here().stop("app").await;
                told.report(format!("config_change: {stopped:?}"));
            }
        });
        let script = script.stop(move || {
            let told = last.clone();
            async move { told.report("stop".to_owned()) }
        });
        all.start(script.spec("app")).await.unwrap();
        let _ = all
            .change_config("app", [("key".to_owned(), Term::new(1))])
            .await;
        assert_eq!(told.next().await, "config_change: Ok(())");
        assert_eq!(told.next().await, "stop");
        // Whether it has ended or is about to: a stop is over when it has.
        assert_eq!(all.stop("app").await, not_started("app"));
        assert_eq!(all.which_applications(), []);
    });
}

// APP-005
#[test]
fn applications_that_change_each_others_config_do_not_wait_for_ever() {
    everywhere(|| async {
        let (all, told) = (Applications::here(), Probe::new());
        let config = |n: u32| [("key".to_owned(), Term::new(n))];
        for (name, other) in [("a", "b"), ("b", "a")] {
            let told = told.clone();
            let calls = AtomicU32::new(0);
            let script = Script::default().config_change(move || {
                let told = told.clone();
                let n = calls.fetch_add(1, Ordering::Relaxed) + 1;
                async move {
                    if n < 3 {
                        let config = [("key".to_owned(), Term::new(n + 1))];
                        Applications::here().change_config(other, config).await;
                    }
                    told.report((name, n));
                }
            });
            all.start(script.spec(name)).await.unwrap();
        }
        assert!(!all.change_config("a", config(1)).await.is_empty());
        let mut heard = Vec::new();
        for _ in 0..5 {
            heard.push(told.next().await);
        }
        heard.sort_unstable();
        assert_eq!(heard, [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2)]);
        // Others wait until the callback is over.
        all.change_config("b", config(7)).await;
        assert_eq!(told.drain(), [("b", 3)]);
    });
}

// APP-005, APP-006
#[test]
fn applications_that_start_each_other_do_not_wait_for_ever() {
    everywhere(|| async {
        let (all, told) = (Applications::here(), Probe::new());
        for (name, other) in [("a", "b"), ("b", "a")] {
            let told = told.clone();
            let script = Script::default().start(move || {
                let told = told.clone();
                async move {
                    let started = Applications::here().start(other).await;
                    told.report((name, started.map_err(|error| error.to_string())));
                }
            });
            all.load(script.spec(name)).unwrap();
        }
        assert_eq!(all.start("a").await, Ok(()));
        let circle = "applications depend on each other in a circle: b -> a -> b";
        assert_eq!(told.next().await, ("b", Err(circle.into())));
        assert_eq!(told.next().await, ("a", Ok(())));
        assert_eq!(all.which_applications().len(), 2);
    });
}

// APP-005, APP-006
#[test]
fn a_shutdown_in_a_callback_does_not_wait_for_the_callback() {
    everywhere(|| async {
        let (all, told) = (Applications::here(), Probe::new());
        let its = told.clone();
        let script = Script::default().start(move || {
            let told = its.clone();
            async move {
                let ended = Applications::here().shutdown(TimeLimit::Infinity).await;
                told.report(ended);
            }
        });
        assert_eq!(all.start(script.spec("app")).await, Ok(()));
        assert_eq!(told.next().await, Ended::Stopped);
        assert_eq!(all.ended().await, Ended::Stopped);
        assert_eq!(all.which_applications(), []);
        let late = all.start(ApplicationSpec::library("late")).await;
        assert_eq!(
            late,
            Err(StartApplicationError::ShuttingDown("late".into()))
        );
    });
}
