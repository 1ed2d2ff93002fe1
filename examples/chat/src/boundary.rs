//! The processes: a server for each room, and a process for each socket.

pub mod room;
pub mod rooms;
pub mod session;
