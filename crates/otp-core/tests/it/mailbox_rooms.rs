//! Mailboxes with a limit: that all that waits counts, and senders who wait for room.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{MailboxLimit, process, sys};
use tokio::sync::oneshot;
use tokio::task::yield_now;

use crate::clocks::{under_a_real_clock, under_each_clock};
use crate::support::{Event, Gate, Lab, Order, echo, in_process, lab, quiet, settle};

async fn alone<F>(body: impl FnOnce(Mailbox<u32>) -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    Node::new()
        .run_with(body)
        .await
        .expect("no assertion fails");
}

/// A server that is busy until what comes with it is dropped.
pub(crate) async fn busy(
    probe: &Probe<Event>,
    limit: MailboxLimit,
) -> (ServerRef<Lab>, oneshot::Sender<()>) {
    let options = Lab::options().mailbox_limit(limit);
    let server = options
        .start(lab(probe))
        .await
        .expect("its init cannot fail");
    let (open, gate): (_, Gate) = oneshot::channel();
    server.cast(Order::Hold(gate));
    while waiting(&server) > 0 {
        yield_now().await;
    }
    (server, open)
}

/// Messages that wait in the server's mailbox.
fn waiting(server: &ServerRef<Lab>) -> usize {
    let info = process::node().process_info(server.pid());
    info.expect("it lives").message_queue_len
}

#[test]
fn what_a_selective_receive_has_passed_over_counts() {
    under_each_clock(|| {
        alone(|_| async {
            let (all, heard) = oneshot::channel();
            let picky = process::spawn(|mut mailbox: Mailbox<u32>| async move {
                mailbox.set_limit(Some(MailboxLimit::refuse(3)));
                let mut all = Some(all);
                let wanted = |n: &u32| {
                    if *n == 2 {
                        all.take().map(|all| all.send(()));
                    }
                    *n == 9
                };
                mailbox.receive_match(wanted).await;
            });
            let sent = |n| picky.try_send(n);
            // The limit is set when the process runs.
            assert_eq!(sent(0), Ok(()));
            assert_eq!(sent(1), Ok(()));
            assert_eq!(sent(2), Ok(()));
            heard.await.expect("it has looked at them");
            for n in [9, 10, 11] {
                assert_eq!(sent(n), Err(n));
            }
            let info = process::node().process_info(picky.pid()).expect("it lives");
            assert_eq!((info.message_queue_len, info.messages_lost), (3, 3));
        })
    });
}

