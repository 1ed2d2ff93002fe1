//! Tasks, and the agent.

use otp_core::prelude::*;
use otp_core::{Agent, DynamicSupervisorRef, Task, TaskSupervisorRef, process};
use tokio::time::sleep;

use super::stage::{PATIENCE, Stage};
use super::{Note, Operation};
use crate::listener::BLOW;
use crate::world::{TALLY, TASKS};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "tasks",
        weight: 8,
        perform: |stage, mailbox| Box::pin(tasks(stage, mailbox)),
    },
    Operation {
        name: "supervised tasks",
        weight: 6,
        perform: |stage, _| Box::pin(supervised(stage)),
    },
    Operation {
        name: "agents",
        weight: 6,
        perform: |stage, _| Box::pin(agents(stage)),
    },
];

/// Tasks that give a value, come too late, are shut down or fail.
async fn tasks(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    mailbox.trap_exit(Note::Exit);
    for _ in 0..stage.random.u32(1..8) {
        let (n, delay) = (stage.random.u64(..), stage.millis(0..10));
        let fails = stage.chance(4);
        let task = Task::spawn(async move {
            sleep(delay).await;
            if fails {
                process::exit_self(ExitReason::other(BLOW));
            }
            n
        });
        let limit = stage.millis(0..20);
        let result = match stage.random.u32(..5) {
            0 => {
                stage
                    .within("a task with a limit", task.timeout(limit))
                    .await
            }
            1 => stage
                .within("a shutdown of a task", task.shutdown(PATIENCE))
                .await
                .flatten(),
            2 => stage
                .within("a kill of a task", task.kill())
                .await
                .flatten(),
            3 => task.ignore(),
            _ => stage.within("a task", task.timeout(PATIENCE)).await,
        };
        if let Some(Ok(other)) = result
            && other != n
        {
            stage.complain(format!("the value of task {n} was {other}"));
        }
    }
}

async fn supervised(mut stage: Stage) {
    let Some(tasks) = DynamicSupervisorRef::find(&process::node(), TASKS) else {
        return;
    };
    let tasks = TaskSupervisorRef::from(tasks);
    for _ in 0..stage.random.u32(1..8) {
        let (n, delay) = (stage.random.u64(..), stage.millis(0..10));
        let fails = stage.chance(3);
        let work = async move {
            sleep(delay).await;
            assert!(!fails, "{BLOW}");
            n
        };
        let task = match stage
            .within("a supervised task's start", tasks.spawn_nolink(work))
            .await
        {
            Some(Ok(task)) => task,
            Some(Err(_)) | None => continue,
        };
        let pid = task.pid();
        if let Some(pid) = pid.filter(|_| stage.chance(4)) {
            process::exit(pid, ExitReason::Kill);
        }
        match stage
            .within("a supervised task", task.timeout(PATIENCE))
            .await
        {
            Some(Ok(other)) if other != n || fails => {
                stage.complain(format!("the value of task {n} was {other}"));
            }
            _ => {}
        }
    }
}

/// One agent that all share and one of one's own.
async fn agents(mut stage: Stage) {
    let tally = Agent::<u64>::named(TALLY);
    for _ in 0..stage.random.u32(1..10) {
        tally.cast(|count| *count += 1);
    }
    stage
        .within("an agent's update", tally.update(|count| *count += 1))
        .await;
    if stage.chance(10) {
        tally.cast(|_| panic!("{BLOW}"));
    }
    let own = stage
        .within("an agent's start", Agent::start(|| 40_u64))
        .await;
    let Some(Ok(own)) = own else {
        return;
    };
    own.cast(|count| *count += 2);
    let count = stage
        .within("a look at an agent", own.get(|count| *count))
        .await;
    if count != Some(Ok(42)) {
        stage.complain(format!("an agent has counted to {count:?}"));
    }
    stage.within("an agent's stop", own.stop()).await;
}
