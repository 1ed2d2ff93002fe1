//! The queue of bytes for one connection.
//!
//! Frames are appended to one buffer, which the writer takes as a whole. A process that sends messages waits while the
//! connection is busy, so a peer that reads slowly slows its senders. Signals and answers do not wait; if they pile up behind a
//! peer that does not read, the connection ends at the queue's limit.
//!
//! A large message is not in the buffer: the writer takes some fragments of it at a time, after the contents of the
//! buffer. So it delays others by some fragments, and not by its whole length. Its bytes are not copied on the way.

mod batch;
mod lanes;
#[cfg(test)]
mod tests;

use otp_etf::Pid;
use parking_lot::Mutex;
use tokio::sync::Notify;

pub(crate) use self::batch::Batch;
use self::lanes::Lanes;
use crate::wire::fragment::Split;

/// A sender waits while there is as much as this: OTP's `dist_buf_busy_limit`.
const BUSY: usize = 1 << 20;

/// Fragments are taken until there is as much as this to write.
const BATCH: usize = 256 << 10;

pub(crate) struct Queue {
    state: Mutex<State>,
    /// Notified when there are bytes to write, or the queue is closed.
    work: Notify,
    /// Notified when senders may continue, and when the queue is closed.
    room: Notify,
    limit: usize,
}

#[derive(Default)]
struct State {
    ready: Batch,
    lanes: Lanes,
    /// The bytes that the writer has taken and not written yet.
    in_flight: usize,
    closed: bool,
}

impl State {
    fn used(&self) -> usize {
        self.ready.len() + self.lanes.bytes() + self.in_flight
    }

    fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.lanes.is_empty()
    }

    /// Nothing overtakes the large messages that are under way.
    fn send_all(&mut self) {
        while !self.lanes.is_empty() {
            self.lanes.write_next(&mut self.ready);
        }
    }
}

/// The connection has ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Closed;

impl Queue {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            state: Mutex::default(),
            work: Notify::new(),
            room: Notify::new(),
            limit,
        }
    }

    /// Appends the frames that `write` appends, as one piece. They overtake large messages of other senders; without a sender they overtake
    /// nothing. When there is more than the limit already the queue closes.
    pub(crate) fn push(&self, sender: Option<&Pid>, write: impl FnOnce(&mut Vec<u8>)) {
        self.change(|state| {
            if state.lanes.is_empty() {
                return write(&mut state.ready.bytes);
            }
            match sender {
                Some(sender) if state.lanes.has(sender) => state.lanes.behind(sender, write),
                Some(_) => write(&mut state.ready.bytes),
                None => {
                    state.send_all();
                    write(&mut state.ready.bytes);
                }
            }
        });
    }

    /// Sends a large message in fragments. Later messages of its sender stay behind it; one without a sender overtakes nothing, and is
    /// not overtaken.
    pub(crate) fn push_large(&self, sender: Option<&Pid>, mut message: Split) {
        self.change(|state| match sender {
            Some(sender) => state.lanes.enter(sender, message),
            None => {
                state.send_all();
                while let Some(piece) = message.next_piece(&mut state.ready.bytes) {
                    state.ready.push(piece);
                }
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock();
        if state.closed {
            return;
        }
        let was_empty = state.is_empty();
        // One message may be larger than the limit: it counts for nothing.
        let overflows = state.used() - state.lanes.largest() > self.limit;
        if !overflows {
            change(&mut state);
        }
        drop(state);
        if overflows {
            self.close();
        } else if was_empty {
            self.work.notify_one();
        }
    }

    /// How many bytes wait.
    pub(crate) fn len(&self) -> usize {
        self.state.lock().used()
    }

    /// Waits until a message may be sent.
    pub(crate) async fn room(&self) -> Result<(), Closed> {
        loop {
            let mut told = std::pin::pin!(self.room.notified());
            told.as_mut().enable();
            {
                let state = self.state.lock();
                if state.closed {
                    return Err(Closed);
                }
                if state.used() < BUSY {
                    return Ok(());
                }
            }
            told.await;
        }
    }

    /// For the writer: the bytes of its last call are written. Waits for more; `into` is empty and gets them.
    pub(crate) async fn take(&self, into: &mut Batch) -> Result<(), Closed> {
        loop {
            {
                let mut state = self.state.lock();
                let was_busy = state.used() >= BUSY;
                state.in_flight = 0;
                if was_busy && state.used() < BUSY {
                    self.room.notify_waiters();
                }
                if state.closed {
                    return Err(Closed);
                }
                if !state.is_empty() {
                    std::mem::swap(into, &mut state.ready);
                    // One at least: a flood of small messages does not stop large ones.
                    while !state.lanes.is_empty() {
                        state.lanes.write_next(into);
                        if into.len() >= BATCH {
                            break;
                        }
                    }
                    state.in_flight = into.len();
                    return Ok(());
                }
            }
            self.work.notified().await;
        }
    }

    /// Waits for the end: also while a peer that does not read keeps the writer.
    pub(crate) async fn closed(&self) {
        loop {
            let mut told = std::pin::pin!(self.room.notified());
            told.as_mut().enable();
            if self.state.lock().closed {
                return;
            }
            told.await;
        }
    }

    /// Closes the queue: it takes no more bytes, and all waiting tasks are woken.
    pub(crate) fn close(&self) {
        let left = {
            let mut state = self.state.lock();
            state.closed = true;
            (std::mem::take(&mut state.ready), state.lanes.clear())
        };
        drop(left);
        self.work.notify_one();
        self.room.notify_waiters();
    }
}
