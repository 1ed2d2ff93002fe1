//! What stands in a mailbox, and how it is received.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use otp_core::prelude::*;
use otp_core::test::Probe;

use crate::puppet::{Puppet, Seen, as_process};

// SIG-004
#[tokio::test(start_paused = true)]
async fn messages_are_received_in_the_order_of_their_arrival() {
    as_process(|mut mailbox: Mailbox<u32>| async move {
        for number in 0..1000 {
            mailbox.me().send(number);
        }
        for number in 0..1000 {
            assert_eq!(mailbox.receive().await, number);
        }
        assert!(mailbox.is_empty());
    })
    .await;
}

// SIG-004
#[tokio::test(start_paused = true)]
async fn a_selective_receive_leaves_the_others_in_place_and_in_order() {
    as_process(|mut mailbox: Mailbox<u32>| async move {
        let me = mailbox.me();
        for number in 1..=6 {
            me.send(number);
        }
        assert_eq!(mailbox.receive_match(|n| *n == 4).await, 4);
        assert_eq!(mailbox.receive_match(|n| n % 2 == 0).await, 2);
        me.send(7);
        assert_eq!(
            mailbox
                .receive_match(|n| *n > 7)
                .timeout(Duration::ZERO)
                .await,
            None
        );
        for number in [1, 3, 5, 6, 7] {
            assert_eq!(mailbox.receive().await, number);
        }
        assert!(mailbox.is_empty());
    })
    .await;
}

// SIG-004
#[tokio::test(start_paused = true)]
async fn a_selective_receive_waits_for_its_message_behind_others() {
    let node = Node::new();
    let probe = Probe::new();
    let report = probe.clone();
    let process = node.spawn(move |mut mailbox: Mailbox<u32>| async move {
        report.report(mailbox.receive_match(|n| *n == 9).await);
        report.report(mailbox.receive().await);
    });
    process.send(1);
    tokio::task::yield_now().await;
    process.send(9);
    assert_eq!((probe.next().await, probe.next().await), (9, 1));
}

// SIG-004
#[tokio::test(start_paused = true)]
async fn a_receive_without_patience_takes_everything_that_is_there() {
    as_process(|mut mailbox: Mailbox<u32>| async move {
        for number in 0..5000 {
            mailbox.me().send(number);
        }
        for number in 0..5000 {
            assert_eq!(
                mailbox.receive().timeout(Duration::ZERO).await,
                Some(number)
            );
        }
        assert_eq!(mailbox.receive().timeout(Duration::ZERO).await, None);
    })
    .await;
}

// SIG-004
#[tokio::test(start_paused = true)]
async fn a_receive_with_a_limit_waits_that_long_and_no_longer() {
    as_process(|mut mailbox: Mailbox<u32>| async move {
        let started = tokio::time::Instant::now();
        assert_eq!(
            mailbox.receive().timeout(Duration::from_millis(50)).await,
            None
        );
        assert_eq!(started.elapsed(), Duration::from_millis(50));
        otp_core::timer::send_after(mailbox.me(), Duration::from_millis(30), 7);
        assert_eq!(
            mailbox.receive().timeout(Duration::from_millis(50)).await,
            Some(7)
        );
        assert_eq!(started.elapsed(), Duration::from_millis(80));
    })
    .await;
}

// SIG-005
#[tokio::test(start_paused = true)]
async fn messages_that_a_process_leaves_behind_are_lost_with_it() {
    struct Tracked(u32, Probe<u32>);
    impl Drop for Tracked {
        fn drop(&mut self) {
            self.1.report(self.0);
        }
    }

    let node = Node::new();
    let probe = Probe::new();
    let process = node.spawn(|mut mailbox: Mailbox<Tracked>| async move {
        drop(mailbox.receive().await);
        ExitReason::Normal
    });
    for number in 0..5 {
        process.send(Tracked(number, probe.clone()));
    }
    assert_eq!(process.wait().await, ExitReason::Normal);
    let lost: HashSet<u32> = probe.drain().into_iter().collect();
    assert_eq!(lost, (0..5).collect());
}

