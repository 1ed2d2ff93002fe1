//! A cache whose values expire and are computed once; see the README beside it.

pub mod api;
mod boundary;
mod core;
mod supervision;

/// The Rust block of the README is a test of this crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
