//! Chapter 2: an egg timer.
//!
//! A timer has to do two things at once: answer its owner, and keep an eye on the clock. As a process it does both with one
//! queue of messages. The guide is `chapters/2-egg-timer.md`.
//!
//! - [`core`]: alarms as values.
//! - [`boundary`]: the GenServer that keeps the alarms, starts their timers and takes their rings.
//! - [`api`]: the functions that other code calls.
//! - [`cli`]: the program `ch2-egg-timer`.
//!
//! `examples/` has smaller programs, each for one thing about messages; `naive` is the egg timer that one writes first.

pub mod api;
pub mod boundary;
pub mod cli;
pub mod core;

/// The Rust blocks of the guide are tests of this crate.
#[cfg(doctest)]
#[doc = include_str!("../../../chapters/2-egg-timer.md")]
pub struct Guide;
