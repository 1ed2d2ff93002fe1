//! Topics over nodes of ours.

use std::sync::Arc;

use otp_core::prelude::*;
use otp_core::pub_sub::{Dispatcher, PubSub, PubSubOptions, Subscriber};
use otp_core::test::Probe;
use otp_dist::Distribution;
use otp_dist::wire::control::Control;
use otp_etf::{Atom, Term, from_term, term};

use crate::raw::Raw;
use crate::support::{B, LONG, Pair, atom};

/// Topics that carry numbers, which run.
async fn topics(
    node: &Node,
    dist: &Distribution,
    change: impl FnOnce(PubSubOptions<u32>) -> PubSubOptions<u32>,
) -> PubSub<u32> {
    let options = change(PubSub::options("Topics"));
    let topics = dist.pub_sub(options).await.expect("the name is free");
    let starting = topics.clone();
    let started = node.run(async move { starting.start().await }).await;
    started.expect("it does not crash").expect("it starts");
    topics
}

fn listen(node: &Node, topics: &PubSub<u32>) -> Probe<u32> {
    let heard = Probe::new();
    let reported = heard.clone();
    let subscriber = node.spawn(async move |mut mailbox: Mailbox<u32>| {
        loop {
            reported.report(mailbox.receive().await);
        }
    });
    let subscribed = topics.subscribe("numbers", &subscriber);
    subscribed.expect("it runs");
    heard
}

/// Waits until so many of other nodes take part, as a node sees it.
async fn until_known(dist: &Distribution, heard: &Probe<u32>, topics: &PubSub<u32>) {
    let known = async {
        loop {
            topics.broadcast("numbers", 0).expect("it runs");
            tokio::task::yield_now().await;
            if heard.drain().contains(&0) {
                return;
            }
        }
    };
    let known = tokio::time::timeout(LONG, known).await;
    assert!(known.is_ok(), "{dist:?} is alone");
}

impl Pair {
    /// Topics on both nodes, with a subscriber on each; both know of each other.
    async fn topics(&self) -> [(PubSub<u32>, Probe<u32>); 2] {
        let on_a = topics(&self.a, &self.on_a, |options| options).await;
        let on_b = topics(&self.b, &self.on_b, |options| options.dispatcher(Odd)).await;
        let (on_a, on_b) = (
            (listen(&self.a, &on_a), on_a),
            (listen(&self.b, &on_b), on_b),
        );
        self.on_a.connect(&atom(B)).await.expect("b is there");
        until_known(&self.on_a, &on_b.0, &on_a.1).await;
        until_known(&self.on_b, &on_a.0, &on_b.1).await;
        // What was broadcast until then has arrived.
        for (from, to, mark) in [(&on_a, &on_b, 1), (&on_b, &on_a, 2)] {
            from.1.broadcast("numbers", mark).expect("it runs");
            for heard in [&from.0, &to.0] {
                while heard.next().await != mark {}
            }
        }
        [(on_a.1, on_a.0), (on_b.1, on_b.0)]
    }
}

/// Panics at even numbers.
struct Odd;

impl Dispatcher<u32, ()> for Odd {
    fn name(&self) -> &str {
        "odd"
    }

    fn dispatch(&self, to: &[Arc<Subscriber<u32, ()>>], _: Option<Pid>, message: u32) {
        assert_eq!(message % 2, 1, "it is odd");
        to.iter().for_each(|it| it.send(100 + message));
    }
}

// DST-025, PBS-007
#[tokio::test]
async fn a_broadcast_is_heard_on_all_nodes_in_its_order() {
    let pair = Pair::start().await;
    let [(on_a, heard_a), (on_b, heard_b)] = pair.topics().await;
    for number in 10..200 {
        on_a.broadcast("numbers", number).expect("it runs");
    }
    on_a.broadcast("other", 7).expect("it runs");
    for number in 10..200 {
        assert_eq!(heard_a.next().await, number);
        assert_eq!(heard_b.next().await, number);
    }
    // To one node, and to none.
    on_b.direct_broadcast("a@127.0.0.1", "numbers", &5)
        .expect("it runs");
    on_b.direct_broadcast("c@127.0.0.1", "numbers", &6)
        .expect("it runs");
    assert_eq!(heard_a.next().await, 5);
    on_b.local_broadcast("numbers", 8).expect("it runs");
    assert_eq!(heard_b.next().await, 8);
    assert_eq!(heard_a.drain(), []);
}

