//! Supervisors and applications with values that misbehave.

use std::time::Duration;

use futures_util::stream;
use otp_core::application::{self, Applications, RestartType};
use otp_core::prelude::*;
use otp_core::supervisor::{SupervisorInit, SupervisorModule};
use otp_core::{Application, ApplicationSpec, Child, ChildId, Never, Term, process};

use super::hostile::{Case, Hostile, Stage, apart, case, look_around, settle};

fn arm(stage: &Stage) {
    let again = stage.clone();
    stage.arm(move || look_around(&again.node));
}

/// A child that keeps a value and ends with another one when it is told to.
fn child(stage: &Stage, n: u32) -> ChildSpec {
    let (there, kept) = (stage.clone(), stage.value(n));
    ChildSpec::worker(ChildId::key(stage.value(n)), move || {
        let (there, kept) = (there.clone(), kept.clone());
        async move {
            let child = process::spawn_link(move |_: Mailbox<Never>| async move {
                std::future::pending::<()>().await;
                drop(kept);
            });
            let extra = there.value(50);
            Ok::<_, ExitReason>(Child::new(&child).with_extra(extra))
        }
    })
}

async fn use_supervisors(stage: Stage) {
    let top = Supervisor::new(Strategy::OneForAll).max_restarts(100, Duration::from_secs(5));
    let top = top
        .children([child(&stage, 1), child(&stage, 2)])
        .start()
        .await
        .expect("nothing misbehaves yet");
    arm(&stage);
    for way in 0..6 {
        let (there, top) = (stage.clone(), top.clone());
        apart(move || async move {
            let id = |n| ChildId::key(there.value(n));
            match way {
                0 => there.let_go(top.start_child(child(&there, 3)).await),
                1 => there.let_go(top.start_child(child(&there, 1)).await),
                2 => there.let_go(top.terminate_child(id(3)).await),
                3 => there.let_go(top.restart_child(id(3)).await),
                4 => {
                    there.let_go(top.delete_child(id(9)).await);
                    there.let_go(top.childspec(id(1)).await);
                    there.let_go(top.which_children().await);
                }
                _ => {
                    let found = top.which_child(id(1)).await;
                    if let Ok(Some(found)) = &found
                        && let Some(pid) = found.pid()
                    {
                        process::exit(pid, ExitReason::other(there.value(60)));
                    }
                    there.let_go(found);
                }
            }
        })
        .await;
        settle().await;
    }
    let there = stage.clone();
    apart(move || async move {
        let reason = ExitReason::other(there.value(61));
        let stopped = top
            .stop_with(reason)
            .timeout(Duration::from_millis(50))
            .await;
        there.let_go(stopped);
    })
    .await;
}

/// A supervisor of such a child; of none, if its argument equals another value.
struct Troupe;

impl SupervisorModule for Troupe {
    type Args = (Stage, Hostile);

    async fn init((stage, kept): Self::Args) -> Result<SupervisorInit, ExitReason> {
        if kept == stage.value(2) {
            return Err(ExitReason::other(kept));
        }
        let children = [child(&stage, 1)];
        Ok(Supervisor::new(Strategy::OneForOne)
            .children(children)
            .into())
    }
}

async fn use_modules(stage: Stage) {
    arm(&stage);
    for n in [1, 2] {
        let there = stage.clone();
        apart(move || async move {
            let started = Troupe::start_link((there.clone(), there.value(n))).await;
            there.let_go(started);
        })
        .await;
    }
}

async fn use_dynamic_supervisors(stage: Stage) {
    let crowd = DynamicSupervisor::new()
        .extra_arguments(stage.value(1))
        .start()
        .await
        .expect("nothing misbehaves yet");
    arm(&stage);
    for _ in 0..3 {
        let (there, crowd) = (stage.clone(), crowd.clone());
        apart(move || async move {
            let spec =
                ChildSpec::worker_with(ChildId::key(there.value(2)), |extra: Hostile| async {
                    let child = process::spawn_link(move |_: Mailbox<Never>| async move {
                        std::future::pending::<()>().await;
                        drop(extra);
                    });
                    Ok::<_, ExitReason>(Child::new(&child))
                });
            let started = crowd.start_child(spec).await;
            if let Ok(started) = &started
                && let Some(pid) = started.pid()
            {
                process::exit(pid, ExitReason::other(there.value(3)));
            }
            there.let_go(started);
            let children = crowd.which_children().await;
            there.let_go(children);
        })
        .await;
    }
    let there = stage.clone();
    apart(move || async move {
        let reason = ExitReason::other(there.value(4));
        let stopped = crowd
            .stop_with(reason)
            .timeout(Duration::from_millis(50))
            .await;
        there.let_go(stopped);
    })
    .await;
}

