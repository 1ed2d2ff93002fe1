//! The receiving side of a process.

mod selective;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::block::{Block, Item, Process};
use super::process_ref::ProcessRef;
use super::relations;
use super::signal::{Down, Exit, Signal, Target};
use crate::pid::numbered::Numbered;
use crate::pid::{MonitorRef, Pid};
use crate::timer::far_future;

/// After so many messages in one go the task yields: a mailbox of our own takes no part in
/// tokio's cooperative budget.
const QUOTA: u32 = 256;

/// A process's mailbox: what it receives, and what it decides to be told.
///
/// The body of a process gets its mailbox as argument and owns it. Messages stand in it in the
/// order of their arrival; exits and DOWNs take their place among them, mapped into the
/// process's own message type by the function that was given when they were asked for.
///
/// OTP: `receive … after … end`, `process_flag(trap_exit, …)`, `erlang:monitor/2`.
pub struct Mailbox<M> {
    block: Arc<Block<M>>,
    /// What has been swapped out of the shared queue and is not handled yet.
    local: VecDeque<Item<M>>,
    /// Messages handed out since the task last yielded.
    streak: u32,
    /// The next message wakes the task: see [`Queue::poll_swap`](super::queue::Queue::poll_swap).
    promised: bool,
    maps: Option<Box<Maps<M>>>,
}

/// How signals become messages.
struct Maps<M> {
    exit: Option<Box<dyn FnMut(Exit) -> M + Send>>,
    down: HashMap<MonitorRef, Box<dyn FnOnce(Down) -> M + Send>, Numbered>,
    /// What the DOWNs have become that a selective receive has looked at and passed over. In the
    /// mailbox they stand as signals still, so that they can be flushed.
    told: HashMap<MonitorRef, M, Numbered>,
}

