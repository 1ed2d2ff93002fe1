//! The two hand-offs between threads that are our own, the mailbox's queue and the answer's slot,
//! run through every order in which threads can come to their locks and atomics.
//!
//! The files are compiled here against loom's. A wake-up that is lost leaves all threads of a model
//! waiting, which loom reports as a deadlock.

#[allow(dead_code, reason = "only the hand-off itself is modelled")]
#[path = "../src/process/queue.rs"]
mod queue;
#[allow(dead_code, reason = "only the hand-off itself is modelled")]
#[path = "../src/process/slot.rs"]
mod slot;

#[path = "loom/sleeper.rs"]
mod sleeper;
#[path = "loom/sync.rs"]
mod sync;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use queue::Queue;
use sleeper::Sleeper;
use slot::{Answer, Slot};

/// A model of three threads. Every order would take minutes; faults show with a few switches between
/// threads.
fn model_of_three(run: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(run);
}

/// The owner's side of a queue.
#[derive(Default)]
struct Owner {
    local: VecDeque<u32>,
    promised: bool,
}

impl Owner {
    fn poll(&mut self, queue: &Queue<u32>, cx: &Context<'_>) -> Poll<()> {
        if queue.may_rest(cx, self.promised) {
            return Poll::Pending;
        }
        queue.poll_swap(cx, &mut self.local, &mut self.promised)
    }

