//! Every way in which a server can end, and whether `terminate` runs.

pub mod api;
pub mod boundary;
