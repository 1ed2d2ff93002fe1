//! The same histories on otp-core and on a real BEAM.
//!
//! A [`History`] is a list of commands: spawn, link, monitor, exit, kill, start a supervisor, crash a child, ask for a
//! restart. Both sides carry it out one step at a time and wait after each step until nothing moves any more; what has
//! happened is written down in the same words ([`trace`]), and must be the same. One side is an interpreter on otp-core
//! (`stage`), the other a script for Elixir (`interpreter.exs`).
//!
//! State machines and event managers have histories of their own ([`machine`], `machine.exs`; [`events`], `events.exs`).
//!
//! Histories are written by hand (`scenarios/`) or at random ([`random`]); one that differs is made shorter before it is
//! shown ([`check`]).

pub mod beam;
pub mod check;
pub mod command;
pub mod events;
pub mod history;
pub mod machine;
pub mod random;
mod reports;
mod stage;
pub mod subject;
pub mod trace;
mod words;

pub use beam::{Beam, Otp};
pub use history::History;
pub use stage::play;
pub use subject::Subject;