#[tokio::test(start_paused = true)]
async fn what_a_suspended_server_holds_counts() {
    in_process(async {
        let probe = Probe::new();
        let options = Lab::options().mailbox_limit(MailboxLimit::refuse(3));
        let server = options
            .start(lab(&probe))
            .await
            .expect("its init cannot fail");
        sys::suspend(&server).await.expect("it answers");
        for n in 0..10 {
            server.cast(Order::Note(n));
            settle().await;
        }
        assert_eq!(waiting(&server), 3);
        sys::resume(&server).await.expect("it answers");
        assert_eq!(server.call(echo(7)).await, Ok(7));
        let noted = [
            Event::Cast(0),
            Event::Cast(1),
            Event::Cast(2),
            Event::Call(7),
        ];
        assert_eq!(probe.drain()[1..], noted);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_cast_that_is_tried_is_given_back_by_a_full_mailbox_and_by_a_dead_server() {
    in_process(async {
        let (server, open) = busy(&Probe::new(), MailboxLimit::refuse(2)).await;
        assert!(server.try_cast(Order::Note(1)).is_ok());
        assert!(server.try_send(Order::Note(2)).is_ok());
        assert!(matches!(
            server.try_cast(Order::Note(3)),
            Err(Order::Note(3))
        ));
        assert!(matches!(
            server.try_send(Order::Note(4)),
            Err(Order::Note(4))
        ));
        drop(open);
        server.stop().await.expect("it lives");
        assert!(matches!(
            server.try_cast(Order::Note(5)),
            Err(Order::Note(5))
        ));
        let name = ServerName::<Lab>::new("nobody");
        assert!(matches!(name.try_cast(Order::Note(6)), Err(Order::Note(6))));
        assert!(matches!(
            name.cast_wait(Order::Note(7)).await,
            Err(Order::Note(7))
        ));
    })
    .await;
}

#[test]
fn a_slow_receiver_holds_up_senders_that_wait_and_nothing_is_lost() {
    under_each_clock(|| {
        alone(|mut mailbox| async move {
            mailbox.set_limit(Some(MailboxLimit::refuse(4)));
            let senders: Vec<_> = (0..3)
                .map(|first| {
                    let to = mailbox.me();
                    process::spawn(move |_: Mailbox<Never>| async move {
                        for n in 0..200 {
                            to.send_wait(3 * n + first).await.expect("it lives");
                        }
                    })
                })
                .collect();
            let mut last = [None; 3];
            for _ in 0..600 {
                assert!(mailbox.len() <= 4);
                let n = mailbox.receive().await;
                let of = (n % 3) as usize;
                assert!(last[of] < Some(n), "each sender's stay in order");
                last[of] = Some(n);
                yield_now().await;
            }
            for sender in senders {
                assert_eq!(sender.wait().await, ExitReason::Normal);
            }
            assert!(mailbox.is_empty());
        })
    });
}

/// Everything about who is next is visible on one thread.
#[tokio::test(start_paused = true)]
async fn those_who_wait_get_room_in_the_order_in_which_they_came_and_nobody_overtakes_them() {
    alone(|mut mailbox| async move {
        let me = mailbox.me();
        mailbox.set_limit(Some(MailboxLimit::refuse(1)));
        assert_eq!(me.try_send(0), Ok(()));
        for n in 1..=3 {
            let to = mailbox.me();
            process::spawn(move |_: Mailbox<Never>| async move {
                to.send_wait(n).await.expect("it lives");
            });
            yield_now().await;
        }
        for n in 0..=3 {
            assert_eq!(mailbox.receive().await, n);
            if n < 3 {
                assert_eq!(me.try_send(9), Err(9), "the room is the next one's");
            }
        }
        assert_eq!(me.try_send(4), Ok(()));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn room_comes_back_from_those_who_lose_interest() {
    alone(|mut mailbox| async move {
        let me = mailbox.me();
        mailbox.set_limit(Some(MailboxLimit::refuse(2)));
        let permit = me.reserve().await.expect("it lives");
        assert_eq!(me.try_send(1), Ok(()));
        assert_eq!(me.try_send(2), Err(2), "what is reserved counts");
        drop(permit);
        assert_eq!(me.try_send(2), Ok(()));

        // One that waits is dropped before it gets room, another one after.
        let mut early = Box::pin(me.reserve());
        let mut late = Box::pin(me.reserve());
        let mut last = Box::pin(me.reserve());
        for waits in [&mut early, &mut late, &mut last] {
            assert!(futures_now(waits).await.is_none());
        }
        drop(early);
        assert_eq!(mailbox.receive().await, 1);
        drop(late);
        let permit = futures_now(&mut last).await.expect("it is its turn");
        permit.expect("it lives").send(3).expect("it lives");
        assert_eq!(mailbox.receive().await, 2);
        assert_eq!(mailbox.receive().await, 3);
    })
    .await;
}

/// What a future has come to, polled once.
async fn futures_now<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|cx| {
        let polled = std::pin::Pin::new(&mut *future).poll(cx);
        std::task::Poll::Ready(match polled {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[test]
fn a_receiver_that_ends_ends_the_wait_for_room_and_the_message_comes_back() {
    under_each_clock(|| {
        alone(|_| async {
            let (full, is_full) = oneshot::channel();
            let receiver = process::spawn(|mailbox: Mailbox<u32>| async move {
                mailbox.set_limit(Some(MailboxLimit::refuse(1)));
                mailbox.me().send(0);
                let _ = full.send(());
                std::future::pending::<()>().await;
            });
            is_full.await.expect("it runs");
            let to = receiver.clone();
            let begun = Arc::new(AtomicUsize::new(0));
            let waits = begun.clone();
            let sender = process::spawn(move |_: Mailbox<Never>| async move {
                let mut reserving = Box::pin(to.reserve());
                assert!(futures_now(&mut reserving).await.is_none());
                waits.store(1, Ordering::Release);
                let reason = reserving.await.expect_err("there is no room");
                assert_eq!(reason, ExitReason::Killed);
                assert_eq!(to.send_wait(7).await, Err(7));
            });
            while begun.load(Ordering::Acquire) == 0 {
                yield_now().await;
            }
            process::exit(&receiver, ExitReason::Kill);
            assert_eq!(sender.wait().await, ExitReason::Normal);
        })
    });
}

#[test]
fn a_sender_that_the_link_ends_does_not_see_its_wait_fail() {
    under_a_real_clock(|| {
        alone(|_| async {
            let went_on = Arc::new(AtomicUsize::new(0));
            for _ in 0..200 {
                let receiver = process::spawn(|mailbox: Mailbox<u32>| async move {
                    mailbox.set_limit(Some(MailboxLimit::refuse(1)));
                    mailbox.me().send(0);
                    std::future::pending::<()>().await;
                });
                let (to, count) = (receiver.clone(), went_on.clone());
                let (linked, is_linked) = oneshot::channel();
                let sender = process::spawn(move |mailbox: Mailbox<Never>| async move {
                    mailbox.link(to.pid());
                    let _ = linked.send(());
                    while to.send_wait(1).await.is_ok() {}
                    count.fetch_add(1, Ordering::Relaxed);
                });
                is_linked.await.expect("it runs");
                process::exit(&receiver, ExitReason::Shutdown);
                assert_eq!(sender.wait().await, ExitReason::Shutdown);
            }
            assert_eq!(went_on.load(Ordering::Relaxed), 0);
        })
    });
}

#[tokio::test(start_paused = true)]
async fn a_server_keeps_room_for_what_was_reserved() {
    in_process(async {
        let probe = Probe::new();
        let (server, open) = busy(&probe, MailboxLimit::refuse(2)).await;
        let first = server.reserve().await.expect("it lives");
        let second = server.reserve().await.expect("it lives");
        assert!(server.try_cast(Order::Note(9)).is_err());
        second.send(Order::Note(1)).expect("it lives");
        first.cast(Order::Note(2)).expect("it lives");
        let third = {
            let server = server.clone();
            process::spawn(move |_: Mailbox<Never>| async move {
                server.cast_wait(Order::Note(3)).await.expect("it lives");
                server.send_wait(Order::Note(4)).await.expect("it lives");
            })
        };
        settle().await;
        assert_eq!(waiting(&server), 2);
        drop(open);
        assert_eq!(third.wait().await, ExitReason::Normal);
        assert_eq!(server.call(echo(5)).await, Ok(5));
        let heard = [
            Event::Message(1),
            Event::Cast(2),
            Event::Cast(3),
            Event::Message(4),
            Event::Call(5),
        ];
        assert_eq!(probe.drain()[1..], heard);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_there_is_always_room() {
    in_process(async {
        let server = Lab::start(quiet()).await.expect("its init cannot fail");
        for n in 0..1_000 {
            server.cast_wait(Order::Note(n)).await.expect("it lives");
        }
        let permit = server.reserve().await.expect("it lives");
        assert_eq!(server.stop().await, Ok(()));
        assert!(matches!(permit.cast(Order::Note(1)), Err(Order::Note(1))));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_raised_or_lifted_lets_those_in_who_wait() {
    alone(|mut mailbox| async move {
        mailbox.set_limit(Some(MailboxLimit::refuse(1)));
        mailbox.me().send(0);
        for n in 1..=3 {
            let to = mailbox.me();
            process::spawn(move |_: Mailbox<Never>| async move {
                to.send_wait(n).await.expect("it lives");
            });
        }
        let settled = async || tokio::time::sleep(Duration::from_millis(1)).await;
        settled().await;
        assert_eq!(mailbox.len(), 1);
        mailbox.set_limit(Some(MailboxLimit::refuse(2)));
        settled().await;
        assert_eq!(mailbox.len(), 2);
        mailbox.set_limit(None);
        settled().await;
        for n in 0..=3 {
            assert_eq!(mailbox.receive().await, n);
        }
    })
    .await;
}

/// A mailbox that was returned from its process.
#[test]
fn a_mailbox_that_has_left_its_process_answers_that_it_is_closed() {
    under_each_clock(|| async {
        crate::collector::keep_listening();
        let left = Node::new().run_with(|mailbox: Mailbox<u32>| async { mailbox });
        let mut mailbox = left.await.expect("it returns");
        assert!(mailbox.is_closed());
        let long = Duration::from_hours(1);
        assert_eq!(mailbox.receive().timeout(long).await, None);
        assert_eq!(mailbox.receive().timeout(Duration::ZERO).await, None);
        assert_eq!(mailbox.receive_match(|_| true).timeout(long).await, None);
        // A receive without a limit has nothing to answer with.
        let received = Node::new().run(async move { mailbox.receive().await });
        assert!(matches!(received.await, Err(ExitReason::Panic(_))));
    });
}

#[test]
fn a_receive_in_a_mailbox_that_has_left_its_process_ends_with_that() {
    under_each_clock(|| async {
        crate::collector::keep_listening();
        let node = Node::new();
        let (away, comes) = oneshot::channel();
        let owner = node.spawn(move |mailbox: Mailbox<u32>| async move {
            let _ = away.send(mailbox);
            std::future::pending::<()>().await;
        });
        let mut mailbox = comes.await.expect("it runs");
        owner.send(1);
        assert_eq!(
            mailbox.receive().await,
            1,
            "as long as it lives it receives"
        );
        let mut received = Box::pin(mailbox.receive().timeout(Duration::from_hours(1)));
        assert!(futures_now(&mut received).await.is_none());
        node.exit(owner.pid(), ExitReason::Kill);
        assert_eq!(received.await, None);
    });
}
