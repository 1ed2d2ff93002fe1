//! What players are told, by lobby and games, and what they tell whoever listens.

use super::game::GameServer;
use super::lobby::Lobby;
use super::player::Player;
use crate::core::{Side, Verdict};
use otp_core::prelude::*;
use std::fmt;
use std::sync::Arc;

/// A player as the lobby and the games know it.
#[derive(Debug, Clone)]
pub struct Seat {
    /// Its name, for the opponent.
    pub name: String,
    /// Its process.
    pub player: ServerRef<Player>,
}

/// The same process is the same player.
impl PartialEq for Seat {
    fn eq(&self, other: &Self) -> bool {
        self.player.pid() == other.player.pid()
    }
}

/// What a player's process is told.
#[derive(Debug, Clone)]
pub enum Letter {
    /// It waits in the lobby.
    Waits {
        /// The lobby's process.
        lobby: Pid,
        /// Whether its place outlives the lobby.
        kept: bool,
    },
    /// It has an opponent, or its game is back after a crash.
    Table {
        /// The game's number.
        game: u64,
        /// Which of the two it is.
        side: Side,
        /// The other one's name.
        opponent: String,
        /// Where to play.
        server: ServerRef<GameServer>,
        /// The supervisor that brings the game back after a crash, if one does.
        keeper: Option<Pid>,
        /// What it is to do.
        turn: Turn,
    },
    /// It is over.
    Over {
        /// The game's number.
        game: u64,
        /// Which of the two it was.
        side: Side,
        /// What has come of it.
        verdict: Verdict,
    },
    /// To try the lobby again, which was not there, and so many times more.
    Rejoin(ServerName<Lobby>, u32),
}

/// What a player is to do in a game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Play.
    First,
    /// Play, perhaps once more: what was played before the crash is forgotten.
    Again,
    /// Play: the crash has come before that.
    Still,
    /// Nothing: its choice has outlived the crash.
    Done,
}

/// Something has happened to a player.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its name.
    pub player: String,
    /// What.
    pub news: News,
}

/// What can happen to a player.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// A game has begun.
    Paired {
        /// The game's number.
        game: u64,
        /// The other one's name.
        opponent: String,
    },
    /// The game has crashed, and begins once more.
    Again {
        /// The game's number.
        game: u64,
    },
    /// The game has crashed, and goes on where it was.
    GoesOn {
        /// The game's number.
        game: u64,
        /// Whether this player has not played yet.
        turn: bool,
    },
    /// It is over.
    Over {
        /// The game's number.
        game: u64,
        /// Which of the two it was.
        side: Side,
        /// What has come of it.
        verdict: Verdict,
    },
    /// The lobby has crashed, and has forgotten who waited.
    PlaceLost,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.player)?;
        match &self.news {
            News::Paired { game, opponent } => write!(f, "game {game} against {opponent}"),
            News::Again { game } => write!(f, "game {game} begins once more: play again"),
            News::GoesOn { game, turn: true } => write!(f, "game {game} goes on: play"),
            News::GoesOn { game, .. } => write!(f, "game {game} goes on"),
            News::Over { game, verdict, .. } => write!(f, "game {game}: {verdict}"),
            News::PlaceLost => f.write_str("the lobby has forgotten me: join again"),
        }
    }
}

/// Who listens to players. It is called in their processes, and must not block.
#[derive(Clone)]
pub struct Ear(Arc<dyn Fn(Event) + Send + Sync>);

impl Ear {
    /// An ear that hands each event to `hear`.
    pub fn new(hear: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hear))
    }

    pub(super) fn hear(&self, player: &str, news: News) {
        (self.0)(Event {
            player: player.to_owned(),
            news,
        });
    }
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ear")
    }
}
