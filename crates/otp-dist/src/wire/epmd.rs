//! The messages of EPMD, the daemon that knows the ports of a host's nodes.
//!
//! A client sends a [`Request`] and reads its answer. [`Names`] is the state of a daemon.

mod names;
mod reply;
mod request;

use thiserror::Error;

use super::name::is_part;

pub use names::{Names, Registered};
pub use reply::{Alive, read_alive, read_names, read_port};
pub use request::Request;

/// The port that everybody expects it on.
pub const PORT: u16 = 4369;

/// The longest name of a node without its host, in bytes: 255 characters of four bytes.
pub const LONGEST_NAME: usize = 255 * 4;

/// The longest list of names that is read.
pub const LONGEST_LIST: usize = 1 << 20;

/// The kind of a node. It has no effect, because the flags of the handshake decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeType {
    /// 77.
    Normal,
    /// 72.
    Hidden,
}

/// A node, as its daemon knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The name without its host.
    pub name: String,
    /// Where it listens.
    pub port: u16,
    /// The kind of the node.
    pub kind: NodeType,
    /// The highest version of the handshake that it speaks.
    pub highest: u16,
    /// The lowest one.
    pub lowest: u16,
}

/// Why bytes are no message. The owner should close the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EpmdError {
    /// A message is longer than it may be.
    #[error("a message of {0} bytes")]
    TooLong(usize),
    /// A message of this kind is not understood.
    #[error("an unknown kind of message, {0}")]
    Kind(u8),
    /// A message has another form than its kind has.
    #[error("a malformed message of the kind {0}")]
    Malformed(u8),
    /// A name is no name of a node.
    #[error("a malformed name")]
    Name,
    /// The daemon refuses, for example because the name is taken.
    #[error("the daemon refuses the name")]
    Refused,
}

impl Node {
    /// A node with the protocol versions of this crate.
    #[must_use]
    pub fn new(name: impl Into<String>, port: u16, kind: NodeType) -> Self {
        Self {
            name: name.into(),
            port,
            kind,
            highest: 6,
            lowest: 5,
        }
    }
}

impl NodeType {
    fn byte(self) -> u8 {
        match self {
            Self::Normal => 77,
            Self::Hidden => 72,
        }
    }

    fn of(byte: u8) -> Self {
        match byte {
            72 => Self::Hidden,
            _ => Self::Normal,
        }
    }
}

/// Reads big-endian numbers and texts one after the other.
struct Fields<'a> {
    bytes: &'a [u8],
}

impl<'a> Fields<'a> {
    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn u16(&mut self) -> Option<u16> {
        let (number, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(u16::from_be_bytes(*number))
    }

    fn u32(&mut self) -> Option<u32> {
        let (number, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }

    /// Bytes with a length before them.
    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?.into();
        self.take(length)
    }

    /// Where the node listens, its kind and versions, in the order that all messages have them.
    fn node(&mut self) -> Option<Result<Node, EpmdError>> {
        let port = self.u16()?;
        let kind = NodeType::of(self.u8()?);
        let protocol = self.u8()?;
        let (highest, lowest) = (self.u16()?, self.u16()?);
        let text = self.text()?;
        self.text()?;
        Some(name(text).and_then(|name| match protocol {
            0 => Ok(Node {
                name,
                port,
                kind,
                highest,
                lowest,
            }),
            // TCP is the only one that there is.
            _ => Err(EpmdError::Malformed(protocol)),
        }))
    }
}

/// Appends the fields that [`Fields::node`] reads.
fn write_node(node: &Node, out: &mut Vec<u8>) {
    out.extend(node.port.to_be_bytes());
    out.extend([node.kind.byte(), 0]);
    out.extend(node.highest.to_be_bytes());
    out.extend(node.lowest.to_be_bytes());
    out.extend((node.name.len() as u16).to_be_bytes());
    out.extend(node.name.as_bytes());
    out.extend([0, 0]);
}

/// A name without a host, of characters that can be seen.
fn name(text: &[u8]) -> Result<String, EpmdError> {
    let text = std::str::from_utf8(text).map_err(|_| EpmdError::Name)?;
    let is_name = text.len() <= LONGEST_NAME && is_part(text);
    is_name.then(|| text.to_owned()).ok_or(EpmdError::Name)
}
