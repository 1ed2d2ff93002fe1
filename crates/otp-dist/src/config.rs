//! How a node takes part in a cluster.

use std::collections::HashMap;
use std::env;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use otp_etf::Atom;

use crate::transport::Transport;
use crate::wire::epmd::PORT;

/// The name, the cookie and the limits of a node; for [`Distribution::start`](crate::Distribution::start).
///
/// # Examples
///
/// ```
/// use otp_dist::Config;
/// use std::time::Duration;
///
/// let config = Config::new("rust@127.0.0.1")
///     .cookie("secret")
///     .tick_time(Duration::from_secs(60));
/// # let _ = config;
/// ```
#[derive(Clone)]
pub struct Config {
    pub(crate) name: String,
    pub(crate) cookie: String,
    pub(crate) listen: SocketAddr,
    pub(crate) epmd: Option<SocketAddr>,
    pub(crate) peers: HashMap<Atom, Vec<SocketAddr>>,
    pub(crate) visible: bool,
    pub(crate) tick_time: Duration,
    pub(crate) queue: usize,
    pub(crate) calls: usize,
    pub(crate) links: usize,
    pub(crate) frame: usize,
    unprotected: bool,
    pub(crate) transport: Option<Arc<dyn Transport>>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<crate::tls::Tls>,
}

impl Config {
    /// A hidden node with this name, `name@host`, which listens on the loopback interface, and an epmd there, at the port that the
    /// environment variable `ERL_EPMD_PORT` says, or else at its usual one.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self {
            name: name.into(),
            cookie: String::new(),
            listen: (loopback, 0).into(),
            epmd: Some((loopback, epmd_port(env::var("ERL_EPMD_PORT").ok())).into()),
            peers: HashMap::new(),
            visible: false,
            tick_time: Duration::from_secs(60),
            queue: 64 << 20,
            calls: 100_000,
            links: 1 << 22,
            frame: 16 << 20,
            unprotected: false,
            transport: None,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// The cookie, which all nodes of a cluster share. It proves little and encrypts nothing. A node does not start without one.
    /// [`read_cookie`](crate::read_cookie) reads that of the BEAMs.
    #[must_use]
    pub fn cookie(self, cookie: impl Into<String>) -> Self {
        let cookie = cookie.into();
        Self { cookie, ..self }
    }

    /// Where to listen. The port 0, which is the default, is any free port. An address that other hosts can reach needs TLS, or
    /// [`unprotected`](Self::unprotected).
    #[must_use]
    pub fn listen(self, listen: impl Into<SocketAddr>) -> Self {
        let listen = listen.into();
        Self { listen, ..self }
    }

    /// Where the epmd is.
    #[must_use]
    pub fn epmd(self, epmd: impl Into<SocketAddr>) -> Self {
        let epmd = Some(epmd.into());
        Self { epmd, ..self }
    }

    /// Does without an epmd: only nodes with a [`peer`](Self::peer) entry can be dialled.
    #[must_use]
    pub fn without_epmd(self) -> Self {
        Self { epmd: None, ..self }
    }

    /// The address of a node, which is not looked up. A node may have several: they are tried in their order.
    ///
    /// # Panics
    ///
    /// When the name is longer than an atom can be.
    #[must_use]
    pub fn peer(mut self, node: &str, address: impl Into<SocketAddr>) -> Self {
        let node = Atom::new(node).expect("a node's name is an atom");
        self.peers.entry(node).or_default().push(address.into());
        self
    }

    /// Whether other nodes list this one in `nodes()`, and connect it with all that they know. By default they do not.
    #[must_use]
    pub fn visible(self, visible: bool) -> Self {
        Self { visible, ..self }
    }

    /// After how much silence a connection is lost. All nodes of a cluster have the same one.
    #[must_use]
    pub fn tick_time(self, tick_time: Duration) -> Self {
        Self { tick_time, ..self }
    }

    /// How many bytes may wait for a peer that does not read, before the connection ends. Senders of messages wait long
    /// before; answers and signals do not. One message may be larger: it does not count.
    #[must_use]
    pub fn queue_limit(self, bytes: usize) -> Self {
        let queue = bytes;
        Self { queue, ..self }
    }

    /// How many calls of one peer may be unanswered, by all servers together: 100,000. One more is answered with `{error, overloaded}`.
    #[must_use]
    pub fn calls_limit(self, calls: usize) -> Self {
        // A semaphore has no more places.
        let calls = calls.min(tokio::sync::Semaphore::MAX_PERMITS);
        Self { calls, ..self }
    }

    /// How many links and monitors the processes of one peer may have with processes of this node: 4,194,304. A peer with more of
    /// them loses its connection, at the latest when it has a sixteenth more, or 256.
    #[must_use]
    pub fn links_limit(self, links: usize) -> Self {
        Self { links, ..self }
    }

    /// Speaks TLS with all other nodes: no plain connection is made or accepted. Feature `tls`.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(self, tls: crate::tls::Tls) -> Self {
        let tls = Some(tls);
        Self { tls, ..self }
    }

    /// Allows connections with other hosts without TLS: the node may listen for them, and dials them. Then an attacker
    /// who can read the network sees all messages, and can take a connection over.
    #[must_use]
    pub fn unprotected(self) -> Self {
        Self {
            unprotected: true,
            ..self
        }
    }

    /// Connects and is reached in this way only: the node does not listen, and does without an epmd.
    #[must_use]
    pub fn transport(self, transport: impl Transport) -> Self {
        let transport: Arc<dyn Transport> = Arc::new(transport);
        Self {
            transport: Some(transport),
            epmd: None,
            ..self
        }
    }

    /// Whether only this host, or only hosts with a certificate, can reach it.
    pub(crate) fn is_protected(&self) -> bool {
        #[cfg(feature = "tls")]
        if self.tls.is_some() {
            return true;
        }
        self.unprotected || self.transport.is_some() || self.listen.ip().is_loopback()
    }

    /// Whether a node at this address may be dialled: by TLS every one, without only those of this host.
    pub(crate) fn may_dial(&self, address: IpAddr) -> bool {
        #[cfg(feature = "tls")]
        if self.tls.is_some() {
            return true;
        }
        self.unprotected || address.to_canonical().is_loopback()
    }

    /// The largest frame of a connection that is accepted; 16 MiB by default. Messages that are under way may have four times as many bytes
    /// together: in fragments, or in one frame, as a BEAM sends a message that has waited for the connection.
    #[must_use]
    pub fn frame_limit(self, bytes: usize) -> Self {
        let frame = bytes;
        Self { frame, ..self }
    }
}

/// Without the cookie.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("name", &self.name)
            .field("listen", &self.listen)
            .field("epmd", &self.epmd)
            .field("visible", &self.visible)
            .finish_non_exhaustive()
    }
}

/// The port of epmd, from Erlang's variable. A value that is no port is ignored.
fn epmd_port(said: Option<String>) -> u16 {
    said.and_then(|port| port.parse().ok()).unwrap_or(PORT)
}

#[cfg(test)]
mod tests {
    use super::epmd_port;

    #[test]
    fn the_port_of_epmd_is_that_of_the_environment() {
        assert_eq!(epmd_port(None), 4369);
        assert_eq!(epmd_port(Some("5377".to_owned())), 5377);
        for no_port in ["", "x", "70000"] {
            assert_eq!(epmd_port(Some(no_port.to_owned())), 4369);
        }
    }
}
