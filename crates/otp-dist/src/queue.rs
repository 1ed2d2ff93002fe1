//! What waits to be written to one connection.
//!
//! Frames are appended to one buffer, which the writer takes as a whole. A process that sends messages waits while the
//! connection is busy, so a peer that reads slowly slows its senders. Signals and answers do not wait; if they pile up behind a
//! peer that does not read, the connection ends at the queue's limit.

use parking_lot::Mutex;
use tokio::sync::Notify;

/// A sender waits while there is as much as this: OTP's `dist_buf_busy_limit`.
const BUSY: usize = 1 << 20;

pub(crate) struct Queue {
    state: Mutex<State>,
    /// Told when there is something to write, or nothing will be any more.
    work: Notify,
    /// Told when senders may go on, and when it is closed.
    room: Notify,
    limit: usize,
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    /// What the writer has taken and not written yet.
    in_flight: usize,
    closed: bool,
}

impl State {
    fn used(&self) -> usize {
        self.bytes.len() + self.in_flight
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

    /// Appends what `write` appends, as one piece. When the limit is exceeded the queue closes.
    pub(crate) fn push(&self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state.lock();
        if state.closed {
            return;
        }
        let was_empty = state.bytes.is_empty();
        write(&mut state.bytes);
        let overflows = state.used() > self.limit;
        drop(state);
        if overflows {
            self.close();
        } else if was_empty {
            self.work.notify_one();
        }
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

    /// The writer: what it took before is written. Waits for more; `into` is empty and gets it.
    pub(crate) async fn take(&self, into: &mut Vec<u8>) -> Result<(), Closed> {
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
                if !state.bytes.is_empty() {
                    std::mem::swap(into, &mut state.bytes);
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

    /// Ends it: nothing is taken any more, and everybody who waits is told.
    pub(crate) fn close(&self) {
        let left = {
            let mut state = self.state.lock();
            state.closed = true;
            std::mem::take(&mut state.bytes)
        };
        drop(left);
        self.work.notify_one();
        self.room.notify_waiters();
    }
}
