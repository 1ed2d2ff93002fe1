//! Exercise 4.5: rock-paper-scissors, from the rules to a tournament of ten thousand games.

pub mod api;
pub mod boundary;
pub mod core;
pub mod supervision;
