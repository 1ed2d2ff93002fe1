//! The boundary: the core put into a process, so that a total can be remembered between two sums.
//!
//! Twice, for comparison: [`handmade`] is the smallest thing that works, with the flaws that come
//! with it; [`otp`] is the same calculator as a GenServer.

pub mod handmade;
pub mod otp;
