//! A round: a world is started, driven, brought to rest and stopped.

use std::sync::Arc;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{DynamicSupervisorRef, SupervisorRef, process};
use tokio::time::{Instant, sleep, timeout};

use crate::driver::{self, EXTRAS, Operation};
use crate::ledger::Ledger;
use crate::stop::Stop;
use crate::survey::Survey;
use crate::watcher;
use crate::world::{CROWD, SUPERVISORS, World};

/// What a round is played with.
pub(crate) struct Setting {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) length: Duration,
    pub(crate) drivers: usize,
    pub(crate) seed: u64,
    pub(crate) stop: Stop,
    /// How long the world may take to come to rest, and to be gone.
    pub(crate) patience: Duration,
}

/// What there should have been and what there was, at rest and after the stop.
pub(crate) struct Figures {
    pub(crate) at_rest: (Survey, Survey),
    pub(crate) at_the_end: (Survey, Survey),
}

/// How often is looked whether it has.
const PAUSE: Duration = Duration::from_millis(10);

/// Plays a round in the current process.
///
/// # Errors
///
/// The reason why the world did not start or did not stop.
pub(crate) async fn play(setting: Setting) -> Result<Figures, ExitReason> {
    let node = process::node();
    let patience = setting.patience;
    let (world, top) = World::start(setting.ledger.clone()).await?;
    // The table is made by a process that does not tell when it has done so.
    let fresh = until(patience, || {
        let fresh = Survey::of(&node, &world);
        (fresh, fresh.tables == 1)
    })
    .await;

    drive(&setting, &world).await;

    let at_rest = rest(&world, fresh, patience).await;
    timeout(patience, top.stop())
        .await
        .map_err(ExitReason::error)??;
    // Whoever has ended has been told of; each of its monitors has had its DOWN.
    let deadline = Instant::now() + patience;
    while outstanding(&world).await > 0 && Instant::now() < deadline {
        sleep(PAUSE).await;
    }
    let lost = outstanding(&world).await;
    if lost > 0 {
        let what = format!("{lost} DOWNs have not come within {patience:?}");
        setting.ledger.complain(what);
    }
    for watcher in &world.watchers {
        watcher.stop().await?;
    }
    let nothing = Survey {
        processes: 1,
        ..Survey::default()
    };
    let gone = until(patience, || {
        let gone = Survey::of(&node, &world);
        (gone, gone == nothing)
    })
    .await;
    if gone != nothing {
        name_survivors(&setting.ledger);
    }
    Ok(Figures {
        at_rest,
        at_the_end: (nothing, gone),
    })
}

/// Ends the drivers, also if the round ends before its time: on a runtime that shuts down they would go on for ever.
struct Over<'a>(&'a World);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over.raise();
    }
}

/// Lets the drivers drive for as long as the round is.
async fn drive(setting: &Setting, world: &World) {
    let over = Over(world);
    let drivers: Vec<_> = (0..setting.drivers)
        .map(|driver| {
            let seed = setting.seed.wrapping_add(driver as u64);
            let (world, operations) = (world.clone(), setting.operations.clone());
            process::spawn(move |_: Mailbox<Never>| driver::drive(world, operations, seed))
        })
        .collect();
    let deadline = Instant::now() + setting.length;
    while Instant::now() < deadline && !setting.stop.is_raised() {
        sleep(PAUSE).await;
    }
    drop(over);
    for driver in drivers {
        let reason = driver.wait().await;
        if reason != ExitReason::Normal {
            let what = format!("a driver ended with {reason}");
            setting.ledger.complain(what);
        }
    }
}

/// Brings the world to rest: then it must be as it was when it was fresh, but for monitors that last.
async fn rest(world: &World, fresh: Survey, patience: Duration) -> (Survey, Survey) {
    let node = process::node();
    let deadline = Instant::now() + patience;
    loop {
        tidy().await;
        let expected = Survey {
            monitors: fresh.monitors + outstanding(world).await,
            ..fresh
        };
        let found = Survey::of(&node, world);
        if found == expected || Instant::now() > deadline {
            return (expected, found);
        }
        sleep(PAUSE).await;
    }
}

/// Takes away what operations have added, and starts again what they have stopped. What fails is tried again, for a while.
async fn tidy() {
    let node = process::node();
    for (name, _) in SUPERVISORS {
        let Some(supervisor) = SupervisorRef::find(&node, name) else {
            continue;
        };
        for extra in 0..EXTRAS {
            let id = format!("extra {extra}");
            if supervisor.terminate_child(id.clone()).await.is_ok() {
                let _ = supervisor.delete_child(id).await;
            }
        }
    }
    if let Some(crowd) = DynamicSupervisorRef::find(&node, CROWD) {
        for child in crowd.which_children().await.unwrap_or_default() {
            if let Some(pid) = child.pid() {
                let _ = crowd.terminate_child(pid).await;
            }
        }
    }
}

/// How many DOWNs the watchers still wait for.
async fn outstanding(world: &World) -> usize {
    let mut sum = 0;
    for watcher in &world.watchers {
        sum += watcher
            .call(watcher::Call::Outstanding)
            .await
            .unwrap_or(usize::MAX / 8);
    }
    sum
}

/// Complains of each process that has outlived the world, with all that is known of it.
fn name_survivors(ledger: &Ledger) {
    let node = process::node();
    let others = node.processes().into_iter();
    for pid in others.filter(|pid| *pid != process::current()) {
        let info = node.process_info(pid);
        ledger.complain(format!("{pid} has outlived its world: {info:?}"));
    }
}

/// Looks again and again, until it is right or has taken too long.
async fn until(patience: Duration, mut look: impl FnMut() -> (Survey, bool)) -> Survey {
    let deadline = Instant::now() + patience;
    loop {
        let (survey, is_right) = look();
        if is_right || Instant::now() > deadline {
            return survey;
        }
        sleep(PAUSE).await;
    }
}
