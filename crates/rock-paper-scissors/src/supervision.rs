//! The supervision tree of rock-paper-scissors, and the restart policy of games.

use crate::boundary::{
    GameArgs, GameServer, Lobby, LobbyArgs, PlayerHandle, SavedState, StartGame, TableOwner,
};
use crate::core::{Probability, Random};
use otp_core::prelude::*;
use otp_core::{DynamicSupervisorRef, Registry, SupervisorRef, process};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The name of the top supervisor.
pub const SUPERVISOR: &str = "rps";
/// The name of the lobby.
pub const LOBBY: &str = "lobby";
/// The name of the supervisor of the games.
pub const GAMES: &str = "games";
/// The name of the process that owns the tables.
pub const SAVES: &str = "saves";

/// The treatment of crashed games.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Policy {
    /// The game is aborted, and both players get that verdict.
    #[default]
    Temporary,
    /// The game is restarted without the choices.
    Transient,
    /// The game is restarted with the saved choices, and a restarted lobby with the waiting player.
    Saved,
}

/// The settings of the service.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The treatment of crashed games.
    pub policy: Policy,
    /// The number of restarts within five seconds, of all games together, that the supervisor of the games allows.
    pub max_restarts: usize,
    /// The time limit of a game.
    pub limit: Duration,
    /// The probability that a game kills itself once.
    pub crash: Probability,
    /// The seed that selects these games and their crash points.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            max_restarts: 3,
            limit: Duration::from_secs(60),
            crash: Probability::ZERO,
            seed: 0,
        }
    }
}

/// The registry of the running games.
#[derive(Debug, Clone)]
pub struct GameNames(Registry<u64>);

impl GameNames {
    /// The via name of a game.
    pub fn game(&self, number: u64) -> Name {
        self.0.via(number)
    }

    /// The numbers of the running games, in order.
    pub fn running(&self) -> Vec<u64> {
        let mut numbers = self.0.select(|number, _, ()| Some(*number));
        numbers.sort_unstable();
        numbers
    }
}

/// Starts the tree, linked with the current process.
///
/// # Errors
///
/// [`StartError`]: a tree runs on this node already.
pub async fn start_link(settings: Settings) -> Result<(SupervisorRef, GameNames), StartError> {
    let names = Registry::unique("rps_names");
    let supervisor = tree(settings, &names).start_link().await?;
    Ok((supervisor, GameNames(names)))
}

/// Each child follows the children that it uses: the games use the registry, games and lobby use the tables, and the lobby
/// starts games. The strategy is one for one, because each child works again with a restarted other child.
fn tree(settings: Settings, names: &Registry<u64>) -> Supervisor {
    let registry = names.clone();
    let lobby = LobbyArgs {
        start_game: start_game(settings, names.clone()),
        saved: saved_state(settings),
        games: Arc::new(AtomicU64::new(0)),
    };
    Supervisor::new(Strategy::OneForOne)
        .name(SUPERVISOR)
        .child(ChildSpec::worker("names", move || registry.start_link()))
        .child(ChildSpec::worker(SAVES, || {
            TableOwner::options().name(SAVES).start_link(())
        }))
        .child(ChildSpec::supervisor(GAMES, move || {
            DynamicSupervisor::new()
                .max_restarts(settings.max_restarts, Duration::from_secs(5))
                .name(GAMES)
                .start_link()
        }))
        .child(ChildSpec::worker(LOBBY, move || {
            Lobby::options().name(LOBBY).start_link(lobby.clone())
        }))
}

/// The function with which the lobby starts a game, as a child of the dynamic supervisor.
fn start_game(settings: Settings, names: Registry<u64>) -> StartGame {
    StartGame::new(move |number, players| {
        let spec = game(settings, &names, number, players);
        async move {
            let games = DynamicSupervisorRef::find(&process::node(), GAMES);
            let games = games.ok_or(ExitReason::NoProcess)?;
            games.start_child(spec).await?;
            Ok(())
        }
    })
}

/// The child spec of a game.
fn game(
    settings: Settings,
    names: &Registry<u64>,
    number: u64,
    players: [PlayerHandle; 2],
) -> ChildSpec {
    let mut random = Random::new(settings.seed, number);
    let crash = random.happens(settings.crash).then(|| random.crash_point());
    let name = names.via(number);
    let starts = AtomicU64::new(0);
    let start = move || {
        GameServer::options()
            .name(name.clone())
            .start_link(GameArgs {
                number,
                players: players.clone(),
                // A supervisor calls start functions in its own process.
                supervisor: settings.policy.restarts_games().then(process::current),
                saved: saved_state(settings),
                restarts: starts.fetch_add(1, Ordering::Relaxed),
                crash,
                limit: settings.limit,
            })
    };
    ChildSpec::worker("game", start).restart(match settings.policy {
        Policy::Temporary => Restart::Temporary,
        Policy::Transient | Policy::Saved => Restart::Transient,
    })
}

fn saved_state(settings: Settings) -> Option<SavedState> {
    (settings.policy == Policy::Saved).then_some(SavedState)
}

impl Policy {
    fn restarts_games(self) -> bool {
        self != Self::Temporary
    }
}
