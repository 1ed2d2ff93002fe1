//! A cache whose values expire and are computed once; see its README.

pub mod api;
mod boundary;
mod core;
mod supervision;

/// The doc test of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
