//! Topics whose messages, metadata, adapters, dispatchers and mapping functions are bad.

use std::mem::{ManuallyDrop, forget};
use std::sync::Arc;

use otp_core::prelude::*;
use otp_core::pub_sub::{Adapter, Dispatcher, Forwarded, Slow, Subscriber};
use otp_core::{PubSub, Recipient, process};

use crate::bad::{Bad, apart, arm, disarm, good, play, settle};

struct Carrier(Bad);

impl Adapter<Bad> for Carrier {
    fn forward(&self, _: Option<&str>, forwarded: Forwarded<'_, Bad>) {
        assert!(forwarded.message.0 != 5, "not carried");
        forget(self.0.clone());
        forget(forwarded.message.clone());
    }
}

impl Dispatcher<Bad, Bad> for Carrier {
    fn name(&self) -> &str {
        match self.0.0 {
            0 => panic!("no name"),
            1 => "one",
            _ => "two",
        }
    }

    fn dispatch(&self, to: &[Arc<Subscriber<Bad, Bad>>], _: Option<Pid>, message: Bad) {
        let message = ManuallyDrop::new(message);
        for subscriber in to {
            if *subscriber.metadata() == *message {
                subscriber.send(Bad::clone(&message));
            }
        }
    }
}

type Topics = PubSub<Bad, Bad>;

/// A process that takes what it gets and keeps it.
fn ear() -> ProcessRef<Bad> {
    process::spawn(|mut mailbox: Mailbox<Bad>| async move {
        loop {
            forget(mailbox.receive().await);
        }
    })
}

async fn full() -> (Topics, Vec<ProcessRef<Bad>>) {
    good(async {
        let options = Topics::options("topics").slow(Slow::Unsubscribe(20));
        let options = options.partitions(2).adapter(Carrier(Bad(3)));
        let options = options
            .dispatcher(Carrier(Bad(1)))
            .dispatcher(Carrier(Bad(2)));
        let topics = options.build();
        topics.start().await.expect("the name is free");
        let ears: Vec<_> = (0..4).map(|_| ear()).collect();
        for (n, ear) in (0..).zip(&ears) {
            assert_eq!(topics.subscribe_with("news", ear, Bad(n)), Ok(()));
            let held = Bad(n);
            let mapped = Recipient::from(ear).map(move |message: Bad| {
                forget(message);
                assert!(held.number() < 2, "not understood");
                Bad(held.number())
            });
            assert_eq!(topics.subscribe_with("news", mapped, Bad(n)), Ok(()));
        }
        (topics, ears)
    })
    .await
}

#[test]
fn messages_are_broadcast() {
    play(|| async {
        let (topics, ears) = full().await;
        let from = ears[0].pid();
        arm();
        for message in [1, 5, 6] {
            let all = topics.clone();
            apart(move || forget(all.broadcast("news", Bad(message)))).await;
            let all = topics.clone();
            apart(move || forget(all.broadcast_from(from, "news", Bad(message)))).await;
            let all = topics.clone();
            apart(move || forget(all.local_broadcast("news", Bad(message)))).await;
            for name in ["one", "nobody", otp_core::pub_sub::DEFAULT_DISPATCHER] {
                let all = topics.clone();
                apart(move || forget(all.deliver("news", Bad(message), name))).await;
            }
            for n in 0..2 {
                let all = topics.clone();
                apart(move || {
                    let dispatcher = ManuallyDrop::new(Carrier(Bad(n)));
                    forget(all.broadcast_by(&*dispatcher, "news", Bad(message)));
                })
                .await;
            }
        }
        settle().await;
        // None of them has ended by what was broadcast to it.
        assert!(ears.iter().all(ProcessRef::is_alive));
        assert!(topics.is_alive());
        disarm();
    });
}

#[test]
fn subscriptions_come_and_go_with_their_processes() {
    play(|| async {
        let (topics, ears) = full().await;
        arm();
        let all = topics.clone();
        let late = ears[1].clone();
        apart(move || forget(all.subscribe_with("late", &late, Bad(1)))).await;
        let (all, pid) = (topics.clone(), ears[1].pid());
        apart(move || all.unsubscribe("news", pid)).await;
        process::exit(&ears[2], ExitReason::Kill);
        settle().await;
        let (all, dead) = (topics.clone(), ears[2].clone());
        apart(move || forget(all.subscribe_with("late", &dead, Bad(1)))).await;
        assert!(topics.is_alive());
        assert_eq!(topics.stop().await, Ok(()));
        let all = topics.clone();
        let late = ears[3].clone();
        apart(move || forget(all.subscribe_with("late", &late, Bad(1)))).await;
        drop(topics);
        settle().await;
        disarm();
    });
}

#[test]
fn options_are_dropped_with_all_that_was_given() {
    play(|| async {
        arm();
        apart(|| {
            let options = Topics::options("topics").adapter(Carrier(Bad(1)));
            let options = options.adapter(Carrier(Bad(2))).dispatcher(Carrier(Bad(1)));
            let options = options
                .dispatcher(Carrier(Bad(1)))
                .dispatcher(Carrier(Bad(2)));
            let _fails = options.dispatcher(Carrier(Bad(0)));
        })
        .await;
    });
}
