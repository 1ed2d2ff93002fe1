//! The hook for a distribution: how processes of other nodes come to be linked, monitored and ended.
//!
//! A distribution, such as `otp-dist`, connects a [`Node`](crate::Node) with others. It hands the node a [`Carrier`] for each
//! connection, which takes the signals to the other node, and gets a [`RemoteNode`], to which go the signals from there. Messages
//! are no affair of the hook: what a process of another node is sent is a term and no Rust value, so the distribution has handles
//! of its own.
//!
//! Nobody else needs this module. Programs use pids of other nodes as they use their own: links, monitors and exit signals work on
//! them.

#[cfg(feature = "serde")]
mod crossing;

#[cfg(feature = "serde")]
pub use crossing::{Crossing, crossing};

pub use crate::process::carrier::Carrier;
pub use crate::process::remote::RemoteNode;