    /// Receives so many items.
    fn receive(&mut self, queue: &Queue<u32>, sleeper: &Sleeper, many: usize) -> Vec<u32> {
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
    loom::model(|| {
        let queue = Arc::new(Queue::new());
        let pusher = thread::spawn({
            let queue = queue.clone();
            move || assert_eq!(queue.push(7), Ok(()))
        });
        let me = Sleeper::new();
        queue.attach(&me.waker);
        assert_eq!(Owner::default().receive(&queue, &me, 1), [7]);
        pusher.join().expect("it pushed");
        assert_eq!(queue.len(), 0);
    });
}

// SIG-001
#[test]
fn a_push_wakes_an_owner_that_waits_with_another_waker_than_its_tasks() {
    loom::model(|| {
        let queue = Arc::new(Queue::new());
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
        assert_eq!(Owner::default().receive(&queue, &me, 2), [1, 2]);
        pusher.join().expect("it pushed");
    });
}

// SIG-001
#[test]
fn a_push_wakes_an_owner_that_was_promised_to_be_woken_and_does_not_look() {
    loom::model(|| {
        let queue = Arc::new(Queue::new());
        let me = Sleeper::new();
        queue.attach(&me.waker);
        let mut owner = Owner::default();
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
    loom::model(|| {
        let queue = Arc::new(Queue::new());
        let me = Sleeper::new();
        queue.attach(&me.waker);
        let mut owner = Owner::default();
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
        let queue = Arc::new(Queue::new());
        let pushers = [10, 20].map(|first| {
            let queue = queue.clone();
            thread::spawn(move || {
                assert_eq!(queue.push(first), Ok(()));
                assert_eq!(queue.push(first + 1), Ok(()));
            })
        });
        let me = Sleeper::new();
        queue.attach(&me.waker);
        let received = Owner::default().receive(&queue, &me, 4);
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
    loom::model(|| {
        let queue = Arc::new(Queue::<u32>::new());
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
        let mut owner = Owner::default();
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
    loom::model(|| {
        let queue = Arc::new(Queue::new());
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
        let mut owner = Owner::default();
        let _ = owner.poll(&queue, &Context::from_waker(&me.waker));
        queue.close();
        let drained = queue.drain();
        let refused = pusher.join().expect("it pushed");
        assert_eq!(queue.len(), 0, "nothing gets in once it is closed");
        let everything: Vec<u32> = owner
            .local
            .into_iter()
            .chain(drained)
            .chain(refused)
            .collect();
        assert_eq!(everything, [1, 2]);
    });
}

/// What may become of a call.
#[derive(Debug, Clone, Copy)]
enum End {
    /// An answer, published at once.
    Answer,
    /// None: its handle is dropped.
    Nothing,
    /// An answer that is not published, as its callback fails afterwards.
    Retracted,
}

impl End {
    fn act(self, slot: Arc<Slot<u32>>, value: u32) {
        match self {
            Self::Answer => slot.store(value).publish(),
            Self::Nothing => Answer::none(slot).abandon(),
            Self::Retracted => slot.store(value).abandon(),
        }
    }

    fn seen(self, value: u32) -> Option<u32> {
        match self {
            Self::Answer => Some(value),
            Self::Nothing | Self::Retracted => None,
        }
    }
}

const ENDS: [End; 3] = [End::Answer, End::Nothing, End::Retracted];

// CAL-001
#[test]
fn every_end_of_a_call_reaches_a_caller_that_is_about_to_wait() {
    for end in ENDS {
        loom::model(move || {
            let me = Sleeper::new();
            let slot = Arc::new(Slot::new(&me.waker));
            let callee = thread::spawn({
                let slot = slot.clone();
                move || end.act(slot, 7)
            });
            assert_eq!(me.wait_for(|cx| slot.poll(cx)), end.seen(7));
            callee.join().expect("it answered");
        });
    }
}

// CAL-001
#[test]
fn every_end_of_a_call_wakes_the_waker_of_the_last_poll() {
    for end in ENDS {
        loom::model(move || {
            let slot = Arc::new(Slot::new(Waker::noop()));
            let callee = thread::spawn({
                let slot = slot.clone();
                move || end.act(slot, 7)
            });
            // The caller was moved to another task between its two polls.
            let me = Sleeper::new();
            let early = slot.poll(&Context::from_waker(Waker::noop()));
            let seen = match early {
                Poll::Ready(seen) => seen,
                Poll::Pending => me.wait_for(|cx| slot.poll(cx)),
            };
            assert_eq!(seen, end.seen(7));
            callee.join().expect("it answered");
        });
    }
}

// CAL-003
#[test]
fn a_late_answer_is_not_taken_for_the_next_calls() {
    for end in ENDS {
        model_of_three(move || {
            let me = Sleeper::new();
            let mut slot = Arc::new(Slot::new(&me.waker));
            let late = thread::spawn({
                let slot = slot.clone();
                move || end.act(slot, 1)
            });
            let _ = slot.poll(&Context::from_waker(&me.waker));
            // Given up. Used for the next call, unless the callee still holds it.
            if !slot.reuse() {
                slot = Arc::new(Slot::new(&me.waker));
            }
            let next = thread::spawn({
                let slot = slot.clone();
                move || slot.store(2).publish()
            });
            assert_eq!(me.wait_for(|cx| slot.poll(cx)), Some(2));
            late.join().expect("it answered");
            next.join().expect("it answered");
        });
    }
}

// CAL-010
#[test]
fn an_answer_to_a_caller_that_is_gone_does_no_harm() {
    for end in ENDS {
        loom::model(move || {
            let me = Sleeper::new();
            let slot = Arc::new(Slot::new(&me.waker));
            let callee = thread::spawn({
                let slot = slot.clone();
                move || end.act(slot, 1)
            });
            drop(slot);
            callee.join().expect("it answered");
        });
    }
}

// CAL-001, CAL-003
#[test]
fn a_slot_whose_answer_was_taken_without_a_lock_is_as_good_as_new() {
    loom::model(|| {
        let me = Sleeper::new();
        let mut slot = Arc::new(Slot::new(&me.waker));
        for value in [1, 2] {
            let callee = thread::spawn({
                let slot = slot.clone();
                move || slot.store(value).publish()
            });
            let seen = me.wait_for(|cx| match slot.take() {
                Some(answer) => Poll::Ready(Some(answer)),
                None => {
                    let polled = slot.poll(cx);
                    // Seen while the callee still held it: not to be used again.
                    if polled.is_ready() && !slot.reuse() {
                        slot = Arc::new(Slot::new(&me.waker));
                    }
                    polled
                }
            });
            assert_eq!(seen, Some(value));
            callee.join().expect("it answered");
        }
    });
}
