//! Chapter 4: characters that come and go while the program runs, and are found by name.
//!
//! The guide is `chapters/4-dynamic.md`. The layers, each knowing only those below it:
//!
//! - [`cli`]: the program `ch4-dynamic`, and the only place that prints.
//! - [`api`]: the project and its characters, and the only place that calls and casts.
//! - [`supervision`]: the supervision tree.
//! - [`boundary`]: a character as a GenServer, the owner of the table, and a registry of our own.
//! - [`core`]: what a character can say.

pub mod api;
pub mod boundary;
pub mod cli;
pub mod core;
pub mod supervision;

/// The blocks of Rust in the guide, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../chapters/4-dynamic.md")]
pub struct Guide;
