//! A network without sockets: connections that are delayed, split, stalled in one direction or both, and ended on one side only.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use fastrand::Rng;
use otp_dist::{Atom, Connecting, Streams, Transport};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

/// Who sends, and who receives.
type Way = (Atom, Atom);

#[derive(Clone)]
pub(crate) struct Network(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Told when something is healed.
    healed: Notify,
}

struct State {
    rng: Rng,
    hosts: BTreeMap<Atom, mpsc::UnboundedSender<Streams>>,
    /// What is sent this way does not arrive until it is healed.
    stalled: Vec<Way>,
    /// The longest delay, in milliseconds.
    latency: u64,
    pipes: Vec<Weak<Pipe>>,
}

impl State {
    fn is_stalled(&self, from: &Atom, to: &Atom) -> bool {
        self.stalled.iter().any(|(a, b)| a == from && b == to)
    }
}

/// One direction of a connection.
struct Pipe {
    way: Way,
    network: Network,
    state: Mutex<Flow>,
}

struct Flow {
    /// Its own, so that what happens in other connections changes nothing here.
    rng: Rng,
    /// When something was written last.
    written: Option<Instant>,
    /// What is on its way, and when it arrives.
    pieces: VecDeque<(Instant, Vec<u8>)>,
    bytes: usize,
    window: usize,
    is_stalled: bool,
    /// Nothing comes after what is on its way.
    is_ended: bool,
    /// Both ends hear of it at once.
    is_reset: bool,
    /// Neither end ever hears of it again.
    is_void: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Pipe {
    fn new(network: &Network, way: Way, window: usize, rng: Rng) -> Arc<Self> {
        let state = Flow {
            rng,
            written: None,
            pieces: VecDeque::new(),
            bytes: 0,
            window,
            is_stalled: false,
            is_ended: false,
            is_reset: false,
            is_void: false,
            reader: None,
            writer: None,
        };
        Arc::new(Self {
            way,
            network: network.clone(),
            state: Mutex::new(state),
        })
    }

    /// Changes it, and lets both ends look.
    fn change(&self, change: impl FnOnce(&mut Flow)) {
        let mut state = self.state.lock();
        change(&mut state);
        let wakers = [state.reader.take(), state.writer.take()];
        drop(state);
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}

impl Network {
    pub(crate) fn new(seed: u64) -> Self {
        let state = State {
            rng: Rng::with_seed(seed),
            hosts: BTreeMap::new(),
            stalled: Vec::new(),
            latency: 20,
            pipes: Vec::new(),
        };
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            healed: Notify::new(),
        }))
    }

    /// A host of this name, which takes the place of a former one.
    pub(crate) fn host(&self, name: Atom) -> Host {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.0.state.lock().hosts.insert(name.clone(), sender);
        let connections = Arc::new(tokio::sync::Mutex::new(receiver));
        let network = self.clone();
        Host {
            name,
            network,
            connections,
        }
    }

    fn pipes(&self, wanted: impl Fn(&Way) -> bool) -> Vec<Arc<Pipe>> {
        let mut state = self.0.state.lock();
        state.pipes.retain(|pipe| pipe.strong_count() > 0);
        let pipes = state.pipes.iter().filter_map(Weak::upgrade);
        pipes.filter(|pipe| wanted(&pipe.way)).collect()
    }

    pub(crate) fn set_latency(&self, milliseconds: u64) {
        self.0.state.lock().latency = milliseconds;
    }

    /// What is sent this way does not arrive any more.
    pub(crate) fn stall(&self, from: &Atom, to: &Atom) {
        let way = (from.clone(), to.clone());
        self.0.state.lock().stalled.push(way.clone());
        for pipe in self.pipes(|it| *it == way) {
            pipe.change(|state| state.is_stalled = true);
        }
    }

    /// All that was stalled goes on: what was sent arrives.
    pub(crate) fn heal(&self) {
        self.0.state.lock().stalled.clear();
        for pipe in self.pipes(|_| true) {
            pipe.change(|state| state.is_stalled = false);
        }
        self.0.healed.notify_waiters();
    }

    /// Ends the connections between two hosts, as both hear; with a third host's silence one of them may not.
    pub(crate) fn reset(&self, a: &Atom, b: &Atom) {
        let is_between = |(from, to): &Way| (from == a && to == b) || (from == b && to == a);
        for pipe in self.pipes(is_between) {
            pipe.change(|state| state.is_reset = true);
        }
    }

    /// The host is gone. If it is silent nobody hears of it.
    pub(crate) fn crash(&self, host: &Atom, is_silent: bool) {
        self.0.state.lock().hosts.remove(host);
        for pipe in self.pipes(|(from, to)| from == host || to == host) {
            pipe.change(|state| match is_silent {
                true => state.is_void = true,
                false => state.is_ended = true,
            });
        }
    }
}

