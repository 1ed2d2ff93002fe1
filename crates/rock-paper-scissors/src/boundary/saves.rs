//! What outlives a crash: tables, and the process that owns them and does nothing else.

use super::news::Seat;
use crate::core::Game;
use otp_core::prelude::*;
use otp_core::table::{self, Access, Set, Table, TableError};

const GAMES: &str = "rps_games";
const ROOM: &str = "rps_room";

/// The way to the tables. They are looked up each time: when their owner crashes they are gone, and those of the next
/// one are found by the same names.
///
/// Without a table nothing is saved, and nothing is found. That costs a game or a place, and no process.
#[derive(Debug, Clone, Copy)]
pub struct Saves;

/// Owns the tables. It gets no messages, so there is nothing that it could crash of.
#[derive(Debug)]
pub struct SavesOwner;

#[gen_server]
impl GenServer for SavesOwner {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        table::set::<u64, Game>(GAMES)
            .named()
            .access(Access::Public)
            .create()?;
        table::set::<(), Seat>(ROOM)
            .named()
            .access(Access::Public)
            .create()?;
        Ok(Init::state(Self))
    }
}

impl Saves {
    /// What has been played in a game.
    pub(super) fn game(self, number: u64) -> Option<Game> {
        games().and_then(|games| games.lookup(&number)).ok()?
    }

    pub(super) fn save(self, number: u64, game: Game) {
        let _ = games().and_then(|games| games.insert(number, game));
    }

    pub(super) fn forget(self, number: u64) {
        let _ = games().and_then(|games| games.delete(&number));
    }

    /// Who waits in the lobby.
    pub(super) fn waiting(self) -> Option<Seat> {
        room().and_then(|room| room.lookup(&())).ok()?
    }

    pub(super) fn keep_waiting(self, seat: Option<Seat>) {
        let _ = room().and_then(|room| match seat {
            Some(seat) => room.insert((), seat),
            None => room.delete(&()),
        });
    }
}

fn games() -> Result<Table<u64, Game, Set>, TableError> {
    table::named(GAMES)
}

fn room() -> Result<Table<(), Seat, Set>, TableError> {
    table::named(ROOM)
}
