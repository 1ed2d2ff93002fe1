//! Rock-paper-scissors: a lobby pairs players, and each pair plays in a process of its own. Players, games and the lobby
//! may crash. The crate is the solution of exercise 4.5 of the course.
//!
//! The guide is `chapters/4-dynamic.md`. The layers, each of which uses only the layers below it:
//!
//! - [`cli`]: the program `rock-paper-scissors`, and the only layer that prints.
//! - [`api`]: the operations of the service and of its players; the only layer that calls and casts.
//! - [`supervision`]: the supervision tree.
//! - [`boundary`]: players, games and the lobby, each a GenServer.
//! - [`core`]: the rules, the waiting room, and reproducible random numbers.

pub mod api;
pub mod boundary;
pub mod cli;
pub mod core;
pub mod supervision;
