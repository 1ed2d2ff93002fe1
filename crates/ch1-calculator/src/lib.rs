//! Chapter 1: a calculator that is a process.
//!
//! The guide is `chapters/1-calculator.md`. The layers, each using only those below it:
//!
//! - [`cli`]: the command line, and the only place that prints.
//! - [`api`]: the calculators as their users see them, and the only place that sends them anything.
//! - [`boundary`]: the process around the core, by hand and as a GenServer.
//! - [`core`]: the arithmetic, as plain functions.
//!
//! `examples/` has the programs of the exercises.

pub mod api;
pub mod boundary;
pub mod cli;
pub mod core;

/// The blocks of Rust in the guide, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../chapters/1-calculator.md")]
pub struct Guide;
