//! What can be said without a process: who the characters are, and how often something may fail.

mod limit;
mod role;

pub use self::limit::{InvalidLimit, Limit};
pub use self::role::{Role, UnknownCharacter};
