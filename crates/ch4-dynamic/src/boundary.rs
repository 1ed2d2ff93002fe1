//! A character as a GenServer, where its lines are kept, and the ways to find it by its name.

mod character;
mod directory;
mod memory;
mod names;

pub use self::character::{Call, Cast, Character, Entrance};
pub use self::directory::{Clerk, Directory};
pub use self::memory::{MEMORY, Memory, MemoryOwner};
pub use self::names::Names;
pub use ch3_super_duper::boundary::{Event, Stage};
