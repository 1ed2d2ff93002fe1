//! The API of rock-paper-scissors: the service, its players, and tournaments.
//!
//! Only this file and its folder call and cast.

mod tournament;

pub use self::tournament::Tournament;

use crate::boundary::{
    GameCall, GameCast, GameServer, JoinError, Listener, Lobby, LobbyCall, LobbyCast, PlayError,
    Player, PlayerArgs, PlayerCall, PlayerCast, PlayerHandle, PlayerKind,
};
use crate::core::{Choice, NotWaiting, Random};
use crate::supervision::{self, GameNames, LOBBY};
use otp_core::prelude::*;
use otp_core::{StopError, SupervisorRef, process};

pub use crate::boundary::{Event, EventKind};
pub use crate::supervision::{GAMES, Policy, SAVES, SUPERVISOR, Settings};

/// A handle to the running service: a lobby and its games.
#[derive(Debug, Clone)]
pub struct Service {
    supervisor: SupervisorRef,
    names: GameNames,
    lobby: ServerName<Lobby>,
}

/// A node whose processes end when this value is dropped.
#[derive(Debug, Default)]
pub struct ScopedNode(Node);

impl ScopedNode {
    /// The node.
    pub fn node(&self) -> &Node {
        &self.0
    }
}

impl Drop for ScopedNode {
    fn drop(&mut self) {
        for pid in self.0.processes() {
            let info = self.0.process_info(pid);
            // The top supervisor is linked with the first process, and stops its children. Processes without links need
            // an exit signal of their own.
            if info.is_some_and(|info| info.ancestors.is_empty() || info.links.is_empty()) {
                self.0.exit(pid, ExitReason::Shutdown);
            }
        }
    }
}

/// A handle to a human player.
#[derive(Debug, Clone)]
pub struct HumanPlayer {
    handle: PlayerHandle,
}

/// A request failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RequestError<E> {
    /// The lobby or the game refused the request.
    #[error(transparent)]
    Refused(E),
    /// The call got no answer.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl Service {
    /// Starts the service, linked with the calling process.
    ///
    /// # Errors
    ///
    /// [`StartError`]: the service runs on this node already.
    ///
    /// # Panics
    ///
    /// Outside a process, as all functions of this type.
    pub async fn start_link(settings: Settings) -> Result<Self, StartError> {
        let (supervisor, names) = supervision::start_link(settings).await?;
        Ok(Self {
            supervisor,
            names,
            lobby: ServerName::new(LOBBY),
        })
    }

    /// Adds a player to the lobby. Returns the number of its game, or `None` if the player waits.
    ///
    /// # Errors
    ///
    /// [`JoinError`] if the player is waiting already, or the game did not start; [`CallError`] without an answer.
    pub async fn join(&self, player: &HumanPlayer) -> Result<Option<u64>, RequestError<JoinError>> {
        let handle = player.handle.clone();
        let joined = self
            .lobby
            .call(|from| LobbyCall::Join(handle, from))
            .await?;
        joined.map_err(RequestError::Refused)
    }

    /// Removes the waiting player from the lobby.
    ///
    /// # Errors
    ///
    /// [`NotWaiting`] if this player is not waiting; [`CallError`] without an answer.
    pub async fn leave(&self, player: &HumanPlayer) -> Result<(), RequestError<NotWaiting>> {
        let handle = player.handle.clone();
        let left = self
            .lobby
            .call(|from| LobbyCall::Leave(handle, from))
            .await?;
        left.map_err(RequestError::Refused)
    }

    /// The name of the waiting player.
    ///
    /// # Errors
    ///
    /// [`CallError`] without an answer.
    pub async fn waiting(&self) -> Result<Option<String>, CallError> {
        self.lobby.call(LobbyCall::Waiting).await
    }

    /// Makes the choice of a player in a game.
    ///
    /// # Errors
    ///
    /// [`PlayError`] if the game is not the player's, or the player has played already; [`CallError`] if the game does not
    /// run.
    pub async fn play(
        &self,
        game: u64,
        player: &HumanPlayer,
        choice: Choice,
    ) -> Result<(), RequestError<PlayError>> {
        let pid = player.pid();
        let server = self.game(game);
        let played = server
            .call(|from| GameCall::Play(pid, choice, from))
            .await?;
        played.map_err(RequestError::Refused)
    }

    /// The numbers of the running games.
    pub fn games(&self) -> Vec<u64> {
        self.names.running()
    }

    /// The names of the players of a game.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the game does not run.
    pub async fn players(&self, game: u64) -> Result<[String; 2], CallError> {
        self.game(game).call(GameCall::Players).await
    }

    /// The pid of a game, if it runs.
    pub fn game_pid(&self, game: u64) -> Option<Pid> {
        Some(self.game(game).whereis()?.pid())
    }

    /// Makes a game panic.
    pub fn crash_game(&self, game: u64) {
        self.game(game).cast(GameCast::Crash);
    }

    /// Makes the lobby panic.
    pub fn crash_lobby(&self) {
        self.lobby.cast(LobbyCast::Crash);
    }

    /// The pid of the lobby, if it runs.
    pub fn lobby_pid(&self) -> Option<Pid> {
        Some(self.lobby.whereis()?.pid())
    }

    /// Starts a computer player. It joins, plays one game, and stops.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the node has no room for a process.
    pub async fn start_computer(
        &self,
        name: String,
        random: Random,
        listener: Listener,
    ) -> Result<Pid, StartError> {
        let lobby = self.lobby.clone();
        let args = PlayerArgs {
            name,
            kind: PlayerKind::Computer { random, lobby },
            listener,
        };
        Ok(Player::start(args).await?.pid())
    }

    /// Whether the service runs.
    pub fn is_alive(&self) -> bool {
        self.supervisor.is_alive()
    }

    /// Stops the service. All games are aborted.
    ///
    /// # Errors
    ///
    /// [`StopError`] if the service does not run.
    pub async fn stop(&self) -> Result<(), StopError> {
        self.supervisor.stop().await
    }

    fn game(&self, number: u64) -> ServerName<GameServer> {
        ServerName::new(self.names.game(number))
    }
}

impl HumanPlayer {
    /// Starts a player under its local name. The player passes its events to `listener`, and stops when the calling
    /// process ends.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the name is registered.
    pub async fn start(name: String, listener: Listener) -> Result<Self, StartError> {
        let args = PlayerArgs {
            name: name.clone(),
            kind: PlayerKind::Human {
                owner: process::current(),
            },
            listener,
        };
        let server = Player::options().name(name.clone()).start(args).await?;
        Ok(Self {
            handle: PlayerHandle { name, server },
        })
    }

    /// Waits until the player has handled all messages that it has got so far.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the player has ended.
    pub async fn settle(&self) -> Result<(), CallError> {
        self.handle.server.call(PlayerCall::Settle).await
    }

    /// Makes the player panic.
    pub fn crash(&self) {
        self.handle.server.cast(PlayerCast::Crash);
    }

    /// Whether the process of the player lives.
    pub fn is_alive(&self) -> bool {
        self.handle.server.is_alive()
    }

    /// The pid of the player.
    pub fn pid(&self) -> Pid {
        self.handle.server.pid()
    }
}
