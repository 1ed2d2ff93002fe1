//! Checks on the project as a whole.
//!
//! The package has the checks that concern several crates: the architecture invariants (`tests/tidy.rs`), the index of OTP rules and
//! their tests (`tests/conformance.rs`), the transcripts of the exercises and of the recorded sessions (`exercises`, `sessions`), which
//! the chapters' crates run with their programs, the length of the chapters' programs (`lines`), and the example of the README. This
//! library has the code that the checks share.

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
#[cfg(target_os = "linux")]
pub mod terminals;
pub mod transcript;
pub(crate) mod words;
pub mod workspace;

/// The doc tests of the page "Rust you will meet".
#[cfg(doctest)]
#[doc = include_str!("../../chapters/rust.md")]
#[derive(Debug)]
pub struct RustPage;

/// The doc test of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct Readme;
