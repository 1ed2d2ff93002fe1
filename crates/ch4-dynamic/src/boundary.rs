//! A character as a GenServer, where what it learns is kept, and ways to find it by name.

mod character;
mod directory;
mod event;
mod memory;
mod names;

pub use self::character::{Call, Cast, Character, Entrance};
pub use self::directory::{Clerk, Directory};
pub use self::event::{Event, Stage};
pub use self::memory::{Memory, MemoryOwner};
pub use self::names::Names;
