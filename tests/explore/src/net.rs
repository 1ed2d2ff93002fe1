//! A network for nodes of otp-dist that is drawn from a seed: it delays bytes and splits them, a new connection overtakes an old one,
//! and connections break, at both ends, at one, or without anybody being told.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use fastrand::Rng;
use otp_dist::{Connecting, Streams, Transport};
use otp_etf::Atom;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

/// As many bytes may be on their way: then the writer waits.
const WINDOW: usize = 16 << 10;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The network. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Net(Arc<Mutex<Inner>>);

struct Inner {
    rng: Rng,
    is_calm: bool,
    /// Where each node is reached.
    doors: BTreeMap<String, UnboundedSender<Streams>>,
    wires: Vec<Wire>,
}

/// One direction of a connection.
struct Wire {
    from: String,
    to: String,
    pipe: Weak<Mutex<Pipe>>,
}

/// How a connection between two nodes breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Break {
    /// Both ends see it at once, and what is on its way is lost.
    Seen,
    /// One end sees it, and the other gets nothing any more.
    HalfOpen,
    /// Neither end sees it, and neither gets anything any more.
    Silent,
}

impl Net {
    pub(crate) fn new(rng: Rng) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            rng,
            is_calm: false,
            doors: BTreeMap::new(),
            wires: Vec::new(),
        })))
    }

    /// The way of a node into the network. A former one with this name is not reached any more.
    pub(crate) fn enter(&self, name: &str) -> Door {
        let (sender, receiver) = unbounded_channel();
        locked(&self.0).doors.insert(name.to_owned(), sender);
        Door {
            net: self.clone(),
            name: name.to_owned(),
            incoming: Arc::new(tokio::sync::Mutex::new(receiver)),
        }
    }

    /// No node reaches this one any more, and no node that it was connected with gets a message of that.
    pub(crate) fn leave(&self, name: &str) {
        locked(&self.0).doors.remove(name);
        for other in self.pipes(|wire| wire.from == name || wire.to == name) {
            locked(&other.1).fail(Failed::Silently);
        }
    }

    /// Breaks all connections between two nodes.
    pub(crate) fn cut(&self, a: &str, b: &str, how: Break) {
        for (from, pipe) in self
            .pipes(|wire| [&*wire.from, &*wire.to] == [a, b] || [&*wire.to, &*wire.from] == [a, b])
        {
            let failed = match how {
                Break::Seen => Failed::Seen,
                Break::Silent => Failed::Silently,
                // The end that writes here reads on the other wire: `a` sees both fail.
                Break::HalfOpen if from == a => Failed::SeenByWriter,
                Break::HalfOpen => Failed::SeenByReader,
            };
            locked(&pipe).fail(failed);
        }
    }

    fn pipes(&self, is_meant: impl Fn(&Wire) -> bool) -> Vec<(String, Arc<Mutex<Pipe>>)> {
        let mut inner = locked(&self.0);
        inner.wires.retain(|wire| wire.pipe.strong_count() > 0);
        let meant = inner.wires.iter().filter(|wire| is_meant(wire));
        meant
            .filter_map(|wire| Some((wire.from.clone(), wire.pipe.upgrade()?)))
            .collect()
    }

    /// From now on nothing takes long.
    pub(crate) fn calm(&self) {
        locked(&self.0).is_calm = true;
    }

    /// How long something is on its way: mostly a moment, sometimes longer than a peer may be silent.
    fn delay(&self) -> Duration {
        let inner = &mut *locked(&self.0);
        let rng = &mut inner.rng;
        Duration::from_millis(match rng.u32(..100) {
            0..40 => 0,
            95..99 if !inner.is_calm => rng.u64(20..500),
            99 if !inner.is_calm => rng.u64(500..5000),
            _ => rng.u64(1..20),
        })
    }

    fn pipe(&self, from: &str, to: &str) -> (Sink, Source) {
        let pipe = Arc::new(Mutex::new(Pipe::default()));
        let wire = Wire {
            from: from.to_owned(),
            to: to.to_owned(),
            pipe: Arc::downgrade(&pipe),
        };
        locked(&self.0).wires.push(wire);
        let source = Source {
            pipe: pipe.clone(),
            arrives: None,
        };
        let net = self.clone();
        (Sink { net, pipe }, source)
    }
}

/// A node's way into the network.
pub(crate) struct Door {
    net: Net,
    name: String,
    incoming: Arc<tokio::sync::Mutex<UnboundedReceiver<Streams>>>,
}

