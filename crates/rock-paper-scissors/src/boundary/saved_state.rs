//! The tables that keep games and the waiting player across crashes, and the process that owns the tables.

use super::messages::PlayerHandle;
use crate::core::Game;
use otp_core::prelude::*;
use otp_core::table::{self, Access, Set, Table, TableError};

const GAMES: &str = "rps_games";
const WAITING: &str = "rps_waiting";

/// Access to the tables. Each operation looks its table up by name, so it finds the new table after a restart of the
/// owner.
///
/// While there is no table, nothing is saved and nothing is found. A crash then loses a game or a place in the lobby, but
/// stops no process.
#[derive(Debug, Clone, Copy)]
pub struct SavedState;

/// The owner of the tables. It receives no messages, so no message can crash it.
#[derive(Debug)]
pub struct TableOwner;

#[gen_server]
impl GenServer for TableOwner {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        table::set::<u64, Game>(GAMES)
            .named()
            .access(Access::Public)
            .create()?;
        table::set::<(), PlayerHandle>(WAITING)
            .named()
            .access(Access::Public)
            .create()?;
        Ok(Init::state(Self))
    }
}

impl SavedState {
    /// The choices in a game.
    pub(super) fn game(self, number: u64) -> Option<Game> {
        games().and_then(|games| games.lookup(&number)).ok()?
    }

    pub(super) fn save_game(self, number: u64, game: Game) {
        let _ = games().and_then(|games| games.insert(number, game));
    }

    pub(super) fn delete_game(self, number: u64) {
        let _ = games().and_then(|games| games.delete(&number));
    }

    /// The player that waits in the lobby.
    pub(super) fn waiting_player(self) -> Option<PlayerHandle> {
        waiting().and_then(|waiting| waiting.lookup(&())).ok()?
    }

    pub(super) fn save_waiting_player(self, player: Option<PlayerHandle>) {
        let _ = waiting().and_then(|waiting| match player {
            Some(player) => waiting.insert((), player),
            None => waiting.delete(&()),
        });
    }
}

fn games() -> Result<Table<u64, Game, Set>, TableError> {
    table::named(GAMES)
}

fn waiting() -> Result<Table<(), PlayerHandle, Set>, TableError> {
    table::named(WAITING)
}
