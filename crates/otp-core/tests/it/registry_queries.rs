//! Looking at many entries of a registry: dispatch, matching, selecting, partitions.

use std::collections::HashSet;

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{ProcessRef, Registry, process};

use crate::puppet::Puppet;
use crate::support::{in_process, settle, with_mailbox};

/// Six puppets that have each registered themselves under "q", with their number.
async fn six<M: 'static>(registry: &Registry<&'static str, u32, M>) -> Vec<Puppet> {
    let mut puppets = Vec::new();
    for n in 0..6 {
        let (puppet, there) = (Puppet::new(&process::node()), registry.clone());
        let done = puppet.does(move |_| there.register("q", n)).await;
        assert_eq!(done, Ok(()));
        puppets.push(puppet);
    }
    puppets
}

// REG-009, S84
#[tokio::test(start_paused = true)]
async fn dispatch_hands_the_entries_to_a_function_in_the_caller() {
    with_mailbox(|mailbox| async move {
        let topics = Registry::<&str, ProcessRef<&str>>::duplicate("topics");
        topics.start_link().await.unwrap();
        let heard = Probe::new();
        for _ in 0..2 {
            let (there, report) = (topics.clone(), heard.clone());
            process::spawn(move |mut mailbox: Mailbox<&str>| async move {
                there.register("news", mailbox.me()).unwrap();
                report.report((mailbox.pid(), mailbox.receive().await));
            });
        }
        settle().await;
        let mut calls = 0;
        topics.dispatch("news", |entries| {
            assert_eq!(process::current(), mailbox.pid());
            calls += 1;
            for (pid, subscriber) in entries {
                assert_eq!(pid, subscriber.pid());
                subscriber.send("hello");
            }
        });
        settle().await;
        assert_eq!((calls, heard.drain().len()), (1, 2));
        topics.dispatch("news", |_| panic!("they have gone"));
        topics.dispatch("nothing", |_| panic!("there is nothing"));

        let keys = Registry::<&str, u32>::unique("keys");
        keys.start_link().await.unwrap();
        keys.register("one", 1).unwrap();
        keys.dispatch("one", |entries| {
            calls += 1;
            assert_eq!(entries, [(mailbox.pid(), &1)]);
        });
        assert_eq!(calls, 2);
    })
    .await;
}

// REG-009, REG-011
#[tokio::test(start_paused = true)]
async fn dispatch_is_called_once_for_each_partition() {
    in_process(async {
        let topics = Registry::<&str, u32>::options("topics")
            .partitions(3)
            .duplicate();
        topics.start_link().await.unwrap();
        let _puppets = six(&topics).await;
        let mut calls = Vec::new();
        let copied = |(pid, value): (_, &u32)| (pid, *value);
        topics.dispatch("q", |entries| {
            calls.push(Vec::from_iter(entries.into_iter().map(copied)));
        });
        assert_eq!(calls.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 2]);
        assert_eq!(calls.concat(), topics.lookup("q"));

        let (told, me) = (Probe::new(), process::current());
        let report = told.clone();
        topics
            .dispatch_parallel("q", move |entries| {
                report.report((process::current() == me, entries.len()));
            })
            .await;
        assert_eq!(
            told.drain(),
            [(false, 2), (false, 2), (false, 2)],
            "and it has waited"
        );
        topics
            .dispatch_parallel("nothing", |_| panic!("there is nothing"))
            .await;
    })
    .await;
}

// REG-009: as a task that is awaited, it is linked.
#[tokio::test(start_paused = true)]
async fn a_parallel_dispatch_that_fails_takes_its_caller_along() {
    let topics = Registry::<&str, u32>::duplicate("topics");
    let ended = Node::new().run(async move {
        topics.start_link().await.unwrap();
        topics.register("q", 1).unwrap();
        topics
            .dispatch_parallel("q", |_| panic!("in the middle"))
            .await;
    });
    assert!(matches!(ended.await, Err(ExitReason::Panic(_))));
}

// REG-010
#[tokio::test(start_paused = true)]
async fn entries_are_picked_by_their_values() {
    with_mailbox(|mailbox| async move {
        let topics = Registry::<&str, u32>::duplicate("topics");
        topics.start_link().await.unwrap();
        let puppets = six(&topics).await;
        for value in [1, 2, 3, 2] {
            topics.register("q", value).unwrap();
        }
        let (me, second) = (mailbox.pid(), puppets[2].pid());
        let twos = topics.matching("q", |value| *value == 2);
        assert_eq!(twos, [(second, 2), (me, 2), (me, 2)]);
        assert_eq!(topics.count_matching("q", |value| *value > 2), 4);
        assert_eq!(topics.count_matching("other", |_| true), 0);
        // Only entries of the process itself go.
        topics.unregister_matching("q", |value| *value != 3);
        assert_eq!(topics.values("q", me), [3]);
        assert_eq!(topics.lookup("q").len(), 7);
        assert_eq!(topics.keys(me), ["q"]);
        topics.unregister_matching("q", |_| true);
        assert_eq!(topics.keys(me), [""; 0]);
        assert_eq!(topics.count(), 6);
    })
    .await;
}

// REG-010
#[tokio::test(start_paused = true)]
async fn entries_are_selected_by_key_owner_and_value() {
    with_mailbox(|mailbox| async move {
        let keys = Registry::<i64, &str>::unique("keys");
        keys.start_link().await.unwrap();
        for (key, value) in [(1, "one"), (2, "two"), (3, "three")] {
            keys.register(key, value).unwrap();
        }
        let me = mailbox.pid();
        let mut odd = keys.select(|key, pid, value| {
            assert_eq!(pid, me);
            (key % 2 == 1).then_some((*key, *value))
        });
        odd.sort_unstable();
        assert_eq!(odd, [(1, "one"), (3, "three")]);
        let long = |key: &i64, pid, value: &&str| *key > 1 && pid == me && value.len() > 3;
        assert_eq!(keys.count_select(long), 1);
        // What picks them may use the registry.
        let there = keys.clone();
        let again = keys.count_select(move |key, _, _| there.lookup(key).len() == 1);
        assert_eq!(again, 3);
    })
    .await;
}

// REG-011
#[tokio::test(start_paused = true)]
async fn partitions_show_nowhere_else() {
    with_mailbox(|mailbox| async move {
        for partitions in [0, 1, 2, 7] {
            let keys = Registry::<u32, u32>::options("keys")
                .partitions(partitions)
                .unique();
            keys.start_link().await.unwrap();
            for key in 0..100 {
                keys.register(key, key * 2).unwrap();
            }
            assert_eq!(keys.count(), 100);
            for key in 0..100 {
                assert!(keys.register(key, 0).is_err());
                assert_eq!(keys.lookup(&key), [(mailbox.pid(), key * 2)]);
                let all: HashSet<u32> = keys.keys(mailbox.pid()).into_iter().collect();
                assert_eq!(all.len(), 100 - key as usize);
                keys.unregister(key);
            }
            assert!(keys.is_empty());
            keys.stop().await.unwrap();
        }
    })
    .await;
}