/// A node's place in the network.
pub(crate) struct Host {
    name: Atom,
    network: Network,
    connections: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Streams>>>,
}

impl Transport for Host {
    fn dial(&self, node: &Atom) -> Connecting {
        let (network, here, there) = (self.network.clone(), self.name.clone(), node.clone());
        Box::pin(async move {
            let delay = {
                let mut state = network.0.state.lock();
                let latency = state.latency;
                Duration::from_millis(state.rng.u64(0..=latency))
            };
            sleep(delay).await;
            loop {
                let mut healed = std::pin::pin!(network.0.healed.notified());
                healed.as_mut().enable();
                let is_stalled = {
                    let state = network.0.state.lock();
                    state.is_stalled(&here, &there) || state.is_stalled(&there, &here)
                };
                if !is_stalled {
                    break;
                }
                healed.await;
            }
            let mut state = network.0.state.lock();
            let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
            let host = state.hosts.get(&there).cloned().ok_or_else(refused)?;
            let window = 1 << state.rng.u32(9..18);
            let out = state.rng.fork();
            let out = Pipe::new(&network, (here.clone(), there.clone()), window, out);
            let back = state.rng.fork();
            let back = Pipe::new(&network, (there, here), window, back);
            state.pipes.extend([&out, &back].map(Arc::downgrade));
            drop(state);
            let theirs = streams(out.clone(), back.clone());
            host.send(theirs).map_err(|_| refused())?;
            Ok(streams(back, out))
        })
    }

    fn accept(&self) -> Connecting {
        let connections = self.connections.clone();
        Box::pin(async move {
            match connections.lock().await.recv().await {
                Some(streams) => Ok(streams),
                None => std::future::pending().await,
            }
        })
    }
}

fn streams(input: Arc<Pipe>, output: Arc<Pipe>) -> Streams {
    let alarm = Box::pin(sleep(Duration::ZERO));
    (
        Box::new(Input { pipe: input, alarm }),
        Box::new(Output(output)),
    )
}

struct Input {
    pipe: Arc<Pipe>,
    alarm: Pin<Box<Sleep>>,
}

impl AsyncRead for Input {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let mut state = this.pipe.state.lock();
        if state.is_reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        state.reader = Some(cx.waker().clone());
        if state.is_void || state.is_stalled {
            return Poll::Pending;
        }
        let Some((arrives, _)) = state.pieces.front() else {
            // A read of nothing is the end.
            return if state.is_ended {
                Poll::Ready(Ok(()))
            } else {
                Poll::Pending
            };
        };
        if *arrives > Instant::now() {
            this.alarm.set(sleep_until(*arrives));
            ready!(this.alarm.as_mut().poll(cx));
        }
        // The first bytes of a piece come alone at times.
        let chance = state.rng.u32(..4);
        let (_, piece) = state.pieces.front_mut().expect("it was there");
        let most = piece.len().min(buffer.remaining());
        let size = match chance {
            0 => most.min(3),
            _ => most,
        };
        buffer.put_slice(&piece[..size]);
        piece.drain(..size);
        if piece.is_empty() {
            state.pieces.pop_front();
        }
        state.bytes -= size;
        if let Some(writer) = state.writer.take() {
            writer.wake();
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.pipe.change(|state| {
            state.is_ended = true;
            state.pieces.clear();
        });
    }
}

struct Output(Arc<Pipe>);

impl AsyncWrite for Output {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.0.state.lock();
        let hears = !state.is_stalled && !state.is_void;
        if state.is_reset || (state.is_ended && hears) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let size = bytes.len().min(state.window - state.bytes);
        if size == 0 {
            state.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let now = Instant::now();
        // What is written at one time arrives at one time: it may be written by parts, as the processes of a node happen to run.
        let is_more = state.written.replace(now) == Some(now);
        match state.pieces.back_mut().filter(|_| is_more) {
            Some((_, piece)) => piece.extend_from_slice(&bytes[..size]),
            None => {
                let latency = self.0.network.0.state.lock().latency;
                let delay = Duration::from_millis(state.rng.u64(1..=latency.max(1)));
                let earliest = state.pieces.back().map(|(arrives, _)| *arrives);
                let arrives = (now + delay).max(earliest.unwrap_or(now));
                state.pieces.push_back((arrives, bytes[..size].to_vec()));
            }
        }
        state.bytes += size;
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(size))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.0.change(|state| state.is_ended = true);
    }
}
