//! Players, games and the lobby, each a GenServer.
//!
//! Who depends on somebody watches: a game its players, a player its game, the lobby whoever waits in it, and who waits
//! the lobby. So nobody has to be told of a crash by the one that has crashed.

mod game;
mod lobby;
mod news;
mod player;
mod saves;

pub use self::game::{Call as GameCall, Cast as GameCast, GameServer, Match, PlayError};
pub use self::lobby::{Call as LobbyCall, Cast as LobbyCast, JoinError, Lobby, Open, Premises};
pub use self::news::{Ear, Event, Letter, News, Seat, Turn};
pub use self::player::{Call as PlayerCall, Cast as PlayerCast, Mind, Persona, Player};
pub use self::saves::{Saves, SavesOwner};