impl Transport for Door {
    fn dial(&self, node: &Atom) -> Connecting {
        let (net, from, to) = (
            self.net.clone(),
            self.name.clone(),
            node.as_str().to_owned(),
        );
        Box::pin(async move {
            sleep(net.delay()).await;
            let door = locked(&net.0).doors.get(&to).cloned();
            let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
            let door = door.ok_or_else(refused)?;
            let (ours, theirs) = (net.pipe(&from, &to), net.pipe(&to, &from));
            let streams: Streams = (Box::new(ours.1), Box::new(theirs.0));
            door.send(streams).map_err(|_| refused())?;
            let streams: Streams = (Box::new(theirs.1), Box::new(ours.0));
            Ok(streams)
        })
    }

    fn accept(&self) -> Connecting {
        let incoming = self.incoming.clone();
        Box::pin(async move {
            match incoming.lock().await.recv().await {
                Some(streams) => Ok(streams),
                // The node was left out of the network.
                None => std::future::pending().await,
            }
        })
    }
}

#[derive(Default)]
struct Pipe {
    /// What is on its way, and when it arrives.
    pieces: VecDeque<(Instant, Vec<u8>)>,
    bytes: usize,
    is_ended: bool,
    failed: Option<Failed>,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failed {
    Seen,
    SeenByReader,
    SeenByWriter,
    Silently,
}

impl Pipe {
    fn fail(&mut self, failed: Failed) {
        self.pieces.clear();
        self.bytes = 0;
        self.failed = Some(failed);
        self.wake();
    }

    fn wake(&mut self) {
        for waker in [self.reader.take(), self.writer.take()]
            .into_iter()
            .flatten()
        {
            waker.wake();
        }
    }
}

/// The end of a pipe that is written to.
struct Sink {
    net: Net,
    pipe: Arc<Mutex<Pipe>>,
}

/// The end that is read.
struct Source {
    pipe: Arc<Mutex<Pipe>>,
    /// When the next piece arrives.
    arrives: Option<Pin<Box<Sleep>>>,
}

impl AsyncWrite for Sink {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let arrives = Instant::now() + self.net.delay();
        let size = locked(&self.net.0).rng.usize(1..=bytes.len().max(1));
        let mut pipe = locked(&self.pipe);
        match pipe.failed {
            Some(Failed::Seen | Failed::SeenByWriter) => {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            // What is written is lost.
            Some(_) => return Poll::Ready(Ok(bytes.len())),
            None if pipe.bytes >= WINDOW => {
                pipe.writer = Some(cx.waker().clone());
                return Poll::Pending;
            }
            None => {}
        }
        let size = size.min(bytes.len());
        let arrives = pipe
            .pieces
            .back()
            .map_or(arrives, |(last, _)| arrives.max(*last));
        pipe.pieces.push_back((arrives, bytes[..size].to_vec()));
        pipe.bytes += size;
        pipe.wake();
        Poll::Ready(Ok(size))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let mut pipe = locked(&self.pipe);
        pipe.is_ended = true;
        pipe.wake();
    }
}

impl AsyncRead for Source {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if let Some(arrives) = &mut self.arrives {
                if arrives.as_mut().poll(cx).is_pending() {
                    // It may also break in the meantime.
                    let mut pipe = locked(&self.pipe);
                    if pipe.failed.is_none() {
                        pipe.reader = Some(cx.waker().clone());
                        return Poll::Pending;
                    }
                }
                self.arrives = None;
            }
            let pipe = self.pipe.clone();
            let mut pipe = locked(&pipe);
            match pipe.failed {
                Some(Failed::Seen | Failed::SeenByReader) => {
                    return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
                }
                Some(_) => return Poll::Pending,
                None => {}
            }
            let Some((arrives, piece)) = pipe.pieces.front_mut() else {
                if pipe.is_ended {
                    return Poll::Ready(Ok(()));
                }
                pipe.reader = Some(cx.waker().clone());
                return Poll::Pending;
            };
            if *arrives > Instant::now() {
                self.arrives = Some(Box::pin(sleep_until(*arrives)));
                continue;
            }
            let size = piece.len().min(into.remaining());
            into.put_slice(&piece[..size]);
            piece.drain(..size);
            if piece.is_empty() {
                pipe.pieces.pop_front();
            }
            pipe.bytes -= size;
            if let Some(writer) = pipe.writer.take() {
                writer.wake();
            }
            return Poll::Ready(Ok(()));
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let mut pipe = locked(&self.pipe);
        // What is written to a closed connection comes back as a failure.
        if pipe.failed.is_none() {
            pipe.fail(Failed::Seen);
        }
    }
}
