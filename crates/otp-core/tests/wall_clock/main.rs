//! Timers of the wall clock, with a clock that jumps; each test runs under a paused clock of tokio's and a real one.

#[path = "../it/clocks.rs"]
mod clocks;
mod jumps;
mod moments;
mod support;
