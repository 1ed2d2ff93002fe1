//! The house of rock-paper-scissors: what runs in it, and what becomes of what crashes.

use crate::boundary::{GameServer, Lobby, Match, Open, Premises, Saves, SavesOwner, Seat};
use crate::core::{Chance, Luck};
use otp_core::prelude::*;
use otp_core::{DynamicSupervisorRef, Registry, SupervisorRef, process};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The name of the supervisor at the top.
pub const HOUSE: &str = "rps";
/// The name of the lobby.
pub const LOBBY: &str = "lobby";
/// The name of the supervisor of the games.
pub const GAMES: &str = "games";
/// The name of the process that owns the tables.
pub const SAVES: &str = "saves";

/// What becomes of a game that crashes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Policy {
    /// The game is gone, and both players are told.
    #[default]
    Temporary,
    /// The game begins once more, with nothing played.
    Transient,
    /// The game goes on with what was played, and the lobby keeps the waiting player.
    Saved,
}

/// What a house is to be like.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What becomes of a game that crashes.
    pub policy: Policy,
    /// How many crashes within five seconds are too many, of all games together.
    pub max_restarts: usize,
    /// How long players have for their choices.
    pub limit: Duration,
    /// How many of the games have an accident.
    pub crash: Chance,
    /// Which ones, and when.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            max_restarts: 3,
            limit: Duration::from_secs(60),
            crash: Chance::NEVER,
            seed: 0,
        }
    }
}

/// The games that run, by their numbers.
#[derive(Debug, Clone)]
pub struct Names(Registry<u64>);

impl Names {
    /// A game as a name.
    pub fn game(&self, number: u64) -> Name {
        self.0.via(number)
    }

    /// The games that run, in order.
    pub fn running(&self) -> Vec<u64> {
        let mut numbers = self.0.select(|number, _, ()| Some(*number));
        numbers.sort_unstable();
        numbers
    }
}

/// Starts a house, linked with the current process.
///
/// # Errors
///
/// [`StartError`]: there is one already.
pub async fn start_link(plan: Plan) -> Result<(SupervisorRef, Names), StartError> {
    let names = Registry::unique("rps_names");
    let house = house(plan, &names).start_link().await?;
    Ok((house, Names(names)))
}

/// The registry comes first: a game without its number cannot be found. The owner of the tables comes before who uses
/// them, the games before the lobby that begins them. One for one: what runs goes on when another one crashes.
fn house(plan: Plan, names: &Registry<u64>) -> Supervisor {
    let registry = names.clone();
    let begun = Arc::new(AtomicU64::new(0));
    let premises = Premises {
        open: open(plan, names.clone()),
        saves: saves(plan),
        games: begun,
    };
    Supervisor::new(Strategy::OneForOne)
        .name(HOUSE)
        .child(ChildSpec::worker("names", move || registry.start_link()))
        .child(ChildSpec::worker(SAVES, || {
            SavesOwner::options().name(SAVES).start_link(())
        }))
        .child(ChildSpec::supervisor(GAMES, move || {
            DynamicSupervisor::new()
                .max_restarts(plan.max_restarts, Duration::from_secs(5))
                .name(GAMES)
                .start_link()
        }))
        .child(ChildSpec::worker(LOBBY, move || {
            Lobby::options().name(LOBBY).start_link(premises.clone())
        }))
}

/// How the lobby begins a game.
fn open(plan: Plan, names: Registry<u64>) -> Open {
    Open::new(move |number, seats| {
        let spec = game(plan, &names, number, seats);
        async move {
            let games = DynamicSupervisorRef::find(&process::node(), GAMES);
            let games = games.ok_or(ExitReason::NoProcess)?;
            games.start_child(spec).await?;
            Ok(())
        }
    })
}

/// A game as a child.
fn game(plan: Plan, names: &Registry<u64>, number: u64, seats: [Seat; 2]) -> ChildSpec {
    let mut luck = Luck::new(plan.seed, number);
    let crash = luck.has(plan.crash).then(|| luck.moment());
    let name = names.via(number);
    let lives = AtomicU64::new(0);
    let start = move || {
        GameServer::options().name(name.clone()).start_link(Match {
            number,
            seats: seats.clone(),
            // The one in whose process this runs.
            keeper: plan.policy.brings_back().then(process::current),
            saves: saves(plan),
            lives: lives.fetch_add(1, Ordering::Relaxed),
            crash,
            limit: plan.limit,
        })
    };
    ChildSpec::worker("game", start).restart(match plan.policy {
        Policy::Temporary => Restart::Temporary,
        Policy::Transient | Policy::Saved => Restart::Transient,
    })
}

fn saves(plan: Plan) -> Option<Saves> {
    (plan.policy == Policy::Saved).then_some(Saves)
}

impl Policy {
    fn brings_back(self) -> bool {
        self != Self::Temporary
    }
}
