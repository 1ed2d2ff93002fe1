//! Rock-paper-scissors: a lobby where the first player waits and the second begins a game, a game for each two players,
//! and what happens when a player, a game or the lobby crashes. It solves exercise 4.5 of the course.
//!
//! The guide is `chapters/4-dynamic.md`. The layers, each knowing only those below it:
//!
//! - [`cli`]: the program `rock-paper-scissors`, and the only place that prints.
//! - [`api`]: a house with a lobby, and players; the only place that calls and casts.
//! - [`supervision`]: the supervision tree.
//! - [`boundary`]: players, games and the lobby, each a GenServer.
//! - [`core`]: the rules, the waiting room, and chance.

pub mod api;
pub mod boundary;
pub mod cli;
pub mod core;
pub mod supervision;
