//! Other ways between nodes than TCP.

use std::io;
use std::pin::Pin;

use otp_etf::Atom;
use tokio::io::{AsyncRead, AsyncWrite};

/// The two halves of a connection's stream.
pub type Streams = (
    Box<dyn AsyncRead + Send + Unpin>,
    Box<dyn AsyncWrite + Send + Unpin>,
);

/// A connection that is being made.
pub type Connecting = Pin<Box<dyn Future<Output = io::Result<Streams>> + Send>>;

/// How a node reaches others, and they reach it, in place of TCP and an epmd: over sockets of another kind, through a tunnel, or
/// over a network that a test simulates.
///
/// The streams carry the same bytes as on TCP. Both nodes prove the cookie; the transport decides whether others can
/// read the bytes. For [`Config::transport`](crate::Config::transport).
///
/// # OTP
///
/// `-proto_dist Module`.
pub trait Transport: Send + Sync + 'static {
    /// Connects with a node. An attempt that takes as long as a handshake may take is dropped.
    fn dial(&self, node: &Atom) -> Connecting;

    /// Waits for the next connection that another node has made. After an error it is called again.
    fn accept(&self) -> Connecting;
}