/// An application that keeps a value.
struct Play {
    _kept: Hostile,
}

impl Application for Play {
    type Args = (Stage, Hostile);

    async fn start((stage, kept): Self::Args) -> Result<(Child, Self), ExitReason> {
        let top = Supervisor::new(Strategy::OneForOne);
        let top = top.children([child(&stage, 1)]).start_link().await?;
        Ok((Child::from(top), Self { _kept: kept }))
    }
}

async fn use_applications(stage: Stage) {
    let all = Applications::here();
    let play = |stage: &Stage, name: &str| {
        ApplicationSpec::new::<Play>(name, (stage.clone(), stage.value(1)))
            .env("key", stage.value(2))
    };
    all.load(play(&stage, "loaded"))
        .expect("nothing misbehaves yet");
    let (again, there) = (stage.clone(), all.clone());
    stage.arm(move || {
        look_around(&again.node);
        let value = there.get_env::<Hostile>("loaded", "key");
        again.let_go(value);
        there.set_env("other", "key", again.value(9));
        let _ = there.which_applications();
    });
    for way in 0..9 {
        let (there, all) = (stage.clone(), all.clone());
        apart(move || async move {
            match way {
                // Refused: it is loaded.
                0 => there.let_go(all.load(play(&there, "loaded"))),
                1 => there.let_go(all.start(play(&there, "one")).await),
                2 => there.let_go(
                    all.start_as(play(&there, "two"), RestartType::Temporary)
                        .await,
                ),
                3 => there.let_go(all.ensure_started("loaded").await),
                4 => {
                    let all = all
                        .ensure_all_started("loaded", RestartType::Temporary)
                        .await;
                    there.let_go(all);
                }
                5 => {
                    all.set_env("loaded", "key", there.value(3));
                    all.set_env("loaded", "key", there.value(4));
                    all.set_env_persistent("loaded", "kept", there.value(5));
                    all.set_env_persistent("loaded", "kept", there.value(6));
                }
                6 => there.let_go(all.get_env::<Hostile>("loaded", "key")),
                7 => {
                    let env = [("key".to_owned(), Term::new(there.value(7)))];
                    there.let_go(all.change_config("loaded", env).await);
                }
                _ => there.let_go(all.stop("one").await),
            }
        })
        .await;
        settle().await;
    }
    let _ = all.shutdown(Duration::from_millis(100)).await;
    let (there, spec) = (stage.clone(), play(&stage, "run"));
    let signals = stream::once(async move { drop(there.value(8)) });
    let run = application::run(&stage.node, spec, Box::pin(signals)).await;
    stage.let_go(run);
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "supervisors",
            &[
                "child_spec.rs::worker",
                "child_spec/child.rs::with_extra",
                "child_spec/child_id.rs::key",
                "supervisor/builder.rs::children",
                "supervisor/supervisor_ref.rs::terminate_child",
                "supervisor/supervisor_ref.rs::restart_child",
                "supervisor/supervisor_ref.rs::delete_child",
                "supervisor/supervisor_ref.rs::which_child",
                "supervisor/supervisor_ref.rs::childspec",
                "supervisor/handle.rs::stop_with",
            ],
            use_supervisors,
        ),
        case(
            "modules of supervisors",
            &["supervisor/module.rs::start_link"],
            use_modules,
        ),
        case(
            "dynamic supervisors",
            &[
                "child_spec.rs::worker_with",
                "dynamic_supervisor/builder.rs::extra_arguments",
            ],
            use_dynamic_supervisors,
        ),
        case(
            "applications",
            &[
                "application/applications.rs::start",
                "application/applications.rs::start_as",
                "application/applications.rs::ensure_started",
                "application/applications.rs::ensure_all_started",
                "application/applications.rs::shutdown",
                "application/config.rs::get_env",
                "application/config.rs::set_env",
                "application/config.rs::set_env_persistent",
                "application/config.rs::change_config",
                "application/run.rs::run",
                "application/spec.rs::new",
                "application/spec.rs::env",
            ],
            use_applications,
        ),
    ]
}
