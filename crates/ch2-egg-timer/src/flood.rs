//! Backpressure: more work than a server has time for, as casts and as calls.

pub mod api;
pub mod boundary;
