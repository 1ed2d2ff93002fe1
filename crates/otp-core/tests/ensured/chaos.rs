//! Callers, kills and outages at random: in the end the server runs, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use otp_core::guard::{Backoff, Guard, GuardState, OnLimit};
use otp_core::prelude::*;
use otp_core::supervisor::ChildInfo;
use otp_core::{DynamicSupervisorRef, Task, process};
use tokio::time::sleep;

use crate::room::{crowd, guards, state, until};
use crate::seed::{Random, Seed};

const CALLERS: usize = 8;
const ROUNDS: usize = 40;

#[derive(Clone, Default)]
struct World {
    down: Arc<AtomicBool>,
    running: Arc<AtomicUsize>,
}

/// A server that is alone. Its `init` takes some time.
struct Alone(World);

#[gen_server]
impl GenServer for Alone {
    type Args = (World, Duration);

    async fn init(
        (world, takes): (World, Duration),
        _: &mut Context<Self>,
    ) -> Result<Init<Self>, Stop> {
        sleep(takes).await;
        if world.down.load(Ordering::SeqCst) {
            return Err(ExitReason::other("down").into());
        }
        world.running.fetch_add(1, Ordering::SeqCst);
        Ok(Init::state(Self(world)))
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

fn alone() -> ServerName<Alone> {
    ServerName::new("alone")
}

fn child(world: &World, random: &mut Random) -> ChildSpec {
    let ms = |n: usize| Duration::from_millis(n as u64);
    let (world, takes) = (world.clone(), ms(random.below(4)));
    let child = ChildSpec::worker("alone", move || {
        Alone::options()
            .name("alone")
            .start_link((world.clone(), takes))
    });
    let constant = Backoff::constant(ms(1 + random.below(5)));
    let guard = match random.below(4) {
        0 => Guard::new().backoff(constant),
        1 => Guard::new().backoff(Backoff::exponential(ms(1), ms(8))),
        2 => Guard::new().limit(usize::MAX, ms(1)),
        _ => {
            let few = Guard::new().limit(2, ms(1_000));
            few.on_limit(OnLimit::Fail).backoff(constant)
        }
    };
    child.guarded(guard)
}

async fn disturb(world: World, crowds: [DynamicSupervisorRef; 2], mut random: Random) {
    for _ in 0..ROUNDS {
        let crowd = &crowds[random.below(2)];
        match random.below(10) {
            // An error is the answer during an outage.
            0..4 => drop(
                crowd
                    .ensure_started(&alone(), child(&world, &mut random))
                    .await,
            ),
            4 | 5 => {
                if let Some(server) = alone().whereis() {
                    process::exit(&server, ExitReason::Kill);
                }
            }
            6 => {
                let guards = crowd.which_children().await.expect("it lives");
                if let Some(guard) = guards.first().and_then(ChildInfo::pid) {
                    process::exit(guard, ExitReason::Kill);
                }
            }
            7 => drop(world.down.fetch_not(Ordering::SeqCst)),
            _ => sleep(Duration::from_millis(random.below(4) as u64)).await,
        }
    }
}

async fn play() {
    let seed = Seed::new();
    let mut random = seed.random();
    for _ in 0..5 {
        let (world, crowds) = (World::default(), [crowd().await, crowd().await]);
        let first = child(&world, &mut random);
        let first = crowds[0].ensure_started(&alone(), first).await;
        first.expect("it starts");
        // Beside them a supervisor has such a child from its start. Its guard takes the taken name for a failure.
        let own = child(&world, &mut random).with_id("own");
        let tree = Supervisor::new(Strategy::OneForOne).max_restarts(1_000, Duration::from_secs(1));
        let tree = tree.child(own).start().await.expect("it starts");
        let disturbers: Vec<Task<()>> = (0..CALLERS)
            .map(|_| {
                let own = Random(random.next());
                Task::spawn(disturb(world.clone(), crowds.clone(), own))
            })
            .collect();
        for disturber in disturbers {
            disturber.await.expect("no panic");
        }
        world.down.store(false, Ordering::SeqCst);
        // Nobody asks for it any more, and the first caller's child is permanent.
        until(async || {
            let Some(server) = alone().whereis() else {
                return false;
            };
            let runs = [GuardState::Running(server.pid())];
            let waits = GuardState::NameTaken(server.pid());
            let own = tree.which_child("own").await.expect("it lives");
            let own = own.and_then(|own| state(own.pid()?));
            let [one, other] = [guards(&crowds[0]).await, guards(&crowds[1]).await];
            let wait = |guards: &[GuardState]| guards.iter().all(|it| *it == waits);
            (one == runs && wait(&other))
                || (other == runs && wait(&one))
                || (own == Some(runs[0]) && wait(&one) && wait(&other))
        })
        .await;
        assert_eq!(world.running.load(Ordering::SeqCst), 1);
        tree.stop().await.expect("it stops");
        for crowd in crowds {
            assert!(crowd.is_alive());
            crowd.stop().await.expect("it stops");
        }
        assert_eq!(world.running.load(Ordering::SeqCst), 0);
    }
}

#[otp_core::test]
async fn a_server_that_many_want_survives_kills_and_outages() {
    play().await;
}

#[otp_core::test(workers = 8)]
async fn a_server_that_many_want_survives_kills_and_outages_on_threads() {
    play().await;
}
