//! The traffic of a connection, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

use otp_etf::Atom;

use crate::channel::Channel;

/// The traffic of a connection, and the messages and requests that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// The other node.
    pub node: Atom,
    /// Bytes that were written to it, ticks included.
    pub bytes_out: u64,
    /// Bytes that were read from it.
    pub bytes_in: u64,
    /// Bytes that wait to be written.
    pub queued: usize,
    /// Calls of this node that wait for an answer of the other one, and requests to start a process there.
    pub calls_out: usize,
    /// Calls of its that are not answered.
    pub calls_in: usize,
    /// Calls of its that were refused, as too many were not answered or the mailbox of the server was full.
    pub refused: u64,
    /// Messages of topics that were not sent to it, as too much waited.
    pub passed_over: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Traffic {
    written: AtomicU64,
    read: AtomicU64,
    refused: AtomicU64,
    passed_over: AtomicU64,
}

impl Traffic {
    pub(crate) fn written(&self, bytes: usize) {
        self.written.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn read(&self, bytes: usize) {
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    #[cfg(feature = "phoenix")]
    pub(crate) fn passed_over(&self) {
        self.passed_over.fetch_add(1, Ordering::Relaxed);
    }
}

impl ConnectionInfo {
    pub(crate) fn of(channel: &Channel, calls: usize) -> Self {
        let traffic = &channel.traffic;
        Self {
            node: channel.peer.name.clone(),
            bytes_out: traffic.written.load(Ordering::Relaxed),
            bytes_in: traffic.read.load(Ordering::Relaxed),
            queued: channel.queue.len(),
            calls_out: channel.waiting(),
            calls_in: calls - channel.call_places(),
            refused: traffic.refused.load(Ordering::Relaxed),
            passed_over: traffic.passed_over.load(Ordering::Relaxed),
        }
    }
}
