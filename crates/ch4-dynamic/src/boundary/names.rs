//! The ways to find a character by its name.

use super::directory::Directory;
use otp_core::prelude::*;
use otp_core::{NameRegistry, Registry};
use std::sync::Arc;

/// How characters are called. Clones are the same registry, if there is one.
#[derive(Debug, Clone)]
pub enum Names {
    /// By a name on the node, as every registered process.
    Local,
    /// By a name for all connected nodes.
    Global,
    /// By a key of a [`Registry`].
    Via(Registry<String>),
    /// By a key of a registry of our own.
    Own(Directory),
}

impl Names {
    /// A character's name, as everything takes it that takes names.
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