// DST-025, PBS-007
#[tokio::test]
async fn what_cannot_be_delivered_harms_no_other_message() {
    let pair = Pair::start().await;
    let [(on_a, heard_a), (on_b, heard_b)] = pair.topics().await;
    // The dispatcher of the other node panics, and goes on.
    for number in [3, 4, 5] {
        let dispatched = std::panic::AssertUnwindSafe(|| on_b.deliver("numbers", number, "odd"));
        assert_eq!(std::panic::catch_unwind(dispatched).is_err(), number == 4);
    }
    assert_eq!([heard_b.next().await, heard_b.next().await], [103, 105]);
    let to = pair.on_a.process("Elixir.Topics.Adapter", B);
    let forward = |message: Term, dispatcher: Term| term!({forward_to_local, "numbers", (message), (dispatcher)});
    for message in [
        forward(term!(2), term!(odd)),
        forward(term!("another type"), term!(@"Elixir.Phoenix.PubSub")),
        forward(term!(6), term!(unknown)),
        term!({forward_to_local, "numbers"}),
        forward(term!(7), term!(odd)),
        forward(term!(8), term!(@"Elixir.Phoenix.PubSub")),
    ] {
        to.send(&message).await.expect("it can be written");
    }
    assert_eq!([heard_b.next().await, heard_b.next().await], [107, 8]);
    assert_eq!(on_b.unknown_dispatchers(), 1);
    // While it does not run nobody hears, and then again.
    let stopping = on_b.clone();
    let stopped = pair.b.run(async move { stopping.stop().await }).await;
    stopped.expect("it does not crash").expect("it runs");
    on_a.broadcast("numbers", 9).expect("it runs");
    assert_eq!(heard_a.next().await, 9);
    assert!(on_b.broadcast("numbers", 9).is_err());
}

// PBS-009
#[tokio::test]
async fn a_node_is_in_all_groups_of_a_pool_with_one_receiver() {
    let pair = Pair::start().await;
    let options = || PubSub::<u32>::options("Topics");
    let pool = pair.on_b.pub_sub_pool(options(), 3).await;
    let pool = pool.expect("the name is free");
    assert!(pair.on_b.pub_sub_pool(options(), 3).await.is_err());
    let starting = pool.clone();
    let started = pair.b.run(async move { starting.start().await }).await;
    started.expect("it does not crash").expect("it starts");
    let heard = listen(&pair.b, &pool);

    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let discover = term!({discover, (raw.pid(1))});
    raw.tell("Elixir.Phoenix.PubSub", &discover).await;
    let mut groups: Vec<(Atom, Vec<otp_etf::Pid>)> = loop {
        let (_, message) = raw.next().await;
        if let Some([_, cast]) = message.as_tuple()
            && let Some([_, _, groups]) = cast.as_tuple()
        {
            break from_term(groups).expect("it is a list of groups");
        }
    };
    groups.sort();
    let names = [
        "Elixir.Topics.Adapter",
        "Elixir.Topics.Adapter_2",
        "Elixir.Topics.Adapter_3",
    ];
    let receiver = &groups[0].1;
    assert_eq!(receiver.len(), 1);
    let expected = names.map(|name| (atom(name), receiver.clone()));
    assert_eq!(groups, expected);
    // A direct broadcast is sent to the name.
    for (number, name) in (1..).zip(names) {
        let message = Term::from(number);
        let forward = term!({forward_to_local, "numbers", (message), @"Elixir.Phoenix.PubSub"});
        raw.tell(name, &forward).await;
        assert_eq!(heard.next().await, number);
    }
}

// DST-025, PBS-007
#[tokio::test]
async fn a_node_that_does_not_read_is_passed_over_and_stays_connected() {
    let limit = 4 << 20;
    let pair = Pair::with(|config| config.queue_limit(limit)).await;
    let topics = topics(&pair.b, &pair.on_b, |options| options).await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let (scope, member) = (raw.pid(1), raw.pid(2));
    let to = atom("Elixir.Phoenix.PubSub");
    let sync =
        term!({@"$gen_cast", {sync, (scope.clone()), [{@"Elixir.Topics.Adapter", [(member)]}]}});
    raw.carry(&Control::RegSend { from: scope, to }, &sync)
        .await;
    raw.until_answered("server").await;
    // It reads nothing from here on.
    let passed_over = || pair.on_b.connections()[0].passed_over;
    let topic = "t".repeat(100_000);
    for _ in 0..1_000 {
        topics.broadcast(&topic, 1).expect("it runs");
        tokio::task::yield_now().await;
    }
    assert!(passed_over() > 100, "{}", passed_over());
    assert!(pair.on_b.connections()[0].queued <= limit);
    assert_eq!(pair.on_b.nodes(), [raw.node.clone()]);
}
