//! The boundary: a process around the core, which stores the total.
//!
//! There are two, for comparison: [`handmade`] is the smallest process that works, and has flaws; [`otp`] is the same
//! calculator as a GenServer.

pub mod handmade;
pub mod otp;
