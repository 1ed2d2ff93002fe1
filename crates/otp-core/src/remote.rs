//! The hook for a distribution: how processes of other nodes are linked, monitored and ended.
//!
//! A distribution, such as `otp-dist`, connects a [`Node`](crate::Node) with others. For each connection it gives the
//! node a [`Carrier`], which takes the signals to the other node, and gets a [`RemoteNode`], to which it passes the
//! signals from there. Messages do not go through the hook: a message to a process of another node is a term and no
//! Rust value, so the distribution has separate handles.
//!
//! Programs do not need this module. They use pids of other nodes as those of their own node: links, monitors and exit
//! signals work on them.

#[cfg(feature = "serde")]
mod crossing;

#[cfg(feature = "serde")]
pub use crossing::{Crossing, crossing};

pub use crate::process::carrier::Carrier;
pub use crate::process::remote::RemoteNode;