impl<M: Send + 'static> Mailbox<M> {
    pub(crate) fn new(block: Arc<Block<M>>) -> Self {
        Self {
            block,
            local: VecDeque::new(),
            streak: 0,
            promised: false,
            maps: None,
        }
    }

    /// A reference to the process that owns this mailbox.
    #[must_use]
    pub fn me(&self) -> ProcessRef<M> {
        ProcessRef::new(self.block.clone())
    }

    /// The pid of the process that owns this mailbox.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.block.head.pid
    }

    /// Messages and signals that wait to be received.
    #[must_use]
    pub fn len(&self) -> usize {
        self.local.len() + self.block.queue.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Receives the next message, waiting for one if there is none.
    ///
    /// # Cancel safety
    ///
    /// A receive that is dropped while it waits has taken nothing.
    pub async fn receive(&mut self) -> M {
        loop {
            let item = self.next().await;
            if let Some(message) = self.map(item) {
                return message;
            }
        }
    }

    /// Receives the next message, or `None` if none has come within `limit`. A limit of zero takes
    /// only what is there already.
    ///
    /// # Cancel safety
    ///
    /// As for [`receive`](Self::receive).
    pub async fn receive_timeout(&mut self, limit: Duration) -> Option<M> {
        let deadline = far_future(limit);
        loop {
            let item = self.next_until(deadline).await?;
            if let Some(message) = self.map(item) {
                return Some(message);
            }
        }
    }

    /// From now on turns exit signals into messages, `to_message` of each, in place of ending with
    /// them; only [`ExitReason::Kill`](crate::ExitReason::Kill) sent by hand still ends the process.
    /// Returns whether exits were trapped before.
    ///
    /// OTP: `process_flag(trap_exit, true)`.
    pub fn trap_exit(&mut self, to_message: impl FnMut(Exit) -> M + Send + 'static) -> bool {
        self.maps().exit = Some(Box::new(to_message));
        self.block.head.set_trap_exit(true)
    }

    /// Stops trapping exits; those already received stay in the mailbox. Returns whether exits
    /// were trapped before.
    ///
    /// OTP: `process_flag(trap_exit, false)`.
    pub fn untrap_exit(&mut self) -> bool {
        self.block.head.set_trap_exit(false)
    }

    /// Links this process with another one. Linking twice, or to itself, changes nothing.
    ///
    /// If the other one does not exist, this process gets an exit signal with
    /// [`NoProcess`](crate::ExitReason::NoProcess).
    ///
    /// OTP: `erlang:link/1`.
    pub fn link(&self, other: impl Into<Pid>) {
        relations::link(&self.process(), other.into());
    }

    /// Removes the link with another process, if there is one. An exit that was trapped before
    /// stays in the mailbox; none comes afterwards.
    ///
    /// OTP: `erlang:unlink/1`.
    pub fn unlink(&self, other: impl Into<Pid>) {
        relations::unlink(&self.process(), other.into());
    }

    /// Watches a process, by pid or by name: when it ends, `to_message` of its [`Down`] arrives
    /// here, once. If it does not exist, that is at once, with the reason
    /// [`NoProcess`](crate::ExitReason::NoProcess).
    ///
    /// OTP: `erlang:monitor/2`.
    pub fn monitor(
        &mut self,
        target: impl Into<Target>,
        to_message: impl FnOnce(Down) -> M + Send + 'static,
    ) -> MonitorRef {
        let monitor = relations::monitor(&self.process(), target.into());
        self.on_down(monitor, to_message);
        monitor
    }

    /// Says what message the DOWN of a monitor becomes that was made without one, by
    /// [`spawn_monitor`](crate::process::spawn_monitor) or a `start_monitor`. Without it such a
    /// DOWN is dropped.
    pub fn on_down(
        &mut self,
        monitor: MonitorRef,
        to_message: impl FnOnce(Down) -> M + Send + 'static,
    ) {
        self.maps().down.insert(monitor, Box::new(to_message));
    }

    /// Stops watching. Returns whether the monitor was still active; if it was not, its message may
    /// be in the mailbox.
    ///
    /// OTP: `erlang:demonitor(Ref, [info])`.
    pub fn demonitor(&mut self, monitor: MonitorRef) -> bool {
        let active = relations::demonitor(&self.process(), monitor);
        if active {
            self.maps().down.remove(&monitor);
        }
        active
    }

    /// Stops watching, and takes the monitor's message out of the mailbox if it is there already.
    /// Returns whether the monitor was still active.
    ///
    /// OTP: `erlang:demonitor(Ref, [flush, info])`.
    pub fn demonitor_flush(&mut self, monitor: MonitorRef) -> bool {
        let active = relations::demonitor(&self.process(), monitor);
        if !active
            && !self.block.flush_down(monitor)
            && let Some(at) = self.local.iter().position(|item| item.is_down(monitor))
        {
            self.local.remove(at);
            self.note_taken();
        }
        let maps = self.maps();
        maps.down.remove(&monitor);
        maps.told.remove(&monitor);
        active
    }

    /// Gives back memory that the mailbox does not need now: a hint that a long wait follows.
    ///
    /// OTP: `erlang:hibernate/3`, of which only this is left.
    pub fn hibernate(&mut self) {
        self.local.shrink_to_fit();
        self.block.queue.shrink();
    }

    pub(crate) fn block(&self) -> &Arc<Block<M>> {
        &self.block
    }

    /// The next item, as it stands in the queue.
    pub(crate) fn next(&mut self) -> impl Future<Output = Item<M>> + Send {
        poll_fn(|cx| match self.is_interrupted(cx) {
            true => Poll::Pending,
            false => self.poll_next(cx),
        })
    }

    /// The next item, if one comes before the deadline.
    ///
    /// The timer stands in a box, so that only those pay for its size who wait with a limit.
    pub(crate) async fn next_until(&mut self, deadline: Instant) -> Option<Item<M>> {
        let mut limit = Box::pin(sleep_until(deadline));
        poll_fn(|cx| {
            if self.is_interrupted(cx) {
                return Poll::Pending;
            }
            // The item wins over the deadline when both are there: a timeout never overtakes one.
            match self.poll_next(cx) {
                Poll::Ready(item) => Poll::Ready(Some(item)),
                Poll::Pending => limit.as_mut().poll(cx).map(|()| None),
            }
        })
        .await
    }

    /// Lets others have their turn if the owner has done much without receiving.
    pub(crate) fn pause(&mut self) -> impl Future<Output = ()> + Send {
        self.streak += 1;
        poll_fn(|cx| match self.is_interrupted(cx) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        })
    }

    /// Whether a receive has to let go of the task first, whatever there is to receive: the process
    /// ends at the end of this very poll, or it is the turn of others.
    #[inline]
    fn is_interrupted(&mut self, cx: &Context<'_>) -> bool {
        if self.block.head.is_exiting() {
            return true;
        }
        if self.streak < QUOTA {
            return false;
        }
        self.streak = 0;
        cx.waker().wake_by_ref();
        true
    }

    /// The next item, if it can be had at once and without a lock.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Item<M>> {
        if self.streak >= QUOTA {
            return None;
        }
        let item = self.local.pop_front()?;
        self.streak += 1;
        self.note_taken();
        Some(item)
    }

    fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Item<M>> {
        if self.local.is_empty() {
            let queue = &self.block.queue;
            if queue
                .poll_swap(cx, &mut self.local, &mut self.promised)
                .is_pending()
            {
                self.streak = 0;
                return Poll::Pending;
            }
        }
        let item = self.pop();
        Poll::Ready(
            item.expect("the queue was swapped in just now if empty, and the quota is left"),
        )
    }

    fn map(&mut self, item: Item<M>) -> Option<M> {
        let signal = match item {
            Item::Message(message) => return Some(message),
            Item::Signal(signal) => *signal,
        };
        match signal {
            Signal::Exit(exit) => {
                let to_message = self.maps.as_mut()?.exit.as_mut()?;
                Some(to_message(exit))
            }
            Signal::Down(down) => self.map_down(down),
            Signal::System(_) => None,
        }
    }

    fn map_down(&mut self, down: Down) -> Option<M> {
        let maps = self.maps.as_mut()?;
        maps.told.remove(&down.monitor).or_else(|| {
            let to_message = maps.down.remove(&down.monitor)?;
            Some(to_message(down))
        })
    }

    fn maps(&mut self) -> &mut Maps<M> {
        self.maps.get_or_insert_with(|| {
            Box::new(Maps {
                exit: None,
                down: HashMap::default(),
                told: HashMap::default(),
            })
        })
    }

    /// Tells the world how many messages stand here, out of its sight.
    fn note_taken(&self) {
        self.block
            .head
            .taken
            .store(self.local.len(), Ordering::Relaxed);
    }

    fn process(&self) -> Arc<dyn Process> {
        self.block.clone()
    }
}

impl<M> fmt::Debug for Mailbox<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox")
            .field("pid", &self.block.head.pid)
            .field("len", &(self.local.len() + self.block.queue.len()))
            .finish()
    }
}
