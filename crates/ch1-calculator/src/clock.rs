//! Exercise 1.5: a clock that is a process, and ticks by sending a message to itself.

pub mod api;
pub mod boundary;
pub mod core;
