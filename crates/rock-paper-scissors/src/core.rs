//! Rock-paper-scissors without processes: the rules, a game, the waiting room, random numbers, and the counts of a
//! tournament.

mod choice;
mod game;
mod random;
mod tally;
mod waiting_room;

pub use self::choice::{Choice, Outcome, UnknownChoice};
pub use self::game::{AlreadyPlayed, Game, Side, Verdict};
pub use self::random::{CrashPoint, InvalidProbability, Probability, Random};
pub use self::tally::{Summary, Tally};
pub use self::waiting_room::{AlreadyWaiting, Joined, NotWaiting, WaitingRoom};
