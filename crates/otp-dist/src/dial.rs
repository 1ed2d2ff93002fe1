//! Handshakes over real connections, as either side.

mod reach;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use otp_etf::Atom;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use self::reach::Places;
use crate::connection::Connection;
use crate::core::Core;
use crate::transport::{Streams, Transport};
use crate::wire::flags::Flags;
use crate::wire::handshake::{
    Cookie, Event, Framing, Handshake, HandshakeError, Identity, Progress, Status, TIME_LIMIT,
};

/// How many handshakes may be under way that others have begun.
const HANDSHAKES: usize = 512;

/// How long a peer may take at first for its first answer, if there is another address where it may be: twice as long in each further round.
const ANSWER: Duration = Duration::from_secs(1);

/// Why there is no connection.
#[derive(Debug, Error)]
enum Why {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    #[error("{0}")]
    Other(String),
}

impl Why {
    fn other(why: &str) -> Self {
        Self::Other(why.to_owned())
    }
}

struct Stream {
    halves: Streams,
    framing: Framing,
}

/// Where others connect.
pub(crate) enum Listener {
    Tcp(TcpListener),
    Own(Arc<dyn Transport>),
}

/// A connection from outside.
enum Incoming {
    Tcp(TcpStream),
    Own(Streams),
}

impl Listener {
    async fn accept(&self) -> io::Result<Incoming> {
        match self {
            Self::Tcp(listener) => Ok(Incoming::Tcp(listener.accept().await?.0)),
            Self::Own(transport) => Ok(Incoming::Own(transport.accept().await?)),
        }
    }
}

impl Stream {
    fn own(halves: Streams) -> Self {
        Self {
            halves,
            framing: Framing::Two,
        }
    }

    fn plain(stream: TcpStream) -> Self {
        // Without it small frames wait for the acknowledgement of earlier ones. A failure to set it is no error.
        let _unset = stream.set_nodelay(true);
        let (input, output) = stream.into_split();
        Self::own((Box::new(input), Box::new(output)))
    }

    #[cfg(feature = "tls")]
    fn within_tls<S>(stream: S) -> Self
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + 'static,
    {
        let (input, output) = tokio::io::split(stream);
        Self {
            halves: (Box::new(input), Box::new(output)),
            framing: Framing::Four,
        }
    }

    /// Connects with a node. Returns also at how many addresses it is said to be.
    async fn dial(core: &Core, node: &Atom) -> Result<(Self, usize), Why> {
        if let Some(transport) = &core.config.transport {
            return Ok((Self::own(transport.dial(node).await?), 0));
        }
        let places = Places::of(core, node).await?;
        let connected = places.connect(|stream| Self::dialled(core, node, stream));
        Ok((connected.await?, places.known()))
    }

    /// The stream of a connection that is made with a node.
    async fn dialled(core: &Core, node: &Atom, stream: TcpStream) -> Result<Self, Why> {
        #[cfg(feature = "tls")]
        if let Some(tls) = &core.config.tls {
            let host = node.as_str().split_once('@').map_or("", |(_, host)| host);
            let _unset = stream.set_nodelay(true);
            return Ok(Self::within_tls(tls.connect(host, stream).await?));
        }
        let _ = (core, node);
        Ok(Self::plain(stream))
    }

    /// The stream of a connection from outside.
    async fn accepted(core: &Core, stream: Incoming) -> Result<Self, Why> {
        let stream = match stream {
            Incoming::Tcp(stream) => stream,
            Incoming::Own(halves) => return Ok(Self::own(halves)),
        };
        #[cfg(feature = "tls")]
        if let Some(tls) = &core.config.tls {
            let _unset = stream.set_nodelay(true);
            return Ok(Self::within_tls(tls.accept(stream).await?));
        }
        let _ = core;
        Ok(Self::plain(stream))
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), Why> {
        self.halves.1.write_all(bytes).await?;
        Ok(self.halves.1.flush().await?)
    }

    /// Reads until there is a decision to make, or the handshake is over.
    async fn advance(
        &mut self,
        handshake: &mut Handshake,
        mut progress: Progress,
    ) -> Result<Event, Why> {
        loop {
            self.send(&progress.send).await?;
            if progress.event != Event::Wait {
                return Ok(progress.event);
            }
            progress = self.hear(handshake).await?;
        }
    }

    /// Reads what has come.
    async fn hear(&mut self, handshake: &mut Handshake) -> Result<Progress, Why> {
        let mut buffer = [0; 1024];
        match self.halves.0.read(&mut buffer).await? {
            0 => Err(Why::other("the peer has closed the connection")),
            read => Ok(handshake.receive(&buffer[..read])?),
        }
    }
}

pub(crate) fn identity(core: &Core) -> Identity {
    Identity {
        name: core.me.name.clone(),
        flags: match core.config.visible {
            true => Flags::VISIBLE,
            false => Flags::HIDDEN,
        },
        creation: core.me.creation,
    }
}

