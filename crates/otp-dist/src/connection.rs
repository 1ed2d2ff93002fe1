//! A connection that is up: its reader and its writer.

use std::io::{self, IoSlice};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use otp_core::ExitReason;
use otp_core::remote::{RemoteNode, crossing};
use otp_etf::Limits;
use parking_lot::ReentrantMutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep};

use crate::channel::{Channel, ChannelLimits};
use crate::core::Core;
use crate::dial::identity;
use crate::identity::Life;
use crate::nodes::NodeEvent;
use crate::queue::Batch;
use crate::receive::Payload;
use crate::spans;
use crate::transport::Streams;
use crate::wire::control::Control;
use crate::wire::fragment::{Assembler, FragmentLimits};
use crate::wire::frame::{Frame, Message, Reader, TICK};
use crate::wire::handshake::Identity;

pub(crate) struct Connection {
    pub(crate) channel: Arc<Channel>,
    pub(crate) remote: RemoteNode,
    is_closed: AtomicBool,
    /// How many links and monitors there were when they were counted, and how many the peer has asked for since then.
    counted: AtomicUsize,
    asked: AtomicUsize,
    /// Held while what has arrived is handled. The end waits for it, so nothing arrives after the loss of the node.
    receiving: ReentrantMutex<()>,
}

/// So many links and monitors may be made before they are counted again.
const COUNTED: usize = 256;

/// How many frames are handled at a time.
const BATCH: usize = 256;

impl Connection {
    /// Begins with what follows the handshake. `rest` was read with it.
    pub(crate) fn start(core: &Arc<Core>, peer: Identity, (input, output): Streams, rest: Vec<u8>) {
        let common = identity(core).flags & peer.flags;
        let life = Life {
            name: peer.name,
            creation: peer.creation,
        };
        let limits = ChannelLimits {
            queue: core.config.queue,
            calls: core.config.calls,
        };
        let channel = Channel::new(core.me.clone(), life.clone(), common, limits);
        let turn = core.peers.turn();
        if core.has_left() {
            return;
        }
        // The new connection may be one with the same life: first all of the old one ends.
        if let Some(former) = core.peers.up(&life.name) {
            former.close(core);
        }
        let remote = core.lives.connect(&core.node, &channel);
        let connection = Arc::new(Self {
            channel,
            remote,
            is_closed: AtomicBool::new(false),
            counted: AtomicUsize::new(0),
            asked: AtomicUsize::new(0),
            receiving: ReentrantMutex::new(()),
        });
        core.peers.enter(core, &connection);
        drop(turn);
        core.scopes.connected(core, &connection);
        let label = |side| format!("{side} of {}", connection.channel.peer.name.as_str());
        let (reader, writer) = (label("reader"), label("writer"));
        let guard = Guard(core.clone(), connection.clone());
        core.spawn_labelled(reader, async move {
            let Guard(core, connection) = &guard;
            if let Err(why) = connection.read(core, input, rest).await {
                tracing::debug!(peer = %connection.channel.peer.name, %why, "a connection ends");
            }
        });
        let guard = Guard(core.clone(), connection);
        core.spawn_labelled(writer, async move {
            let Guard(core, connection) = &guard;
            connection.write(output, core.config.tick_time / 4).await;
        });
    }

    /// Ends the connection: what waits for the peer is told.
    pub(crate) fn close(&self, core: &Arc<Core>) {
        let _turn = core.peers.turn();
        let _receiving = self.receiving.lock();
        if self.is_closed.swap(true, Ordering::SeqCst) {
            return;
        }
        core.peers.leave(self);
        self.channel.lost();
        self.remote.lost();
        core.lives.lost(&self.channel.peer);
        core.scopes.lost(&self.channel.peer);
        let node = self.channel.peer.name.clone();
        core.monitors.tell(NodeEvent::Down(node));
    }

    /// The peer asks for a link or a monitor. An error if it has too many.
    pub(crate) fn tie(&self, core: &Core) -> Result<(), String> {
        let limit = core.config.links;
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        // To count them takes longer than to make one: near the limit, too, many are made before the next count.
        let left = limit.saturating_sub(self.counted.load(Ordering::Relaxed));
        if asked < left.max(limit / 16).max(COUNTED) {
            return Ok(());
        }
        let counted = self.remote.links() + self.channel.watching();
        if counted > limit {
            return Err("the peer has too many links and monitors".to_owned());
        }
        self.counted.store(counted, Ordering::Relaxed);
        self.asked.store(1, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::SeqCst)
    }

