//! A job runner on SQLite that loses no jobs; see its README.

pub mod api;
pub mod boundary;
pub mod core;
pub mod supervision;
