//! Slow subscribers, many parts, other nodes.

use std::sync::Arc;

use otp_core::prelude::*;
use otp_core::pub_sub::{Adapter, DEFAULT_DISPATCHER, Dispatcher, Forwarded, Slow, Subscriber};
use otp_core::test::Probe;
use otp_core::{Mailbox, Node, PubSub, process};

use crate::pub_sub::{ear, heard};

fn text(text: &str) -> String {
    text.to_owned()
}

/// A subscriber that takes nothing.
fn stuck() -> ProcessRef<String> {
    process::spawn(|mailbox: Mailbox<String>| async move {
        std::future::pending::<()>().await;
        drop(mailbox);
    })
}

fn waiting(process: &ProcessRef<String>) -> Option<usize> {
    let info = process::node().process_info(process.pid())?;
    Some(info.message_queue_len)
}

async fn with(slow: Slow) -> PubSub<String> {
    let topics = PubSub::options("topics").slow(slow).build();
    topics.start_link().await.expect("the name is free");
    topics
}

#[otp_core::test]
async fn without_a_policy_messages_queue_up() {
    let topics = with(Slow::Queue).await;
    let slow = stuck();
    assert_eq!(topics.subscribe("news", &slow), Ok(()));
    for _ in 0..100 {
        assert_eq!(topics.broadcast("news", text("m")), Ok(()));
    }
    assert_eq!((waiting(&slow), topics.passed_over()), (Some(100), 0));
}

#[otp_core::test]
async fn a_slow_subscriber_is_skipped_and_others_are_not() {
    let probe = Probe::new();
    let topics = with(Slow::Skip(3)).await;
    let (slow, quick) = (stuck(), ear("quick", &probe));
    assert_eq!(topics.subscribe("news", &slow), Ok(()));
    assert_eq!(topics.subscribe("news", &quick), Ok(()));
    for n in 0..5 {
        assert_eq!(topics.broadcast("news", n.to_string()), Ok(()));
        assert_eq!(heard(&probe).await, [format!("quick got {n}")]);
    }
    assert_eq!((waiting(&slow), topics.passed_over()), (Some(3), 2));
}

#[otp_core::test]
async fn a_slow_subscriber_is_unsubscribed() {
    let topics = with(Slow::Unsubscribe(2)).await;
    let slow = stuck();
    assert_eq!(topics.subscribe("news", &slow), Ok(()));
    assert_eq!(topics.subscribe("other", &slow), Ok(()));
    for _ in 0..5 {
        assert_eq!(topics.broadcast("news", text("m")), Ok(()));
    }
    assert_eq!((waiting(&slow), topics.passed_over()), (Some(2), 1));
    assert_eq!(topics.subscribers("news"), []);
    assert_eq!(
        topics.subscribers("other"),
        [slow.pid()],
        "of this topic only"
    );
}

#[otp_core::test]
async fn a_slow_subscriber_is_ended() {
    let topics = with(Slow::End(1)).await;
    let slow = stuck();
    assert_eq!(topics.subscribe("news", &slow), Ok(()));
    for _ in 0..2 {
        assert_eq!(topics.broadcast("news", text("m")), Ok(()));
    }
    assert_eq!(slow.wait().await, ExitReason::Shutdown);
}

#[otp_core::test]
async fn many_parts_reach_all() {
    let probe = Probe::new();
    let topics = PubSub::options("topics").partitions(4).build();
    topics.start_link().await.expect("the name is free");
    let ears: Vec<_> = (0..20).map(|_| ear("x", &probe)).collect();
    for ear in &ears {
        assert_eq!(topics.subscribe("news", ear), Ok(()));
    }
    assert_eq!(topics.broadcast("news", text("m")), Ok(()));
    assert_eq!(heard(&probe).await, vec![text("x got m"); 20]);
    assert_eq!(topics.broadcast_from(&ears[0], "news", text("n")), Ok(()));
    assert_eq!(heard(&probe).await, vec![text("x got n"); 19]);
}