    async fn read(
        self: &Arc<Self>,
        core: &Arc<Core>,
        mut input: Box<dyn AsyncRead + Send + Unpin>,
        rest: Vec<u8>,
    ) -> Result<(), String> {
        let mut reader = Reader::new(core.config.frame);
        let limits = FragmentLimits {
            // Messages of several senders come at the same time.
            bytes: core.config.frame.saturating_mul(4),
            ..FragmentLimits::default()
        };
        let mut fragments = Assembler::new(limits);
        reader.input().extend_from_slice(&rest);
        let tick = core.config.tick_time;
        // To make these for each read would take longer than to look at them.
        let mut silence = pin!(sleep(tick));
        let mut closed = pin!(self.channel.queue.closed());
        loop {
            while crossing(core.clone(), || {
                self.batch(core, &mut reader, &mut fragments)
            })? {
                core.scopes.catch_up().await;
                tokio::task::yield_now().await;
            }
            core.scopes.catch_up().await;
            let buffer = reader.input();
            buffer.reserve(16 << 10);
            let waits_from = Instant::now();
            let read = loop {
                tokio::select! {
                    biased;
                    read = input.read_buf(buffer) => break read,
                    () = &mut silence => {
                        let until = waits_from + tick;
                        // Otherwise it was set for an earlier read.
                        if silence.deadline() >= until {
                            return Err("the peer is silent".to_owned());
                        }
                        silence.as_mut().reset(until);
                    }
                    () = &mut closed => return Ok(()),
                }
            };
            match read {
                Ok(0) => return Ok(()),
                Ok(read) => self.channel.traffic.read(read),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Handles what has arrived. Returns whether there may be more of it.
    fn batch(
        self: &Arc<Self>,
        core: &Arc<Core>,
        reader: &mut Reader,
        fragments: &mut Assembler,
    ) -> Result<bool, String> {
        let _receiving = self.receiving.lock();
        for _ in 0..BATCH {
            // It may be closed by what it has said.
            if self.is_closed() {
                return Ok(false);
            }
            // A BEAM has no fragments for what has waited for the connection: that comes in one frame, however large it is.
            reader.set_longest(core.config.frame.max(fragments.room()));
            match reader.next().map_err(|error| error.to_string())? {
                None => return Ok(false),
                Some(Frame::Tick) => {}
                Some(Frame::Message(message)) => self.receive(core, message, None)?,
                Some(Frame::Fragment(fragment)) => {
                    if fragment.data.len() > core.config.frame {
                        return Err("a fragment that is larger than a frame".to_owned());
                    }
                    let whole = fragments.add(fragment).map_err(|error| error.to_string())?;
                    if let Some(whole) = whole.map(Arc::new) {
                        self.receive(core, Message::assembled(&whole), Some(&whole))?;
                        fragments.recycle(whole);
                    }
                }
            }
        }
        Ok(true)
    }

    /// Handles a message. One that was joined of fragments can be kept.
    fn receive(
        self: &Arc<Self>,
        core: &Arc<Core>,
        message: Message<'_>,
        joined: Option<&Arc<Vec<u8>>>,
    ) -> Result<(), String> {
        let decoded = Control::decode_of(message, &Limits::default(), &self.channel.nodes);
        let (control, bytes, token) =
            decoded.map_err(|error| format!("{:#}", ExitReason::error(error)))?;
        let payload = Payload {
            bytes,
            message: joined,
        };
        let peer = &self.channel.peer.name;
        spans::within(token, peer, || self.handle(core, control, payload))
    }

    async fn write(&self, mut output: Box<dyn AsyncWrite + Send + Unpin>, tick: Duration) {
        let queue = &self.channel.queue;
        let mut batch = Batch::default();
        let mut last = Instant::now();
        let mut due = pin!(sleep(tick));
        loop {
            tokio::select! {
                biased;
                taken = queue.take(&mut batch) => if let Err(_closed) = taken {
                    return;
                },
                () = &mut due => {
                    let next = last + tick;
                    // It was set before the last write.
                    if due.deadline() < next {
                        due.as_mut().reset(next);
                        continue;
                    }
                }
            }
            // Of a tick there is no batch.
            let length = batch.len().max(TICK.len());
            let writing = async {
                match batch.is_empty() {
                    true => output.write_all(&TICK).await?,
                    false => write_all(&mut output, &batch).await?,
                }
                output.flush().await
            };
            // A peer that does not read keeps the writer here.
            let written = tokio::select! {
                biased;
                written = writing => written,
                () = queue.closed() => return,
            };
            if written.is_err() {
                return;
            }
            batch.clear();
            self.channel.traffic.written(length);
            last = Instant::now();
        }
    }
}

async fn write_all(output: &mut (impl AsyncWrite + Unpin), batch: &Batch) -> io::Result<()> {
    if let Some(bytes) = batch.only_bytes() {
        return output.write_all(bytes).await;
    }
    let mut slices = batch.slices();
    let mut left = &mut slices[..];
    while !left.is_empty() {
        match output.write_vectored(left).await? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => IoSlice::advance_slices(&mut left, written),
        }
    }
    Ok(())
}

/// When the reader or the writer ends, for whatever reason, the connection does.
struct Guard(Arc<Core>, Arc<Connection>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.1.close(&self.0);
    }
}
