//! The project and its characters as their users see them.
//!
//! This and the folder of its name are the only files here that call and cast: who uses a character need not know that
//! there are messages at all. A [`Hero`] is a name and not a process: after a restart it finds the new one.

mod hero;
mod project;

pub use self::hero::Hero;
pub use self::project::{AddError, Project, RemoveError, Who};

pub use crate::boundary::{Event, Memory, Names, Stage};
pub use crate::supervision::{NEWCOMERS, PROJECT, Plan, SUPER_VISOR};
pub use ch3_super_duper::core::{Limit, Role};
