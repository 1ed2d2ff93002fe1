//! A character as a GenServer, and the ways to find it by its name.

mod character;
mod names;

pub use self::character::{Call, Cast, Character, Entrance};
pub use self::names::Names;
pub use ch3_super_duper::boundary::{Event, Stage};
