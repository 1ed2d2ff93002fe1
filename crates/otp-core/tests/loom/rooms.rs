//! A queue with a limit: senders that wait for room, and an owner that makes it, meet.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::thread;

use crate::process::limit::MailboxLimit;
use crate::process::queue::NotTaken;
use crate::process::room::Closed;
use crate::queues::{Owner, Row};
use crate::sleeper::Sleeper;
use crate::{model, model_of_three};

fn limited(messages: usize) -> Arc<Row> {
    let queue = Row::new();
    queue.limit(Some(MailboxLimit::refuse(messages)), &queue.taken);
    Arc::new(queue)
}

/// Sends when there is room.
fn send(queue: &Row, item: u32) -> Result<(), Closed> {
    let me = Sleeper::new();
    let mut ticket = None;
    let seat = me.wait_for(|cx| queue.poll_seat(cx, &queue.taken, &mut ticket))?;
    queue.push_seated(item, seat).map_err(|_| Closed)
}

/// Handles what the owner holds, one after the other, as an inbox does.
fn handle(owner: &mut Owner, queue: &Row) -> Vec<u32> {
    let mut handled = Vec::new();
    while let Some(item) = owner.local.pop_front() {
        handled.push(item);
        if queue.taken.change(owner.local.len()) {
            queue.grant(&queue.taken);
        }
    }
    handled
}

fn receive(queue: &Row, me: &Sleeper, many: usize) -> Vec<u32> {
    let mut owner = Owner::new();
    let mut received = Vec::new();
    while received.len() < many {
        me.wait_for(|cx| owner.poll(queue, cx));
        assert!(owner.local.len() <= 1, "more than the limit");
        received.extend(handle(&mut owner, queue));
    }
    received
}

#[test]
fn an_owner_that_makes_room_wakes_a_sender_that_is_about_to_wait() {
    model(|| {
        let queue = limited(1);
        assert_eq!(queue.push(1), Ok(()));
        let sender = thread::spawn({
            let queue = queue.clone();
            move || assert_eq!(send(&queue, 2), Ok(()))
        });
        let me = Sleeper::new();
        queue.attach(&me.waker);
        assert_eq!(receive(&queue, &me, 2), [1, 2]);
        sender.join().expect("it sent");
    });
}

/// The owner takes the only item and never looks again: the sender must be woken by that alone.
#[test]
fn room_is_given_when_an_item_is_handled_and_not_only_when_the_owner_looks_again() {
    model(|| {
        let queue = limited(1);
        assert_eq!(queue.push(1), Ok(()));
        let me = Sleeper::new();
        queue.attach(&me.waker);
        let mut owner = Owner::new();
        me.wait_for(|cx| owner.poll(&queue, cx));
        assert!(
            matches!(queue.push(9), Err(NotTaken::Full { .. })),
            "what is taken counts"
        );
        let sender = thread::spawn({
            let queue = queue.clone();
            move || assert_eq!(send(&queue, 2), Ok(()))
        });
        assert_eq!(handle(&mut owner, &queue), [1]);
        sender.join().expect("it sent");
    });
}

#[test]
fn two_senders_that_wait_both_get_room() {
    model_of_three(|| {
        let queue = limited(1);
        let senders = [1, 2].map(|item| {
            let queue = queue.clone();
            thread::spawn(move || assert_eq!(send(&queue, item), Ok(())))
        });
        let me = Sleeper::new();
        queue.attach(&me.waker);
        let mut received = receive(&queue, &me, 2);
        received.sort_unstable();
        assert_eq!(received, [1, 2]);
        for sender in senders {
            sender.join().expect("it sent");
        }
    });
}

#[test]
fn room_that_is_given_up_while_it_is_given_goes_to_the_next_one() {
    model(|| {
        let queue = limited(1);
        assert_eq!(queue.push(1), Ok(()));
        // One that waits and loses interest, in front of one that goes on waiting.
        let mut ticket = None;
        let cx = Context::from_waker(Waker::noop());
        assert!(queue.poll_seat(&cx, &queue.taken, &mut ticket).is_pending());
        let quitter = thread::spawn({
            let queue = queue.clone();
            move || queue.give_up(ticket.expect("it waits"), &queue.taken)
        });
        let owner = thread::spawn({
            let queue = queue.clone();
            move || {
                let mut owner = Owner::new();
                let cx = Context::from_waker(Waker::noop());
                assert!(owner.poll(&queue, &cx).is_ready());
                assert_eq!(handle(&mut owner, &queue), [1]);
            }
        });
        assert_eq!(send(&queue, 2), Ok(()));
        quitter.join().expect("it has given up");
        owner.join().expect("it has received");
        assert_eq!(
            queue.push(3).map_err(NotTaken::into_item),
            Err(3),
            "2 is there"
        );
    });
}

#[test]
fn a_close_ends_the_wait_for_room() {
    model(|| {
        let queue = limited(1);
        assert_eq!(queue.push(1), Ok(()));
        let sender = thread::spawn({
            let queue = queue.clone();
            move || assert_eq!(send(&queue, 2), Err(Closed))
        });
        queue.close();
        sender.join().expect("it was told");
    });
}

#[test]
fn a_limit_that_is_lifted_ends_the_wait_for_room() {
    model(|| {
        let queue = limited(1);
        assert_eq!(queue.push(1), Ok(()));
        let sender = thread::spawn({
            let queue = queue.clone();
            move || assert_eq!(send(&queue, 2), Ok(()))
        });
        queue.limit(None, &queue.taken);
        sender.join().expect("it sent");
        assert_eq!(queue.len(), 2);
    });
}
