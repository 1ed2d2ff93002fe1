//! The messages of lobby and games to players, and the events that players pass to their listeners.

use super::game::GameServer;
use super::lobby::Lobby;
use super::player::Player;
use crate::core::{Side, Verdict};
use otp_core::prelude::*;
use std::fmt;
use std::sync::Arc;

/// A handle to a player.
#[derive(Debug, Clone)]
pub struct PlayerHandle {
    /// The name that its opponents see.
    pub name: String,
    /// The process of the player.
    pub server: ServerRef<Player>,
}

/// Two handles are equal if they have the same process.
impl PartialEq for PlayerHandle {
    fn eq(&self, other: &Self) -> bool {
        self.server.pid() == other.server.pid()
    }
}

/// A message of the lobby or of a game to a player.
#[derive(Debug, Clone)]
pub enum Notification {
    /// The player waits in the lobby.
    Waiting {
        /// The lobby's process.
        lobby: Pid,
        /// Whether a restarted lobby still has the player waiting.
        saved: bool,
    },
    /// A game of the player has started, or has been restarted after a crash.
    GameStarted {
        /// The game's number.
        game: u64,
        /// The side of the player.
        side: Side,
        /// The opponent's name.
        opponent: String,
        /// The process of the game.
        server: ServerRef<GameServer>,
        /// The supervisor that restarts the game after a crash, if the policy restarts games.
        supervisor: Option<Pid>,
        /// The state of the game, for this player.
        state: GameState,
    },
    /// A game of the player has ended.
    GameEnded {
        /// The game's number.
        game: u64,
        /// The side of the player.
        side: Side,
        /// The verdict for the player.
        verdict: Verdict,
    },
    /// The player sends this to itself: look for the lobby again, at most so many times.
    RetryJoin(ServerName<Lobby>, u32),
}

/// The state of a game that has started, for one of its players.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GameState {
    /// The game is new.
    New,
    /// The game was restarted without the choices made before the crash: the player must play again.
    Restarted,
    /// The game was restarted with the saved choices: the player has not played yet.
    ResumedUnplayed,
    /// The game was restarted with the saved choices: the player has played already.
    ResumedPlayed,
}

/// An event of a player, for its listener.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The player's name.
    pub player: String,
    /// What happened.
    pub kind: EventKind,
}

/// The kinds of events.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// A game has started.
    GameStarted {
        /// The game's number.
        game: u64,
        /// The opponent's name.
        opponent: String,
    },
    /// The game has crashed, and was restarted without the choices.
    GameRestarted {
        /// The game's number.
        game: u64,
    },
    /// The game has crashed, and was restarted with the saved choices.
    GameResumed {
        /// The game's number.
        game: u64,
        /// Whether the player must still play.
        must_play: bool,
    },
    /// The game has ended.
    GameEnded {
        /// The game's number.
        game: u64,
        /// The side of the player.
        side: Side,
        /// The verdict for the player.
        verdict: Verdict,
    },
    /// The lobby has crashed, and the player does not wait any more.
    PlaceLost,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { player, kind } = self;
        write!(f, "{player}: ")?;
        match kind {
            EventKind::GameStarted { game, opponent } => {
                write!(f, "game {game} against {opponent}")
            }
            EventKind::GameRestarted { game } => {
                write!(f, "game {game} crashed and was restarted: play again")
            }
            EventKind::GameResumed {
                game,
                must_play: true,
            } => write!(f, "game {game} crashed and was resumed: play"),
            EventKind::GameResumed { game, .. } => write!(f, "game {game} crashed and was resumed"),
            EventKind::GameEnded { game, verdict, .. } => write!(f, "game {game}: {verdict}"),
            EventKind::PlaceLost => f.write_str("the lobby crashed and lost the place: join again"),
        }
    }
}

/// A function that gets the events of a player. It runs in the player's process, and must not block.
#[derive(Clone)]
pub struct Listener(Arc<dyn Fn(Event) + Send + Sync>);

impl Listener {
    /// A listener that passes each event to `notify`.
    pub fn new(notify: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(notify))
    }

    pub(super) fn notify(&self, player: &str, kind: EventKind) {
        (self.0)(Event {
            player: player.to_owned(),
            kind,
        });
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
