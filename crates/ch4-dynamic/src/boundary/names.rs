//! The ways to find a character by its name.

use otp_core::Registry;
use otp_core::prelude::*;

// ANCHOR: names
/// The kinds of names. Clones have the same registry, if there is one.
#[derive(Debug, Clone)]
pub enum Names {
    /// Names on the node.
    Local,
    /// Names for all connected nodes.
    Global,
    /// Keys of a [`Registry`].
    Via(Registry<String>),
}

impl Names {
    /// The name of a character.
    pub fn name(&self, name: &str) -> Name {
        match self {
            Self::Local => Name::local(name.to_owned()),
            Self::Global => Name::global(name.to_owned()),
            Self::Via(registry) => registry.via(name),
        }
    }
}
// ANCHOR_END: names