/// The other nodes, in the same program.
struct Wire(Vec<(&'static str, PubSub<String>)>, Probe<String>);

impl Adapter<String> for Wire {
    fn forward(&self, node: Option<&str>, forwarded: Forwarded<'_, String>) {
        let Forwarded {
            topic,
            message,
            dispatcher,
        } = forwarded;
        self.1
            .report(format!("to {node:?} by {dispatcher}: {message}"));
        let there = self
            .0
            .iter()
            .filter(|(name, _)| node.is_none_or(|node| node == *name));
        for (_, there) in there {
            let delivered = there.deliver(topic, message.clone(), dispatcher);
            delivered.expect("it runs there");
        }
    }
}

/// Turns messages into capitals.
struct Loud;

impl Dispatcher<String, ()> for Loud {
    fn name(&self) -> &'static str {
        "loud"
    }

    fn dispatch(&self, to: &[Arc<Subscriber<String, ()>>], _: Option<Pid>, message: String) {
        to.iter().for_each(|it| it.send(message.to_uppercase()));
    }
}

/// Another node with one subscriber to `news`.
async fn there(name: &'static str, probe: &Probe<String>, known: bool) -> (Node, PubSub<String>) {
    let (node, probe) = (Node::new(), probe.clone());
    let topics = PubSub::options("topics");
    let topics = match known {
        true => topics.dispatcher(Loud),
        false => topics,
    };
    let topics = topics.build();
    let remote = topics.clone();
    let started = node.run(async move {
        remote.start().await.expect("the name is free");
        let ear = ear(name, &probe);
        remote.subscribe("news", &ear).expect("it runs");
    });
    started.await.expect("it starts");
    (node, topics)
}

/// Another node, which notes how much has come to a subscriber of this one.
struct Before(ProcessRef<String>, Probe<Option<usize>>);

impl Adapter<String> for Before {
    fn forward(&self, _: Option<&str>, _: Forwarded<'_, String>) {
        self.1.report(waiting(&self.0));
    }
}

// PBS-005
#[otp_core::test]
async fn other_nodes_are_sent_to_before_any_subscriber_of_this_one() {
    let (here, sent) = (stuck(), Probe::new());
    let topics = PubSub::options("topics")
        .adapter(Before(here.clone(), sent.clone()))
        .build();
    topics.start_link().await.expect("the name is free");
    assert_eq!(topics.subscribe("news", &here), Ok(()));
    assert_eq!(topics.broadcast("news", text("m1")), Ok(()));
    assert_eq!(topics.broadcast_by(&Loud, "news", text("m2")), Ok(()));
    assert_eq!(
        (sent.drain(), waiting(&here)),
        (vec![Some(0), Some(1)], Some(2))
    );
}

// PBS-005, PBS-008, PBS-010
#[otp_core::test]
async fn other_nodes_are_sent_to_first_and_deliver_to_all_of_theirs() {
    let (probe, sent) = (Probe::new(), Probe::new());
    let (b, b_topics) = there("b", &probe, true).await;
    let (c, c_topics) = there("c", &probe, false).await;
    let nodes = vec![("b", b_topics.clone()), ("c", c_topics.clone())];
    let topics = PubSub::options("topics")
        .adapter(Wire(nodes, sent.clone()))
        .build();
    topics.start_link().await.expect("the name is free");
    let a = ear("a", &probe);
    assert_eq!(topics.subscribe("news", &a), Ok(()));

    assert_eq!(topics.broadcast_from(&a, "news", text("m1")), Ok(()));
    assert_eq!(
        heard(&probe).await,
        ["b got m1", "c got m1"],
        "who is left out is so on its node"
    );
    assert_eq!(
        sent.drain(),
        [format!("to None by {DEFAULT_DISPATCHER}: m1")]
    );

    assert_eq!(topics.local_broadcast("news", text("m2")), Ok(()));
    assert_eq!(topics.local_broadcast_from(&a, "news", text("m2")), Ok(()));
    assert_eq!(heard(&probe).await, ["a got m2"]);
    assert_eq!(sent.drain(), [] as [&str; 0], "these never leave the node");

    assert_eq!(topics.direct_broadcast("c", "news", &text("m3")), Ok(()));
    assert_eq!(heard(&probe).await, ["c got m3"]);
    assert_eq!(
        sent.drain(),
        [format!("to Some(\"c\") by {DEFAULT_DISPATCHER}: m3")]
    );

    assert_eq!(topics.broadcast_by(&Loud, "news", text("m4")), Ok(()));
    assert_eq!(heard(&probe).await, ["a got M4", "b got M4"]);
    assert_eq!(
        (
            b_topics.unknown_dispatchers(),
            c_topics.unknown_dispatchers()
        ),
        (0, 1)
    );
    let others = topics.broadcast_from_by(&a, &Loud, "news", text("m4"));
    assert_eq!(others, Ok(()));
    assert_eq!(sent.drain()[1], "to None by loud: m4");
    assert_eq!(c_topics.unknown_dispatchers(), 2);
    let _ = heard(&probe).await;
    assert_eq!(topics.broadcast("news", text("m5")), Ok(()));
    assert_eq!(
        heard(&probe).await,
        ["a got m5", "b got m5", "c got m5"],
        "c is as before"
    );
    drop((b, c));
}

/// A dispatcher that fails, after the other nodes have been sent to.
struct Fails;

impl Dispatcher<String, ()> for Fails {
    fn name(&self) -> &'static str {
        "loud"
    }

    fn dispatch(&self, _: &[Arc<Subscriber<String, ()>>], _: Option<Pid>, _: String) {
        panic!("it fails");
    }
}

// PBS-005, PBS-006
#[otp_core::test]
async fn the_others_have_been_sent_to_when_a_dispatcher_fails() {
    let (probe, sent) = (Probe::new(), Probe::new());
    let (b, b_topics) = there("b", &probe, true).await;
    let topics = PubSub::options("topics")
        .adapter(Wire(vec![("b", b_topics)], sent))
        .build();
    topics.start_link().await.expect("the name is free");
    let a = ear("a", &probe);
    assert_eq!(topics.subscribe("news", &a), Ok(()));
    let other = topics.clone();
    let broadcaster = process::spawn(move |_: Mailbox<Never>| async move {
        let _ = other.broadcast_by(&Fails, "news", text("m"));
    });
    assert!(matches!(broadcaster.wait().await, ExitReason::Panic(_)));
    assert_eq!(heard(&probe).await, ["b got M"]);
    drop(b);
}

#[otp_core::test]
async fn plain_texts_are_messages_too() {
    let topics = PubSub::<&'static str>::new("topics");
    topics.start_link().await.expect("the name is free");
    let other = topics.clone();
    let ear = process::spawn(move |mut mailbox: Mailbox<&'static str>| async move {
        other.subscribe("news", mailbox.me()).expect("it runs");
        other.broadcast("news", "hello").expect("it runs");
        assert_eq!(mailbox.receive().await, "hello");
        drop(other);
    });
    assert_eq!(ear.wait().await, ExitReason::Normal);
}
