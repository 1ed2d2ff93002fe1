//! Exercise 3.5: the egg timer of chapter 2 under a supervisor.
//!
//! The egg timer itself is used as it is. What is new is the child specification, and an address that outlives
//! a restart.

pub mod api;
pub mod supervision;
