//! Chapter 2: an egg timer.
//!
//! An egg timer does two things at once: it answers requests, and it waits for alarms. Its process does both with one
//! mailbox. The guide is `chapters/2-egg-timer.md`.
//!
//! - [`core`]: alarms as values.
//! - [`boundary`]: the GenServer that stores the alarms, starts their timers and handles their rings.
//! - [`api`]: the functions that other code calls.
//! - [`cli`]: the program `ch2-egg-timer`.
//!
//! `examples/` has smaller programs, each about one property of messages; `naive` is a first egg timer with faults.

pub mod api;
pub mod boundary;
pub mod cli;
pub mod core;

/// The doc tests of the guide.
#[cfg(doctest)]
#[doc = include_str!("../../../chapters/2-egg-timer.md")]
pub struct Guide;
