//! Checks on the project as a whole.
//!
//! The package holds what no single crate can say of itself: the architecture invariants (`tests/tidy.rs`), the
//! index of OTP rules and the tests that prove them (`tests/conformance.rs`), the exercises and the recorded sessions
//! (`exercises`, `sessions`), which the chapters' crates play with their programs, the length of the chapters' programs (`lines`),
//! and the README, whose example is compiled here. This library is the reading glass they share.

pub mod conformance;
pub(crate) mod documented;
pub mod exercises;
pub mod house;
pub mod invariants;
pub mod layers;
pub mod lines;
pub mod links;
pub mod manifests;
pub mod paths;
pub mod public_api;
pub mod regions;
pub mod rustdoc;
pub mod sessions;
#[cfg(unix)]
pub mod signals;
pub mod source;
pub mod transcript;
pub(crate) mod words;
pub mod workspace;

/// The blocks of Rust on the page "Rust you will meet".
#[cfg(doctest)]
#[doc = include_str!("../../chapters/rust.md")]
#[derive(Debug)]
pub struct RustPage;

/// The README's example, compiled and run as a doc test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct Readme;
