//! Rock-paper-scissors without processes: who wins, what has been played, who waits, and what a tournament comes to.

mod choice;
mod game;
mod luck;
mod room;
mod tally;

pub use self::choice::{Choice, Outcome, UnknownChoice};
pub use self::game::{AlreadyPlayed, Game, Side, Verdict};
pub use self::luck::{Chance, InvalidChance, Luck, Moment};
pub use self::room::{AlreadyWaiting, Joined, NotWaiting, Room};
pub use self::tally::{Summary, Tally};
