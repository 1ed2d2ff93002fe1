//! What a callback can return: a server that returns each value, and what comes of it.

pub mod api;
pub mod boundary;
