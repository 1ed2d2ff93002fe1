//! What the systems have in common.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;

/// What the first process of a system is told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Heard {
    Exit(Exit),
    Down(Down),
    Note(u32),
}

/// Lets others have their turn so many times.
pub(crate) async fn rest(times: u32) {
    for _ in 0..times {
        let mut rested = false;
        poll_fn(|cx| {
            if rested {
                return Poll::Ready(());
            }
            rested = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

/// Passes time until all processes are idle.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// A process that does something, and ends.
pub(crate) fn someone<F>(does: F) -> ProcessRef<Never>
where
    F: Future<Output = ()> + Send + 'static,
{
    process::spawn(|_: Mailbox<Never>| does)
}

pub(crate) fn boom() -> ExitReason {
    ExitReason::other("boom")
}

/// Whether the process that asks is the only one, and no name is in use.
#[track_caller]
pub(crate) fn assert_alone() {
    let node = process::node();
    assert_eq!(node.processes(), [process::current()], "somebody is left");
    assert_eq!(node.registered(), [] as [String; 0], "a name is left");
}

/// Something that one process at a time may have, and that is free as soon as anybody knows of its end.
#[derive(Clone, Default)]
pub(crate) struct Port(Arc<Mutex<Use>>);

#[derive(Default)]
struct Use {
    holders: u32,
    most: u32,
}

/// The hold on a port.
pub(crate) struct Open(Port);

impl Port {
    pub(crate) fn open(&self) -> Open {
        let mut it = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        it.holders += 1;
        it.most = it.most.max(it.holders);
        Open(self.clone())
    }

    /// How many have had it at a time, at most.
    pub(crate) fn most(&self) -> u32 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).most
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut it = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        it.holders -= 1;
    }
}

/// What several processes write down.
pub(crate) struct Log<T>(Arc<Mutex<Vec<T>>>);

impl<T> Log<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn add(&self, entry: T) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(entry);
    }

    /// All that has been written down so far.
    pub(crate) fn take(&self) -> Vec<T> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut log)
    }
}

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
