//! Exercise 1.4: a counter that is a process.
//!
//! It does nothing but count, and so shows what a process is good for: however many others count at the same time, none
//! of them needs a lock and nothing is lost.

pub mod api;
pub mod boundary;
pub mod core;
