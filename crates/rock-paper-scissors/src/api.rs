//! Rock-paper-scissors as its users see it: a house, and players.
//!
//! This and the folder of its name are the only files here that call and cast.

mod tournament;

pub use self::tournament::Tournament;

use crate::boundary::{
    Ear, GameCall, GameCast, GameServer, JoinError, Lobby, LobbyCall, LobbyCast, Mind, Persona,
    PlayError, Player, PlayerCall, PlayerCast, Seat,
};
use crate::core::{Choice, Luck, NotWaiting};
use crate::supervision::{self, LOBBY, Names};
use otp_core::prelude::*;
use otp_core::{StopError, SupervisorRef, process};

pub use crate::boundary::{Event, News};
pub use crate::supervision::{GAMES, HOUSE, Plan, Policy, SAVES};

/// A house that runs: a lobby, and games.
#[derive(Debug, Clone)]
pub struct House {
    supervisor: SupervisorRef,
    names: Names,
    lobby: ServerName<Lobby>,
}

/// A node of one's own: its processes end when this value is dropped.
#[derive(Debug, Default)]
pub struct World(Node);

impl World {
    /// The node.
    pub fn node(&self) -> &Node {
        &self.0
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for pid in self.0.processes() {
            let info = self.0.process_info(pid);
            // Who was started first, and who is linked with nobody. A house goes with the former in good order, and takes
            // along the rest.
            if info.is_some_and(|info| info.ancestors.is_empty() || info.links.is_empty()) {
                self.0.exit(pid, ExitReason::Shutdown);
            }
        }
    }
}

/// A player of a person, from outside.
#[derive(Debug, Clone)]
pub struct Participant {
    seat: Seat,
}

/// A request that got no answer, or a refusal.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused<E> {
    /// It was refused.
    #[error(transparent)]
    By(E),
    /// Nobody has answered.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl House {
    /// Starts a house, linked with the calling process.
    ///
    /// # Errors
    ///
    /// [`StartError`]: one runs on this node already.
    ///
    /// # Panics
    ///
    /// Outside a process, as everything here.
    pub async fn start_link(plan: Plan) -> Result<Self, StartError> {
        let (supervisor, names) = supervision::start_link(plan).await?;
        Ok(Self {
            supervisor,
            names,
            lobby: ServerName::new(LOBBY),
        })
    }

    /// Has a player join: it waits, or plays at once, and then this is the number of its game.
    ///
    /// # Errors
    ///
    /// [`JoinError`] if it waits already or no game came of it; [`CallError`] without an answer.
    pub async fn join(&self, player: &Participant) -> Result<Option<u64>, Refused<JoinError>> {
        let seat = player.seat.clone();
        let joined = self.lobby.call(|from| LobbyCall::Join(seat, from)).await?;
        joined.map_err(Refused::By)
    }

    /// Has a player leave who waits.
    ///
    /// # Errors
    ///
    /// [`NotWaiting`]; [`CallError`] without an answer.
    pub async fn leave(&self, player: &Participant) -> Result<(), Refused<NotWaiting>> {
        let seat = player.seat.clone();
        let left = self.lobby.call(|from| LobbyCall::Leave(seat, from)).await?;
        left.map_err(Refused::By)
    }

    /// The name of the player who waits.
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub async fn waiting(&self) -> Result<Option<String>, CallError> {
        self.lobby.call(LobbyCall::Waiting).await
    }

    /// Has a player make its choice.
    ///
    /// # Errors
    ///
    /// [`PlayError`] if it has no part in the game or has played; [`CallError`] if there is no such game, any more.
    pub async fn play(
        &self,
        game: u64,
        player: &Participant,
        choice: Choice,
    ) -> Result<(), Refused<PlayError>> {
        let pid = player.pid();
        let server = self.game(game);
        let played = server
            .call(|from| GameCall::Play(pid, choice, from))
            .await?;
        played.map_err(Refused::By)
    }

    /// The numbers of the games that run.
    pub fn games(&self) -> Vec<u64> {
        self.names.running()
    }

    /// The names of the two who play in a game.
    ///
    /// # Errors
    ///
    /// [`CallError`] if there is no such game, any more.
    pub async fn players(&self, game: u64) -> Result<[String; 2], CallError> {
        self.game(game).call(GameCall::Players).await
    }

    /// The process of a game, if it runs.
    pub fn game_pid(&self, game: u64) -> Option<Pid> {
        Some(self.game(game).whereis()?.pid())
    }

    /// Has a game panic.
    pub fn crash_game(&self, game: u64) {
        self.game(game).cast(GameCast::Crash);
    }

    /// Has the lobby panic.
    pub fn crash_lobby(&self) {
        self.lobby.cast(LobbyCast::Crash);
    }

    /// The process of the lobby, if it runs.
    pub fn lobby_pid(&self) -> Option<Pid> {
        Some(self.lobby.whereis()?.pid())
    }

    /// Adds a player of the computer. It joins by itself, plays one game, and goes.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub async fn invite_computer(
        &self,
        name: String,
        luck: Luck,
        ear: Ear,
    ) -> Result<Pid, StartError> {
        let lobby = self.lobby.clone();
        let mind = Mind::Computer { luck, lobby };
        let persona = Persona { name, mind, ear };
        Ok(Player::start(persona).await?.pid())
    }

    /// Whether it runs.
    pub fn is_alive(&self) -> bool {
        self.supervisor.is_alive()
    }

    /// Closes the house; all games in it are aborted.
    ///
    /// # Errors
    ///
    /// [`StopError`].
    pub async fn stop(&self) -> Result<(), StopError> {
        self.supervisor.stop().await
    }

    fn game(&self, number: u64) -> ServerName<GameServer> {
        ServerName::new(self.names.game(number))
    }
}

impl Participant {
    /// Starts a player, which tells `ear` what it is told. It has its name as a local name, and goes when the calling
    /// process has ended.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the name is taken.
    pub async fn start(name: String, ear: Ear) -> Result<Self, StartError> {
        let persona = Persona {
            name: name.clone(),
            mind: Mind::Person {
                owner: process::current(),
            },
            ear,
        };
        let player = Player::options().name(name.clone()).start(persona).await?;
        Ok(Self {
            seat: Seat { name, player },
        })
    }

    /// Waits until it has read all that it has been told so far.
    ///
    /// # Errors
    ///
    /// [`CallError`] if it does not live.
    pub async fn settle(&self) -> Result<(), CallError> {
        self.seat.player.call(PlayerCall::Settle).await
    }

    /// Has it panic.
    pub fn crash(&self) {
        self.seat.player.cast(PlayerCast::Crash);
    }

    /// Whether it lives.
    pub fn is_alive(&self) -> bool {
        self.seat.player.is_alive()
    }

    /// Its process.
    pub fn pid(&self) -> Pid {
        self.seat.player.pid()
    }
}
