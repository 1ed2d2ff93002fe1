//! Exercise 4.4: characters on several nodes, each found by a name that says where it is.

pub mod api;
pub mod boundary;
pub mod core;
pub mod supervision;
