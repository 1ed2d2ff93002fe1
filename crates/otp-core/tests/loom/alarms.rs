//! The clock moves while a process begins to wait with a limit, is woken for other reasons, or gets its answer.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use loom::thread;

use crate::exit::ExitReason;
use crate::node::Node;
use crate::process::clock::{self, Instant};
use crate::process::current;
use crate::process::slot::Slot;
use crate::stage::Actor;
use crate::{model, model_of_three};

const SECOND: Duration = Duration::from_secs(1);

/// Waits for an answer for as long as the process's alarm has been told: true if it comes in time.
fn answered(slot: Arc<Slot<u32>>, deadline: Instant) -> impl Future<Output = bool> {
    poll_fn(move |cx| match slot.poll(cx) {
        Poll::Ready(answer) => Poll::Ready(answer.is_some()),
        Poll::Pending if clock::is_over(deadline) => Poll::Ready(false),
        Poll::Pending => {
            current::wake_at(deadline);
            Poll::Pending
        }
    })
}

fn unanswered() -> Arc<Slot<u32>> {
    Arc::new(Slot::new(Waker::noop()))
}

// CAL-002
#[test]
fn a_call_that_begins_as_its_time_ends_is_woken() {
    model(|| {
        let node = Node::new();
        let caller = Actor::new(&node);
        let deadline = Instant::now() + SECOND;
        let life = caller.lives(async move {
            assert!(!answered(unanswered(), deadline).await);
        });
        clock::advance(deadline);
        life.join().expect("it has ended");
        clock::stop();
        caller.assert_forgotten();
    });
}

// CAL-002
#[test]
fn of_two_calls_of_a_process_each_is_woken() {
    model(|| {
        let node = Node::new();
        let caller = Actor::new(&node);
        let early = Instant::now() + SECOND;
        let late = early + SECOND;
        let life = caller.lives(async move {
            // The later one has the alarm first, and goes on when the earlier one is over.
            let mut calls = [
                (Box::pin(answered(unanswered(), late)), false),
                (Box::pin(answered(unanswered(), early)), false),
            ];
            poll_fn(|cx| {
                for (call, over) in &mut calls {
                    *over = *over || call.as_mut().poll(cx).is_ready();
                }
                match calls.iter().all(|(_, over)| *over) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                }
            })
            .await;
        });
        clock::advance(early);
        clock::advance(late);
        life.join().expect("it has ended");
        clock::stop();
        caller.assert_forgotten();
    });
}

// CAL-002
#[test]
fn an_answer_and_the_end_of_the_time_come_together() {
    model_of_three(|| {
        let node = Node::new();
        let caller = Actor::new(&node);
        let deadline = Instant::now() + SECOND;
        let slot = unanswered();
        let callee = thread::spawn({
            let slot = slot.clone();
            move || slot.store(7).publish()
        });
        let life = caller.lives(async move {
            if answered(slot, deadline).await {
                // The alarm is the next call's now.
                assert!(!answered(unanswered(), deadline).await);
            }
        });
        clock::advance(deadline);
        callee.join().expect("it has answered");
        life.join().expect("it has ended");
        clock::stop();
        caller.assert_forgotten();
    });
}

// CAL-002
#[test]
fn a_process_that_is_woken_for_another_reason_keeps_its_limit() {
    model_of_three(|| {
        let node = Node::new();
        let caller = Actor::new(&node);
        let deadline = Instant::now() + SECOND;
        let life = caller.lives(async move {
            let call = answered(unanswered(), deadline);
            assert!(!call.await);
            ExitReason::Normal
        });
        let sender = thread::spawn({
            let caller = caller.clone();
            move || caller.send(1)
        });
        clock::advance(deadline);
        let _taken = sender.join().expect("it has sent it");
        life.join().expect("it has ended");
        clock::stop();
    });
}
