//! A bad network between two programs where the system has no `netem`: a relay that takes TCP connections and makes others to their target.
//!
//! It delays each direction, holds one back, splits and joins what is written, and ends a connection in the middle of a frame, by a reset or
//! by an end.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use otp_core::prelude::*;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// A direction: from the side that dials, or to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum To {
    Target,
    Dialler,
}

/// What becomes of the bytes of connections.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Quality {
    /// How late they are, by direction.
    pub(crate) late: [Duration; 2],
    /// Whether they wait until that changes, by direction.
    pub(crate) held: [bool; 2],
    /// They are written by one to three, and then what has come meanwhile all at once.
    pub(crate) is_split: bool,
    /// After so many bytes of one direction its connection ends. All that comes later is held, until the quality is set again.
    pub(crate) cut: Option<(To, usize, End)>,
}

/// How a connection ends on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum End {
    Reset,
    Closed,
}

/// It goes when this is dropped.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    quality: watch::Sender<Quality>,
    node: Node,
    pid: Pid,
}

impl Relay {
    /// On the loopback interface of this host.
    pub(crate) async fn start(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (quality, _) = watch::channel(Quality::default());
        // Not that of the test, whose processes are counted.
        let (node, sender) = (Node::new(), quality.clone());
        let on = node.clone();
        let running = node.spawn(async move |_: Mailbox<Never>| {
            while let Ok((dialler, _)) = listener.accept().await {
                let quality = sender.clone();
                on.spawn(async move |_: Mailbox<Never>| {
                    // A target that is not there: the dialler's connection ends, too.
                    if let Ok(target) = TcpStream::connect(target).await {
                        carry(dialler, target, &quality).await;
                    }
                });
            }
        });
        let pid = running.pid();
        Ok(Self {
            address,
            quality,
            node,
            pid,
        })
    }

    pub(crate) fn set(&self, quality: Quality) {
        self.quality.send_replace(quality);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.node.exit(self.pid, ExitReason::Kill);
    }
}

/// Until one side ends the connection: those of nodes are never closed in one direction only.
async fn carry(mut dialler: TcpStream, mut target: TcpStream, quality: &watch::Sender<Quality>) {
    for stream in [&dialler, &target] {
        let _unset = stream.set_nodelay(true);
    }
    let (from_dialler, to_dialler) = dialler.split();
    let (from_target, to_target) = target.split();
    let end = tokio::select! {
        end = Pump::new(To::Target, quality).run(from_dialler, to_target) => end,
        end = Pump::new(To::Dialler, quality).run(from_target, to_dialler) => end,
    };
    if end == End::Reset {
        for stream in [dialler, target] {
            let _unset = stream.set_zero_linger();
        }
    }
}

/// How much is under way in one direction at most.
const ROOM: usize = 1 << 20;

/// One direction of a connection.
struct Pump<'a> {
    to: To,
    quality: &'a watch::Sender<Quality>,
    changes: watch::Receiver<Quality>,
    /// What is under way, and when it arrives.
    pieces: VecDeque<(Instant, Vec<u8>)>,
    /// How many bytes may pass before the cut.
    left: Option<usize>,
    /// How many pieces have been written.
    count: usize,
}

impl<'a> Pump<'a> {
    fn new(to: To, quality: &'a watch::Sender<Quality>) -> Self {
        let mut pump = Self {
            to,
            quality,
            changes: quality.subscribe(),
            pieces: VecDeque::new(),
            left: None,
            count: 0,
        };
        pump.look();
        pump
    }

    fn look(&mut self) {
        let cut = self.changes.borrow_and_update().cut;
        let own = cut.filter(|(to, ..)| *to == self.to);
        self.left = own.map(|(_, left, _)| left);
    }

    async fn run(mut self, mut input: ReadHalf<'_>, mut output: WriteHalf<'_>) -> End {
        let mut buffer = vec![0; 64 << 10];
        let mut is_ended = false;
        loop {
            let quality = *self.changes.borrow();
            let place = self.to as usize;
            let under_way: usize = self.pieces.iter().map(|(_, piece)| piece.len()).sum();
            let first = self.pieces.front().map(|(arrives, _)| *arrives);
            if is_ended && first.is_none() {
                return End::Closed;
            }
            tokio::select! {
                _ = self.changes.changed() => self.look(),
                read = input.read(&mut buffer), if !is_ended && under_way < ROOM => match read {
                    Ok(0) => is_ended = true,
                    Ok(size) => {
                        let arrives = Instant::now() + quality.late[place];
                        self.pieces.push_back((arrives, buffer[..size].to_vec()));
                    }
                    Err(_) => return End::Reset,
                },
                () = sleep_until(first.unwrap_or_else(Instant::now)),
                    if first.is_some() && !quality.held[place] =>
                {
                    match self.write(quality, &mut output).await {
                        Ok(None) => {}
                        Ok(Some(end)) => return end,
                        Err(_) => return End::Reset,
                    }
                },
            }
        }
    }

    /// Writes what has come, all at once or a few bytes of it.
    async fn write(
        &mut self,
        quality: Quality,
        output: &mut WriteHalf<'_>,
    ) -> io::Result<Option<End>> {
        let now = Instant::now();
        let due = self
            .pieces
            .iter()
            .take_while(|(arrives, _)| *arrives <= now);
        let due = due.count();
        let mut bytes: Vec<u8> = self.pieces.drain(..due).flat_map(|(_, it)| it).collect();
        self.count += 1;
        if quality.is_split && !self.count.is_multiple_of(16) {
            let rest = bytes.split_off(bytes.len().min(1 + self.count % 3));
            if !rest.is_empty() {
                self.pieces.push_front((now, rest));
            }
        }
        let Some(left) = &mut self.left else {
            output.write_all(&bytes).await?;
            return Ok(None);
        };
        if bytes.len() <= *left {
            *left -= bytes.len();
            output.write_all(&bytes).await?;
            return Ok(None);
        }
        // Of the connections that there are one is cut.
        let mut end = None;
        self.quality.send_if_modified(|it| {
            end = it.cut.take().map(|(.., end)| end);
            it.held = [it.held[0] || end.is_some(), it.held[1] || end.is_some()];
            end.is_some()
        });
        bytes.truncate(end.map_or(bytes.len(), |_| *left));
        self.left = None;
        output.write_all(&bytes).await?;
        Ok(end)
    }
}
