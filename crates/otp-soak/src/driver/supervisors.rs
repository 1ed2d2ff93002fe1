//! Supervisors: children are added, ended, restarted and removed, and supervisors end themselves.

use otp_core::prelude::*;
use otp_core::{DynamicSupervisorRef, process};

use super::Operation;
use super::stage::Stage;
use crate::world::{CROWD, WORKERS};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "children added and removed",
        weight: 8,
        perform: |stage, _| Box::pin(extras(stage)),
    },
    Operation {
        name: "looks at children",
        weight: 4,
        perform: |stage, _| Box::pin(look(stage)),
    },
    Operation {
        name: "children that come and go",
        weight: 12,
        perform: |stage, _| Box::pin(crowd(stage)),
    },
    Operation {
        name: "the crowd sent home",
        weight: 1,
        perform: |stage, _| Box::pin(send_home(stage)),
    },
    Operation {
        name: "supervisors killed",
        weight: 1,
        perform: |stage, _| Box::pin(kill(stage)),
    },
    Operation {
        name: "registries killed",
        weight: 1,
        perform: |stage, _| Box::pin(kill_registry(stage)),
    },
];

/// How many ids there are for additional children.
pub(crate) const EXTRAS: u32 = 8;

/// An additional child, which others may be adding and removing at the same time.
async fn extras(mut stage: Stage) {
    let Some(supervisor) = stage.supervisor() else {
        return;
    };
    let ledger = stage.world.ledger.clone();
    let id = format!("extra {}", stage.random.u32(..EXTRAS));
    for _ in 0..stage.random.u32(1..5) {
        let id = id.clone();
        match stage.random.u32(..5) {
            0 | 1 => {
                ledger.asks_for_children(1);
                let start = supervisor.start_child(stage.world.extra(id));
                let started = stage.within("start_child", start).await;
                let pid = started.and_then(Result::ok).and_then(|child| child.pid());
                if let Some(pid) = pid.filter(|_| stage.chance(4)) {
                    ledger.may_restart(super::deaths::RESTARTS);
                    process::exit(pid, ExitReason::Kill);
                }
            }
            2 => {
                let terminate = supervisor.terminate_child(id);
                stage.within("terminate_child", terminate).await;
            }
            3 => {
                ledger.asks_for_children(1);
                let restart = supervisor.restart_child(id);
                stage.within("restart_child", restart).await;
            }
            _ => {
                let delete = supervisor.delete_child(id);
                stage.within("delete_child", delete).await;
            }
        }
    }
}

async fn look(mut stage: Stage) {
    let Some(supervisor) = stage.supervisor() else {
        return;
    };
    let children = supervisor.which_children();
    let children = stage.within("which_children", children).await;
    if let Some(Ok(children)) = children
        && children.len() < WORKERS
    {
        let found = children.len();
        stage.complain(format!(
            "a supervisor of {WORKERS} knows of {found} children"
        ));
    }
    let counts = stage
        .within("count_children", supervisor.count_children())
        .await;
    if let Some(Ok(counts)) = counts
        && counts.active > counts.specs
    {
        stage.complain(format!("more children than specifications: {counts:?}"));
    }
}

/// Children of the dynamic supervisor, most of them for a short while.
async fn crowd(mut stage: Stage) {
    let Some(crowd) = DynamicSupervisorRef::find(&process::node(), CROWD) else {
        return;
    };
    let ledger = stage.world.ledger.clone();
    for _ in 0..stage.random.u32(1..10) {
        let restart = match stage.random.u32(..8) {
            0 => Restart::Permanent,
            1 => Restart::Transient,
            _ => Restart::Temporary,
        };
        let spec = stage.world.extra("one of many").restart(restart);
        ledger.asks_for_children(1);
        let started = stage.within("start_child", crowd.start_child(spec)).await;
        let Some(pid) = started.and_then(Result::ok).and_then(|child| child.pid()) else {
            continue;
        };
        if stage.chance(4) {
            stage.watch(pid);
        }
        if stage.chance(2) {
            ledger.may_restart(1);
            process::exit(pid, ExitReason::Kill);
        } else {
            let terminate = crowd.terminate_child(pid);
            stage.within("terminate_child", terminate).await;
        }
    }
}

/// Those who have stayed, as they were restarted.
async fn send_home(stage: Stage) {
    let Some(crowd) = DynamicSupervisorRef::find(&process::node(), CROWD) else {
        return;
    };
    let children = stage.within("which_children", crowd.which_children()).await;
    for child in children.and_then(Result::ok).unwrap_or_default() {
        if let Some(pid) = child.pid() {
            let terminate = crowd.terminate_child(pid);
            stage.within("terminate_child", terminate).await;
        }
    }
}

/// A supervisor with all its children.
async fn kill(mut stage: Stage) {
    let known = u64::try_from(WORKERS).expect("a handful");
    stage.world.ledger.may_restart(known);
    if let Some(supervisor) = stage.supervisor() {
        process::exit(supervisor.pid(), ExitReason::Kill);
        stage.within("a killed supervisor", supervisor.wait()).await;
    }
}

/// A registry, and so the workers that have keys of it as their names.
async fn kill_registry(stage: Stage) {
    let known = u64::try_from(WORKERS).expect("a handful");
    stage
        .world
        .ledger
        .may_restart(known * known * super::deaths::RESTARTS);
    if let Some(pid) = stage.world.keys.pid() {
        process::exit(pid, ExitReason::Kill);
    }
}
