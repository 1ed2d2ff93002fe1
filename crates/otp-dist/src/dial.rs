//! Handshakes over real connections, as either side.

mod reach;

use std::io;
use std::sync::Arc;

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

    /// Connects with a node.
    async fn dial(core: &Core, node: &Atom) -> Result<Self, Why> {
        if let Some(transport) = &core.config.transport {
            return Ok(Self::own(transport.dial(node).await?));
        }
        let places = Places::of(core, node).await?;
        places
            .connect(|stream| Self::dialled(core, node, stream))
            .await
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
        let mut buffer = [0; 1024];
        loop {
            self.send(&progress.send).await?;
            if progress.event != Event::Wait {
                return Ok(progress.event);
            }
            let read = match self.halves.0.read(&mut buffer).await? {
                0 => return Err(Why::other("the peer has closed the connection")),
                read => read,
            };
            progress = handshake.receive(&buffer[..read])?;
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
            core.found.shaken(node);
            core.peers.given_up(node, attempt).await;
            Ok(())
        }
        dialled => dialled.map_err(|why| why.to_string()),
    }
}

async fn try_dial(core: &Arc<Core>, node: &Atom, attempt: u64) -> Result<(), Why> {
    let mut stream = Stream::dial(core, node).await?;
    let is_known = core.config.peers.contains_key(node) || core.found.get(node).is_some();
    if is_known {
        core.found.shaking(node);
    }
    let (mut handshake, hello) = Handshake::dial(
        identity(core),
        node.clone(),
        Cookie::new(&core.config.cookie),
        challenge().map_err(Why::Other)?,
        stream.framing,
    );
    let progress = Progress {
        send: hello,
        event: Event::Wait,
    };
    let event = stream.advance(&mut handshake, progress).await?;
    let Event::Connected(peer) = event else {
        return Err(Why::other("the handshake has stopped"));
    };
    if is_known {
        core.found.shaken(node);
    }
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
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
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
    let progress = handshake.answer(status)?;
    if matches!(status, Status::Nok | Status::NotAllowed) {
        return stream.send(&progress.send).await;
    }
    let Event::Connected(peer) = stream.advance(&mut handshake, progress).await? else {
        return Err(Why::other("the handshake has stopped"));
    };
    Connection::start(core, peer, stream.halves, handshake.into_rest());
    Ok(())
}