// SIG-006
#[tokio::test(start_paused = true)]
async fn a_message_to_oneself_comes_after_those_already_queued() {
    let node = Node::new();
    let puppet = Puppet::new(&node);
    let itself = puppet.clone();
    puppet.will(move |_| itself.hears("own"));
    puppet.hears("first");
    puppet.hears("second");
    // The first of two round trips lets it send, the second sees what came of it.
    let mut seen = puppet.seen().await;
    seen.extend(puppet.seen().await);
    assert_eq!(seen, ["first", "second", "own"].map(Seen::Word));
}

/// Answers its calls when told to.
#[derive(Default)]
struct Clerk(Vec<ReplyTo<u32>>);

enum Ask {
    Ticket(ReplyTo<u32>),
    Waiting(ReplyTo<usize>),
}

#[gen_server]
impl GenServer for Clerk {
    type Call = Ask;
    type Cast = u32;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self::default()))
    }

    async fn handle_call(&mut self, call: Ask, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Ask::Ticket(from) => {
                self.0.push(from);
                Reply::later()
            }
            Ask::Waiting(from) => from.reply(self.0.len()),
        }
    }

    async fn handle_cast(&mut self, answer: u32, _: &mut Context<Self>) -> Next<Self> {
        if !self.0.is_empty() {
            self.0.remove(0).send(answer);
        }
        Next::NoReply
    }
}

// SIG-009: the reply address of a request is OTP's reply alias.
#[tokio::test(start_paused = true)]
async fn an_answer_to_a_request_that_was_given_up_never_shows() {
    as_process(|mailbox: Mailbox<u32>| async move {
        let clerk = Clerk::start(()).await.expect("it starts");
        let given_up = clerk.send_request(Ask::Ticket);
        assert_eq!(clerk.call(Ask::Waiting).await, Ok(1));
        drop(given_up);
        let kept = clerk.send_request(Ask::Ticket);
        clerk.cast(1);
        clerk.cast(2);
        assert_eq!(kept.await, Ok(2));
        assert!(mailbox.is_empty());
    })
    .await;
}

// SIG-009
#[tokio::test(start_paused = true)]
async fn an_answer_that_has_arrived_stays_until_it_is_collected() {
    as_process(|mailbox: Mailbox<u32>| async move {
        let clerk = Clerk::start(()).await.expect("it starts");
        let request = clerk.send_request(Ask::Ticket);
        clerk.cast(7);
        assert_eq!(clerk.call(Ask::Waiting).await, Ok(0));
        clerk.stop().await.expect("it stops");
        assert_eq!(request.await, Ok(7));
        assert!(mailbox.is_empty());
    })
    .await;
}

// SIG-010
#[tokio::test(start_paused = true)]
async fn a_mailbox_takes_any_number_of_messages() {
    as_process(|mut mailbox: Mailbox<u32>| async move {
        const MANY: u32 = 1_000_000;
        let me = mailbox.me();
        for number in 0..MANY {
            assert_eq!(me.try_send(number), Ok(()));
        }
        assert_eq!(mailbox.len(), MANY as usize);
        assert_eq!(mailbox.receive().await, 0);
        assert_eq!(mailbox.receive_match(|n| *n == 3).await, 3);
        assert_eq!(mailbox.len(), MANY as usize - 2);
    })
    .await;
}

// SIG-010
#[tokio::test]
async fn a_call_does_not_look_through_the_callers_mailbox() {
    as_process(|mut mailbox: Mailbox<u32>| async move {
        let clerk = Clerk::start(()).await.expect("it starts");
        let empty = quickest(&clerk).await;
        for number in 0..500_000 {
            mailbox.me().send(number);
        }
        // Some stand in the process's own half of the mailbox, some in the shared one.
        mailbox.receive_match(|n| *n == 499_999).await;
        mailbox.me().send(0);
        let full = quickest(&clerk).await;
        // A scan of half a million messages takes a thousand times as long as a call.
        assert!(
            full < empty * 20,
            "{full:?} with messages queued, {empty:?} without"
        );
        assert_eq!(mailbox.len(), 500_000);
    })
    .await;
}

/// The time of a call, the best of many, as the machine may be busy with other things.
async fn quickest(clerk: &ServerRef<Clerk>) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..200 {
        let started = Instant::now();
        assert_eq!(clerk.call(Ask::Waiting).await, Ok(0));
        best = best.min(started.elapsed());
    }
    best
}
