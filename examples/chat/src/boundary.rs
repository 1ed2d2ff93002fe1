//! The processes: a server for each room, a process for each socket, and one for the HTTP listener.

pub mod http;
pub mod room;
pub mod session;
