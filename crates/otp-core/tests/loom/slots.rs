//! Where an answer goes: the callee and a caller, who may have given up, meet.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::thread;

use crate::process::slot::{Answer, Slot};
use crate::sleeper::Sleeper;
use crate::{model, model_of_three};

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
        model(move || {
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
        model(move || {
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
        model(move || {
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
    model(|| {
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
                    // Seen while the callee still held it.
                    if polled.is_ready() {
                        slot.start_over();
                    }
                    polled
                }
            });
            assert_eq!(seen, Some(value));
            callee.join().expect("it answered");
        }
    });
}

// CAL-001, CAL-003
#[test]
fn a_slot_is_as_good_as_new_while_the_callee_of_the_last_call_holds_it() {
    for end in ENDS {
        model_of_three(move || {
            let me = Sleeper::new();
            // Both calls are waited for with another waker than the slot's, which both callees look for.
            let slot = Arc::new(Slot::new(Waker::noop()));
            let first = thread::spawn({
                let slot = slot.clone();
                move || end.act(slot, 1)
            });
            assert_eq!(me.wait_for(|cx| slot.poll(cx)), end.seen(1));
            slot.start_over();
            let second = thread::spawn({
                let slot = slot.clone();
                move || slot.store(2).publish()
            });
            assert_eq!(me.wait_for(|cx| slot.poll(cx)), Some(2));
            first.join().expect("it answered");
            second.join().expect("it answered");
        });
    }
}
