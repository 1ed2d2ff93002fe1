//! Why a handshake fails.

use otp_etf::Atom;
use thiserror::Error;

use crate::wire::flags::Flags;

/// Why there is no connection. The owner should close the socket.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// A message is longer than 1 KiB.
    #[error("a message of {0} bytes in a handshake{hint}", hint = tls_hint(*.0))]
    TooLong(usize),
    /// A message has another form than the one that was to come.
    #[error("a malformed message in a handshake: expected {0}")]
    Malformed(&'static str),
    /// The peer's name is no name of a node.
    #[error("a malformed name of a node")]
    Name,
    /// The peer has our own name.
    #[error("the peer has the name of this node")]
    OurName,
    /// The peer is another node than the one that was dialled.
    #[error("the peer is {found}: expected {expected}")]
    OtherNode {
        /// The node that answered.
        found: Atom,
        /// The node that was dialled.
        expected: Atom,
    },
    /// The peer lacks mandatory flags.
    #[error("the peer lacks {0}")]
    Flags(Flags),
    /// The peer has another cookie.
    #[error("the peer has another cookie")]
    Cookie,
    /// The peer does not want the connection, because another one between the two is being made: its own, which goes on.
    #[error("the peer is connecting to this node itself")]
    Nok,
    /// The peer does not want the connection.
    #[error("the peer does not allow the connection")]
    NotAllowed,
    /// The peer keeps the connection that there was.
    #[error("the peer keeps the old connection")]
    NotTaken,
    /// The handshake is over, or the call came out of order.
    #[error("the handshake is over")]
    Over,
}

/// The first bytes of an alert and of a handshake of TLS, read as a length.
fn tls_hint(length: usize) -> &'static str {
    match length {
        0x1503 | 0x1603 => ": the peer may speak TLS",
        _ => "",
    }
}
