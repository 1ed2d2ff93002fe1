//! A job runner on SQLite that loses nothing; see the README beside it.

pub mod api;
pub mod boundary;
pub mod core;
pub mod supervision;
