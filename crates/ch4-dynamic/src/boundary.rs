//! A character as a GenServer, and the kinds of names.

mod character;
mod names;

pub use self::character::{Call, Cast, Character, CharacterArgs};
pub use self::names::Names;
pub use ch3_super_duper::boundary::{Event, Stage};
