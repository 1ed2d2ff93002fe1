//! Tasks and agents with values that misbehave.

use std::time::Duration;

use otp_core::agent::AgentServer;
use otp_core::prelude::*;
use otp_core::sys;
use otp_core::task::{self, Task};
use otp_core::{Agent, TaskSupervisor, process};

use super::hostile::{Case, Hostile, Stage, apart, case, look_around, settle};

fn arm(stage: &Stage) {
    let again = stage.clone();
    stage.arm(move || look_around(&again.node));
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
                // Its value is dropped.
                1 => drop(task),
                2 => there.let_go(task.timeout(limit).await),
                3 => {
                    let mut task = task;
                    let value = task.wait(limit).await;
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
        let value = there.value(9);
        let task = Task::spawn_with(move |mut mailbox: Mailbox<Hostile>| async move {
            drop(mailbox.receive().await);
            value
        });
        let pid = task.pid().expect("it has just started");
        if let Some(process) = process::node().process_ref::<Hostile>(pid) {
            process.send(there.value(10));
            process.send(there.value(11));
        }
        there.let_go(task.await);
    })
    .await;
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
    let tasks = TaskSupervisor::new()
        .start()
        .await
        .expect("nothing misbehaves yet");
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
            let value = there.value(4);
            let work = move |_: Mailbox<Hostile>| async move { value };
            let task = match linked {
                true => tasks.spawn_with(work).await,
                false => tasks.spawn_nolink_with(work).await,
            };
            if let Ok(task) = task {
                there.let_go(task.await);
            }
            let items: Vec<Hostile> = (0..4).map(|n| there.value(n)).collect();
            let work = |item| async move { item };
            let mut results = match linked {
                true => tasks.async_stream(items, work),
                false => tasks.async_stream_nolink(items, work),
            };
            while let Some(result) = results.next().await {
                there.let_go(result);
            }
        })
        .await;
    }
    let _ = tasks.stop().await;
}

async fn use_agents(stage: Stage) {
    let first = stage.value(0);
    let agent = Agent::start(move || first)
        .await
        .expect("nothing misbehaves yet");
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
                0 => there.let_go(agent.get(Clone::clone).await),
                1 => there.let_go(agent.get(Clone::clone).timeout(limit).await),
                2 => there.let_go(agent.update(move |state| *state = value).await),
                3 => there.let_go(
                    agent
                        .update(move |state| *state = value)
                        .timeout(limit)
                        .await,
                ),
                4 => {
                    let swap = move |state: &mut Hostile| std::mem::replace(state, value);
                    there.let_go(agent.get_and_update(swap).await);
                }
                5 => {
                    let swap = move |state: &mut Hostile| std::mem::replace(state, value);
                    there.let_go(agent.get_and_update(swap).timeout(limit).await);
                }
                _ => agent.cast(move |state| *state = value),
            }
        })
        .await;
    }
    let (there, keeper) = (stage.clone(), agent.clone());
    apart(move || async move {
        let value = there.value(4);
        let new = move |old: &AgentServer| {
            assert!(old.state::<Hostile>().is_some());
            AgentServer::new(value)
        };
        there.let_go(sys::replace_state(&keeper, new).await);
    })
    .await;
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
            .stop_with(ExitReason::other(there.value(3)))
            .timeout(limit)
            .await;
        there.let_go(stopped);
    })
    .await;
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "tasks",
            &[
                "task.rs::spawn",
                "task.rs::spawn_with",
                "task.rs::completed",
                "task.rs::timeout",
                "task.rs::wait",
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
                "task_supervisor.rs::spawn_with",
                "task_supervisor.rs::spawn_nolink_with",
                "task_supervisor/streams.rs::async_stream",
                "task_supervisor/streams.rs::async_stream_nolink",
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
                "agent.rs::update",
                "agent.rs::get_and_update",
                "agent.rs::cast",
                "agent.rs::stop_with",
                "agent/keeper.rs::new",
                "agent/keeper.rs::state",
            ],
            use_agents,
        ),
    ]
}
