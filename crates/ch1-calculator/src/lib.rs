//! Chapter 1: a calculator that is a process.
//!
//! The guide is `chapters/1-calculator.md`. The layers, each knowing only those below it:
//!
//! - [`cli`]: the command line, and the only place that prints.
//! - [`api`]: the calculator as its users see it, and the only place that sends it anything.
//! - [`boundary`]: the process around the core, by hand and as a GenServer.
//! - [`core`]: the arithmetic, as plain functions.
//!
//! Three exercises are small programs of their own, with the same layers: [`stack`], [`counter`], [`clock`].

pub mod api;
pub mod boundary;
pub mod cli;
pub mod core;

pub mod clock;
pub mod counter;
pub mod stack;

/// The blocks of Rust in the guide, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../chapters/1-calculator.md")]
pub struct Guide;
