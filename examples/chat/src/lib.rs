//! A chat on WebSockets: a server for each room, a process for each socket; see its README.

pub mod api;
pub mod boundary;
pub mod core;
pub mod supervision;
pub mod web;
