//! Chapter 1: a calculator that is a process.
//!
//! The guide is `chapters/1-calculator.md`. The layers, each of which uses only the layers below it:
//!
//! - [`cli`]: the command line; the only layer that prints.
//! - [`api`]: the operations of the calculators; the only layer that sends messages.
//! - [`boundary`]: the processes of the calculators, one made by hand and one as a GenServer.
//! - [`core`]: the arithmetic, as plain functions.
//!
//! `examples/` has the programs of the exercises.

pub mod api;
pub mod boundary;
pub mod cli;
pub mod core;

/// The doc tests of the guide.
#[cfg(doctest)]
#[doc = include_str!("../../../chapters/1-calculator.md")]
pub struct Guide;
