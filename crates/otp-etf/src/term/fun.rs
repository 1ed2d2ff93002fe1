//! Functions, which can only be sent back to where they come from.

use std::fmt;

use super::Atom;
use crate::decode::Decoder;

/// A function of a module by its name: `fun lists:map/2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Export {
    /// The module.
    pub module: Atom,
    /// The function's name.
    pub function: Atom,
    /// How many arguments it takes.
    pub arity: u8,
}

/// As Erlang reads it: `fun lists:map/2`.
impl fmt::Display for Export {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "fun {}:{}/{}", self.module, self.function, self.arity)
    }
}

/// A function that was written in place, with the values it has caught.
///
/// Only a node that has its module can call it. It is kept as the bytes in which it came, so that it can be called
/// after it was sent back.
///
/// # Differences from OTP
///
/// Two of them are equal if their bytes are. One that was read from `term_to_binary` of OTP 25 differs from the same one that was sent, as
/// OTP 25 writes atoms in two ways.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fun {
    bytes: Box<[u8]>,
}

/// The parts of a function that its bytes contain.
pub(crate) struct Parts {
    pub(crate) module: Atom,
    pub(crate) index: i64,
    pub(crate) uniq: i64,
}

impl Fun {
    /// Made of bytes that were checked: a tag and its contents.
    pub(crate) fn of_checked(bytes: Vec<u8>) -> Self {
        Self {
            bytes: bytes.into(),
        }
    }

    /// The function as it is sent, from its tag on.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The module that it was written in.
    #[must_use]
    pub fn module(&self) -> Option<Atom> {
        Some(self.parts()?.module)
    }

    pub(crate) fn parts(&self) -> Option<Parts> {
        Decoder::checked(&self.bytes).fun_parts().ok()
    }
}

/// As Erlang prints it: `#Fun<module.3.86068553>`.
impl fmt::Display for Fun {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            // A module that would need quotes has none here.
            Some(Parts {
                module,
                index,
                uniq,
            }) => write!(out, "#Fun<{}.{index}.{uniq}>", module.as_str()),
            None => out.write_str("#Fun<>"),
        }
    }
}

impl fmt::Debug for Fun {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
