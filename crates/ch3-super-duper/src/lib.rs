//! Chapter 3: three characters that crash, and the supervisor that restarts them.
//!
//! The guide is `chapters/3-super-duper.md`. The layers, each of which uses only the layers below it:
//!
//! - [`cli`]: the program `ch3-super-duper`; the only layer that prints.
//! - [`api`]: the operations of the characters and of their tree; the only layer that calls and casts.
//! - [`supervision`]: the supervision tree, as one function.
//! - [`boundary`]: a character as a GenServer.
//! - [`core`]: the names and the lines of the characters.
//!
//! `examples/kitchen.rs` puts the egg timer of chapter 2 under a supervisor, and `examples/endings.rs` ends a child in ten
//! ways under each restart type.

pub mod api;
pub mod boundary;
pub mod cli;
pub mod core;
pub mod supervision;

/// The doc tests of the guide.
#[cfg(doctest)]
#[doc = include_str!("../../../chapters/3-super-duper.md")]
pub struct Guide;
