//! The ways to find a character by its name.

use super::directory::Directory;
use otp_core::prelude::*;
use otp_core::{NameRegistry, Registry};
use std::sync::Arc;

// anchor: names
/// The kinds of names. Clones have the same registry, if there is one.
#[derive(Debug, Clone)]
pub enum Names {
    /// Names on the node.
    Local,
    /// Names for all connected nodes.
    Global,
    /// Keys of a [`Registry`].
    Via(Registry<String>),
    /// Keys of a registry of our own.
    Own(Directory),
}

impl Names {
    /// The name of a character.
    pub fn name(&self, name: &str) -> Name {
        match self {
            Self::Local => Name::local(name.to_owned()),
            Self::Global => Name::global(name.to_owned()),
            Self::Via(registry) => registry.via(name),
            Self::Own(directory) => {
                let directory: Arc<dyn NameRegistry> = Arc::new(directory.clone());
                Name::via(directory, name.to_owned())
            }
        }
    }

    // end: names

    /// The entries of the registry, by name; nothing if there is none.
    pub fn entries(&self) -> Option<Vec<(String, Pid)>> {
        let mut entries = match self {
            Self::Local | Self::Global => return None,
            Self::Via(registry) => registry.select(|name, pid, ()| Some((name.clone(), pid))),
            Self::Own(directory) => directory.entries(),
        };
        entries.sort();
        Some(entries)
    }
}
