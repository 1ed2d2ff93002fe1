//! Exercise 3.4: every way to end a character, tried with every type of restart.

pub mod api;
