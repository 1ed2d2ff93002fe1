//! Why a value cannot be written.

use std::fmt::Display;

use serde_core::ser;
use thiserror::Error;

use crate::{AtomTooLong, DecodeError, EncodeError};

/// Why a value cannot be written as a term.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SerializeError {
    /// A part of it cannot be sent.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A name is too long for an atom.
    #[error(transparent)]
    Atom(#[from] AtomTooLong),
    /// The bytes that were written for a [`Term`](crate::Term) are no term.
    #[error(transparent)]
    Term(#[from] DecodeError),
    /// The value has no bytes on the wire, and nothing is around it.
    #[error("a value that is not sent, alone")]
    Absent,
    /// The error of the value's own `Serialize`.
    #[error("{0}")]
    Message(String),
}

impl ser::Error for SerializeError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Message(message.to_string())
    }
}
