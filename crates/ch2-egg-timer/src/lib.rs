//! Chapter 2: an egg timer.
//!
//! A timer is the smallest program that has to do two things at once: answer its owner, and keep
//! an eye on the clock. As a process it does both with one queue of messages, and nobody waits for
//! anybody. The guide is `chapters/2-egg-timer.md`.
//!
//! - [`core`]: alarms as values; what a name and a duration may be.
//! - [`boundary`]: the GenServer that keeps the alarms, starts their timers and takes their rings.
//! - [`api`]: the functions that the rest of the world calls.
//! - [`cli`]: the program `ch2-egg-timer`.
//!
//! Beside the egg timer stand smaller programs with layers of their own, each for one thing that
//! messages can do: [`calculator`], [`flood`], [`responses`], [`endings`].

pub mod api;
pub mod boundary;
pub mod calculator;
pub mod cli;
pub mod core;
pub mod endings;
pub mod flood;
pub mod responses;

/// The Rust blocks of the guide are tests of this crate.
#[cfg(doctest)]
#[doc = include_str!("../../../chapters/2-egg-timer.md")]
pub struct Guide;
