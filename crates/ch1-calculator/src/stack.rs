//! Exercise 1.3: a stack that is a process.
//!
//! The same layers as the calculator's, once more and smaller. What is new is an answer that may be an error: to take
//! something from an empty stack is no reason to crash.

pub mod api;
pub mod boundary;
pub mod core;
