//! Chapter 4: characters that are added and removed while the program runs, and are found by name.
//!
//! The guide is `chapters/4-dynamic.md`. The layers, each of which uses only the layers below it:
//!
//! - [`cli`]: the program `ch4-dynamic`; the only layer that prints.
//! - [`api`]: the operations of the project and its characters; the only layer that calls and casts.
//! - [`supervision`]: the supervision tree.
//! - [`boundary`]: a character as a GenServer, and the kinds of names.
//! - [`core`]: the lines of a character.

pub mod api;
pub mod boundary;
pub mod cli;
pub mod core;
pub mod supervision;

/// The doc tests of the guide.
#[cfg(doctest)]
#[doc = include_str!("../../../chapters/4-dynamic.md")]
pub struct Guide;
