//! Exercise 2.1: the calculator of chapter 1 with calls in place of casts.
//!
//! Its core is chapter 1's; what changes is how it is asked.

pub mod api;
pub mod boundary;
