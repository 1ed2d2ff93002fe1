//! Relations between processes: links, monitors and names, the signals that they cause, and processes of other nodes.

pub(crate) mod carrier;
mod change;
pub(crate) mod remote;
pub(crate) mod signal;

pub(crate) use change::*;
