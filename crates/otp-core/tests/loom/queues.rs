//! A mailbox's queue: a push, a swap and a close meet.

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::sync::atomic::Ordering;
use loom::thread;

use crate::process::inbox::Taken;
use crate::process::queue::{self, NotTaken, Queue, Queued};
use crate::process::sync::AtomicBool;
use crate::sleeper::Sleeper;
use crate::{model, model_of_three};

impl Queued for u32 {
    fn is_message(&self) -> bool {
        true
    }
}

/// A queue, and what its owner has taken out of it.
pub(crate) struct Row {
    queue: Queue<u32>,
    pub(crate) taken: Taken,
}

impl Row {
    pub(crate) fn new() -> Self {
        Self {
            queue: Queue::new(),
            taken: Taken::new(),
        }
    }

    pub(crate) fn push(&self, item: u32) -> Result<(), NotTaken<u32>> {
        self.queue.push(item, |item| item, &self.taken)
    }

    pub(crate) fn close(&self) {
        self.queue.close(&self.taken);
    }
}

impl Deref for Row {
    type Target = Queue<u32>;

    fn deref(&self) -> &Queue<u32> {
        &self.queue
    }
}

/// The owner's side of a queue.
pub(crate) struct Owner {
    pub(crate) local: VecDeque<u32>,
    known: queue::QueueOwner,
}

impl Owner {
    pub(crate) fn new() -> Self {
        Self {
            local: VecDeque::new(),
            known: queue::QueueOwner::new(),
        }
    }

    pub(crate) fn poll(&mut self, queue: &Row, cx: &Context<'_>) -> Poll<()> {
        if queue.may_rest(cx, &self.known) {
            return Poll::Pending;
        }
        queue.poll_swap(cx, &mut self.local, &mut self.known, &queue.taken, 0)
    }

    /// Receives so many items.
    fn receive(&mut self, queue: &Row, sleeper: &Sleeper, many: usize) -> Vec<u32> {
        let mut received = Vec::new();
        while received.len() < many {
            sleeper.wait_for(|cx| self.poll(queue, cx));
            received.extend(self.local.drain(..));
        }
        received
    }
}

// SIG-001
#[test]
fn a_push_wakes_an_owner_that_is_about_to_wait() {
    model(|| {
        let queue = Arc::new(Row::new());
        let pusher = thread::spawn({
            let queue = queue.clone();
            move || assert_eq!(queue.push(7), Ok(()))
        });
        let me = Sleeper::new();
        queue.attach(&me.waker);
        assert_eq!(Owner::new().receive(&queue, &me, 1), [7]);
        pusher.join().expect("it pushed");
        assert_eq!(queue.len(), 0);
    });
}

// SIG-001
#[test]
fn a_push_wakes_an_owner_that_waits_with_another_waker_than_its_tasks() {
    model(|| {
        let queue = Arc::new(Row::new());
        let pusher = thread::spawn({
            let queue = queue.clone();
            move || {
                assert_eq!(queue.push(1), Ok(()));
                assert_eq!(queue.push(2), Ok(()));
            }
        });
        // The task's waker leads nowhere: it must not be taken for the one to wake.
        queue.attach(Waker::noop());
        let me = Sleeper::new();
        assert_eq!(Owner::new().receive(&queue, &me, 2), [1, 2]);
        pusher.join().expect("it pushed");
    });
}

// SIG-001
#[test]
fn a_push_wakes_an_owner_that_was_promised_to_be_woken_and_does_not_look() {
    model(|| {
        let queue = Arc::new(Row::new());
        let me = Sleeper::new();
        queue.attach(&me.waker);
        let mut owner = Owner::new();
        assert_eq!(queue.push(1), Ok(()));
        assert_eq!(owner.receive(&queue, &me, 1), [1]);
        let pusher = thread::spawn({
            let queue = queue.clone();
            move || {
                assert_eq!(queue.push(2), Ok(()));
                assert_eq!(queue.push(3), Ok(()));
            }
        });
        assert_eq!(owner.receive(&queue, &me, 2), [2, 3]);
        pusher.join().expect("it pushed");
    });
}

// SIG-001
#[test]
fn an_owner_may_change_its_waker_while_items_come() {
    model(|| {
        let queue = Arc::new(Row::new());
        let me = Sleeper::new();
        queue.attach(&me.waker);
        let mut owner = Owner::new();
        let pusher = thread::spawn({
            let queue = queue.clone();
            move || {
                assert_eq!(queue.push(1), Ok(()));
                assert_eq!(queue.push(2), Ok(()));
            }
        });
        // Once inside a combinator, whose wakers are others, and then no more.
        let _ = owner.poll(&queue, &Context::from_waker(Waker::noop()));
        let mut received = Vec::from_iter(owner.local.drain(..));
        let missing = 2 - received.len();
        received.extend(owner.receive(&queue, &me, missing));
        assert_eq!(received, [1, 2]);
        pusher.join().expect("it pushed");
    });
}

// SIG-001
#[test]
fn two_pushers_and_a_swap_lose_and_reorder_nothing() {
    model_of_three(|| {
        let queue = Arc::new(Row::new());
        let pushers = [10, 20].map(|first| {
            let queue = queue.clone();
            thread::spawn(move || {
                assert_eq!(queue.push(first), Ok(()));
                assert_eq!(queue.push(first + 1), Ok(()));
            })
        });
        let me = Sleeper::new();
        queue.attach(&me.waker);
        let received = Owner::new().receive(&queue, &me, 4);
        for first in [10, 20] {
            let mut own = received.clone();
            own.retain(|item| (first..first + 2).contains(item));
            assert_eq!(own, [first, first + 1], "{received:?}");
        }
        for pusher in pushers {
            pusher.join().expect("it pushed");
        }
    });
}

// SIG-003
#[test]
fn a_close_wakes_an_owner_that_is_about_to_wait() {
    model(|| {
        let queue = Arc::new(Row::new());
        let exiting = Arc::new(AtomicBool::new(false));
        let closer = thread::spawn({
            let (queue, exiting) = (queue.clone(), exiting.clone());
            move || {
                // As an exit signal does: the flag first, then the queue.
                exiting.store(true, Ordering::Release);
                queue.close();
            }
        });
        // As a process does at its first poll: the waker first, then the flag.
        let me = Sleeper::new();
        queue.attach(&me.waker);
        let mut owner = Owner::new();
        me.wait_for(|cx| match exiting.load(Ordering::Acquire) {
            true => Poll::Ready(()),
            false => owner.poll(&queue, cx),
        });
        closer.join().expect("it closed");
    });
}

// SIG-005
#[test]
fn a_close_leaves_every_item_in_one_place() {
    model(|| {
        let queue = Arc::new(Row::new());
        let pusher = thread::spawn({
            let queue = queue.clone();
            move || {
                (1..=2)
                    .filter(|item| queue.push(*item).is_err())
                    .collect::<Vec<u32>>()
            }
        });
        let me = Sleeper::new();
        queue.attach(&me.waker);
        let mut owner = Owner::new();
        let _ = owner.poll(&queue, &Context::from_waker(&me.waker));
        queue.close();
        let drained = queue.drain();
        let refused = pusher.join().expect("it pushed");
        assert_eq!(queue.len(), 0, "nothing gets in once it is closed");
        let everything: Vec<u32> = owner
            .local
            .into_iter()
            .chain(drained.into_iter().flatten())
            .chain(refused)
            .collect();
        assert_eq!(everything, [1, 2]);
    });
}
