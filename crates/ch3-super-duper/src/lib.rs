//! Chapter 3: three characters that crash, and the supervisor that brings them back.
//!
//! The guide is `chapters/3-super-duper.md`. The layers, each knowing only those below it:
//!
//! - [`cli`]: the program `ch3-super-duper`, and the only place that prints.
//! - [`api`]: the characters and their tree, and the only place that calls and casts.
//! - [`supervision`]: the supervision tree, as one function.
//! - [`boundary`]: a character as a GenServer.
//! - [`core`]: who the characters are.
//!
//! `examples/kitchen.rs` puts the egg timer of chapter 2 under a supervisor, and `examples/endings.rs` ends a child in every
//! way under each type of restart.

pub mod api;
pub mod boundary;
pub mod cli;
pub mod core;
pub mod supervision;

/// The blocks of Rust in the guide, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../chapters/3-super-duper.md")]
pub struct Guide;
