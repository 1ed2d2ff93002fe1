//! Tasks, agents, supervisors and applications with values that misbehave.

use std::time::Duration;

use otp_core::application::{Applications, RestartType};
use otp_core::prelude::*;
use otp_core::task::{self, Task};
use otp_core::{
    Agent, Application, ApplicationSpec, Child, ChildId, Never, TaskSupervisor, Term, process,
};

use super::hostile::{Case, Hostile, Stage, case, look_around, settle};

fn arm(stage: &Stage) {
    let again = stage.clone();
    stage.arm(move || look_around(&again.node));
}

/// Does this in a process of its own, and waits for its end.
async fn apart<F>(job: impl FnOnce() -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    let apart = process::spawn(move |_: Mailbox<Never>| async move { job().await });
    drop(apart.wait().await);
}

async fn use_tasks(stage: Stage) {
    arm(&stage);
    let limit = Duration::from_millis(5);
    for way in 0..8 {
        let there = stage.clone();
        apart(move || async move {
            let value = there.value(1);
            let task = Task::spawn(async move { value });
            settle().await;
            match way {
                0 => there.let_go(task.await),
                // Nobody takes its value.
                1 => drop(task),
                2 => there.let_go(task.await_timeout(limit).await),
                3 => {
                    let mut task = task;
                    let value = task.yield_timeout(limit).await;
                    there.let_go(value);
                }
                4 => there.let_go(task.shutdown(limit).await),
                5 => {
                    let done = Task::completed(there.value(2));
                    there.let_go(task::await_many([task, done], limit).await);
                }
                6 => {
                    let mut tasks = [task];
                    let values = task::yield_many(&mut tasks, limit).await;
                    there.let_go(values);
                }
                _ => {
                    let value = there.value(3);
                    let hung = Task::spawn(async move {
                        std::future::pending::<()>().await;
                        value
                    });
                    there.let_go(hung.shutdown(limit).await);
                    drop(task);
                }
            }
        })
        .await;
    }
    let there = stage.clone();
    apart(move || async move {
        let value = there.value(4);
        let started = task::start(async move { drop(value) });
        started.wait().await;
        let value = there.value(5);
        let linked = task::start_link(async move { drop(value) });
        linked.wait().await;
    })
    .await;
}

async fn use_streams(stage: Stage) {
    arm(&stage);
    for all in [true, false] {
        let there = stage.clone();
        apart(move || async move {
            let items: Vec<Hostile> = (0..4).map(|n| there.value(n)).collect();
            let mut results = task::async_stream(items, |item| async move { item });
            while let Some(result) = results.next().await {
                there.let_go(result);
                if !all {
                    break;
                }
            }
        })
        .await;
    }
}

async fn use_task_supervisor(stage: Stage) {
    let tasks = TaskSupervisor::new().start().await.unwrap();
    arm(&stage);
    for linked in [true, false] {
        let (there, tasks) = (stage.clone(), tasks.clone());
        apart(move || async move {
            let value = there.value(1);
            let work = async move { value };
            let task = match linked {
                true => tasks.spawn(work).await,
                false => tasks.spawn_nolink(work).await,
            };
            settle().await;
            if let Ok(task) = task {
                there.let_go(task.await);
            }
            let value = there.value(2);
            let child = tasks.start_child(Restart::Temporary, move || {
                let value = value.clone();
                async move {
                    std::future::pending::<()>().await;
                    drop(value);
                }
            });
            if let Ok(child) = child.await {
                settle().await;
                let _ = tasks.terminate_child(child).await;
            }
            let value = there.value(3);
            let lost = tasks.spawn_nolink(async move { value }).await;
            drop(lost);
        })
        .await;
    }
    let _ = tasks.stop().await;
}

async fn use_agents(stage: Stage) {
    let first = stage.value(0);
    let agent = Agent::start(move || first).await.unwrap();
    let (again, there) = (stage.clone(), agent.clone());
    stage.arm(move || {
        look_around(&again.node);
        let value = again.value(9);
        there.cast(move |state| *state = value);
    });
    let limit = Duration::from_millis(5);
    for way in 0..7 {
        let (there, agent) = (stage.clone(), agent.clone());
        apart(move || async move {
            let value = there.value(1);
            match way {
                0 => there.let_go(agent.get(|state| state.clone()).await),
                1 => there.let_go(agent.get_timeout(limit, |state| state.clone()).await),
                2 => there.let_go(agent.update(move |state| *state = value).await),
                3 => there.let_go(
                    agent
                        .update_timeout(limit, move |state| *state = value)
                        .await,
                ),
                4 => {
                    let swap = move |state: &mut Hostile| std::mem::replace(state, value);
                    there.let_go(agent.get_and_update(swap).await);
                }
                5 => {
                    let swap = move |state: &mut Hostile| std::mem::replace(state, value);
                    there.let_go(agent.get_and_update_timeout(limit, swap).await);
                }
                _ => agent.cast(move |state| *state = value),
            }
        })
        .await;
    }
    for way in 0..3 {
        let there = stage.clone();
        apart(move || async move {
            let value = there.value(2);
            let make = move || value;
            let started = match way {
                0 => Agent::start_link(make).await,
                1 => Agent::options().start_link(make).await,
                _ => Agent::options().start(make).await,
            };
            there.let_go(started);
        })
        .await;
    }
    let there = stage.clone();
    apart(move || async move {
        let stopped = agent
            .stop_with(ExitReason::other(there.value(3)), limit)
            .await;
        there.let_go(stopped);
    })
    .await;
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
        .unwrap();
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
        let stopped = top.stop_with(reason, Duration::from_millis(50)).await;
        there.let_go(stopped);
    })
    .await;
}

async fn use_dynamic_supervisors(stage: Stage) {
    let crowd = DynamicSupervisor::new()
        .extra_arguments(stage.value(1))
        .start()
        .await
        .unwrap();
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
        let stopped = crowd.stop_with(reason, Duration::from_millis(50)).await;
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
    all.load(play(&stage, "loaded")).unwrap();
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
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "tasks",
            &[
                "task.rs::spawn",
                "task.rs::completed",
                "task.rs::await_timeout",
                "task.rs::yield_timeout",
                "task.rs::shutdown",
                "task/many.rs::await_many",
                "task/many.rs::yield_many",
                "task/start.rs::start",
                "task/start.rs::start_link",
            ],
            use_tasks,
        ),
        case(
            "streams of tasks",
            &["task/stream.rs::async_stream"],
            use_streams,
        ),
        case(
            "supervised tasks",
            &[
                "task_supervisor.rs::spawn",
                "task_supervisor.rs::spawn_nolink",
                "task_supervisor.rs::start_child",
            ],
            use_task_supervisor,
        ),
        case(
            "agents",
            &[
                "agent/options.rs::start",
                "agent/options.rs::start_link",
                "agent.rs::start",
                "agent.rs::start_link",
                "agent.rs::get",
                "agent.rs::get_timeout",
                "agent.rs::update",
                "agent.rs::update_timeout",
                "agent.rs::get_and_update",
                "agent.rs::get_and_update_timeout",
                "agent.rs::cast",
                "agent.rs::stop_with",
            ],
            use_agents,
        ),
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
                "supervisor/supervisor_ref.rs::stop_with",
            ],
            use_supervisors,
        ),
        case(
            "dynamic supervisors",
            &[
                "child_spec.rs::worker_with",
                "dynamic_supervisor/builder.rs::extra_arguments",
                "dynamic_supervisor/dynamic_supervisor_ref.rs::stop_with",
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
                "application/spec.rs::new",
                "application/spec.rs::env",
            ],
            use_applications,
        ),
    ]
}
