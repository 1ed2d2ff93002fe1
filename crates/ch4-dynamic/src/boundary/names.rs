//! The kinds of names of characters.

use otp_core::Registry;
use otp_core::prelude::*;

// ANCHOR: names
/// The kinds of names. Clones of `Via` have the same registry.
#[derive(Debug, Clone)]
pub enum Names {
    /// Local names, which are valid on one node.
    Local,
    /// Global names, which are valid on all connected nodes.
    Global,
    /// Via names: keys of a [`Registry`].
    Via(Registry<String>),
}

impl Names {
    /// The name of a character, of this kind.
    pub fn name(&self, name: &str) -> Name {
        match self {
            Self::Local => Name::local(name.to_owned()),
            Self::Global => Name::global(name.to_owned()),
            Self::Via(registry) => registry.via(name),
        }
    }
}
// ANCHOR_END: names
