//! The boundary: a process around the core, which remembers the total.
//!
//! Twice, to be compared: [`handmade`] is the smallest process that works, and has flaws; [`otp`] is the same calculator as a
//! GenServer.

pub mod handmade;
pub mod otp;