/// A number that cannot be guessed.
pub(crate) fn challenge() -> Result<u32, String> {
    getrandom::u32().map_err(|error| error.to_string())
}

/// Connects with a node.
pub(crate) async fn dial(core: &Arc<Core>, node: &Atom, attempt: u64) -> Result<(), String> {
    // An attempt that was given up stops at once: if it went on, the peer could take it for the end of the connection that has taken
    // its place, which this side would then drop in vain.
    let dialled = tokio::select! {
        biased;
        () = core.peers.given_up(node, attempt) => return Ok(()),
        dialled = try_dial(core, node, attempt) => dialled,
    };
    match dialled {
        // The peer's own attempt follows; until then this attempt remains.
        Err(Why::Handshake(HandshakeError::Nok)) => {
            core.peers.given_up(node, attempt).await;
            Ok(())
        }
        dialled => dialled.map_err(|why| why.to_string()),
    }
}

/// Tries the addresses that are known of a node, one after the other. Two handshakes with it at the same time would be in each other's way.
async fn try_dial(core: &Arc<Core>, node: &Atom, attempt: u64) -> Result<(), Why> {
    let mut tried = 0;
    loop {
        let (stream, addresses) = Stream::dial(core, node).await?;
        if addresses == 0 {
            return shake(core, node, attempt, stream, Duration::MAX).await;
        }
        let rounds = core.found.unfinished(node) / addresses;
        let patience = match addresses {
            1 => Duration::MAX,
            _ => ANSWER.saturating_mul(1 << rounds.min(10)),
        };
        core.found.shaking(node);
        tried += 1;
        match shake(core, node, attempt, stream, patience).await {
            Err(why) if !matches!(why, Why::Handshake(HandshakeError::Nok)) => {
                if tried >= addresses || !core.peers.is_wanted(node, attempt) {
                    return Err(why);
                }
            }
            ended => {
                core.found.shaken(node, addresses);
                return ended;
            }
        }
    }
}

/// The handshake, in which the peer may take so long for its first answer.
async fn shake(
    core: &Arc<Core>,
    node: &Atom,
    attempt: u64,
    mut stream: Stream,
    patience: Duration,
) -> Result<(), Why> {
    let (mut handshake, hello) = Handshake::dial(
        identity(core),
        node.clone(),
        Cookie::new(&core.config.cookie),
        challenge().map_err(Why::Other)?,
        stream.framing,
    );
    stream.send(&hello).await?;
    let progress = timeout(patience, stream.hear(&mut handshake)).await;
    let progress = progress.map_err(|_| Why::other("the peer is silent"))??;
    let event = stream.advance(&mut handshake, progress).await?;
    let Event::Connected(peer) = event else {
        return Err(Why::other("the handshake has stopped"));
    };
    if !core.peers.is_wanted(node, attempt) {
        return Err(Why::other("the peer has connected itself"));
    }
    Connection::start(core, peer, stream.halves, handshake.into_rest());
    Ok(())
}

/// Accepts connections, for as long as the node runs.
pub(crate) async fn accept(core: Arc<Core>, listener: Listener) {
    let room = Arc::new(Semaphore::new(HANDSHAKES));
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok(stream) => {
                let accepting = core.clone();
                core.spawn(async move {
                    let accepted = accept_one(&accepting, stream);
                    match timeout(TIME_LIMIT, accepted).await {
                        Ok(Ok(())) => {}
                        Ok(Err(why)) => tracing::debug!(%why, "a connection was not accepted"),
                        Err(_) => tracing::debug!("a handshake took too long"),
                    }
                    drop(permit);
                });
            }
            // Too many open files, for one: others may be closed in a moment.
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn accept_one(core: &Arc<Core>, stream: Incoming) -> Result<(), Why> {
    let mut stream = Stream::accepted(core, stream).await?;
    let cookie = Cookie::new(&core.config.cookie);
    let challenge = challenge().map_err(Why::Other)?;
    let mut handshake = Handshake::accept(identity(core), cookie, challenge, stream.framing);
    let nothing = Progress {
        send: Vec::new(),
        event: Event::Wait,
    };
    let Event::Asked(peer) = stream.advance(&mut handshake, nothing).await? else {
        return Err(Why::other("the handshake has stopped"));
    };
    let (status, _accepting) = core.peers.asked(core, &peer.name);
    let mut progress = handshake.answer(status)?;
    if matches!(status, Status::Nok | Status::NotAllowed) {
        return stream.send(&progress.send).await;
    }
    while progress.event == Event::Wait {
        stream.send(&progress.send).await?;
        progress = stream.hear(&mut handshake).await?;
    }
    let Event::Connected(peer) = progress.event else {
        return Err(Why::other("the handshake has stopped"));
    };
    // Before the peer hears that it is connected: an attempt of ours that it heard of later would look to it like the end of this connection.
    core.peers.proved(&peer.name);
    stream.send(&progress.send).await?;
    Connection::start(core, peer, stream.halves, handshake.into_rest());
    Ok(())
}
