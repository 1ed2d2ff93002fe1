//! Players, games and the lobby, each a GenServer.
//!
//! Each process monitors the processes that it depends on: a game its players, a player its game, the lobby the waiting
//! player, and the waiting player the lobby. So no process has to report its own crash.

mod game;
mod lobby;
mod messages;
mod player;
mod saved_state;

pub use self::game::{Call as GameCall, Cast as GameCast, GameArgs, GameServer, PlayError};
pub use self::lobby::{
    Call as LobbyCall, Cast as LobbyCast, JoinError, Lobby, LobbyArgs, StartGame,
};
pub use self::messages::{Event, EventKind, GameState, Listener, Notification, PlayerHandle};
pub use self::player::{Call as PlayerCall, Cast as PlayerCast, Player, PlayerArgs, PlayerKind};
pub use self::saved_state::{SavedState, TableOwner};
