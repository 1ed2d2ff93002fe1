//! Topics, subscribers, broadcasts.

use std::sync::Arc;

use otp_core::prelude::*;
use otp_core::pub_sub::{Dispatcher, NotRunning, SubscribeError, Subscriber};
use otp_core::test::Probe;
use otp_core::{Mailbox, PubSub, Recipient, process};

/// A subscriber that reports what it hears with its name.
pub(crate) fn ear(name: &'static str, probe: &Probe<String>) -> ProcessRef<String> {
    let probe = probe.clone();
    process::spawn(move |mut mailbox: Mailbox<String>| async move {
        loop {
            let heard = mailbox.receive().await;
            probe.report(format!("{name} got {heard}"));
        }
    })
}

pub(crate) async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// What was heard, once all have had their turn.
pub(crate) async fn heard(probe: &Probe<String>) -> Vec<String> {
    settle().await;
    let mut heard = probe.drain();
    heard.sort();
    heard
}

async fn running(name: &'static str) -> PubSub<String> {
    let topics = PubSub::new(name);
    topics.start_link().await.expect("the name is free");
    topics
}

fn text(text: &str) -> String {
    text.to_owned()
}

// PBS-001, PBS-003
#[otp_core::test]
async fn who_subscribes_twice_hears_twice_and_unsubscribes_once() {
    let probe = Probe::new();
    let topics = running("topics").await;
    let (a, b) = (ear("a", &probe), ear("b", &probe));
    for subscriber in [&a, &b, &a] {
        assert_eq!(topics.subscribe("news", subscriber), Ok(()));
    }
    assert_eq!(topics.broadcast("news", text("m1")), Ok(()));
    assert_eq!(heard(&probe).await, ["a got m1", "a got m1", "b got m1"]);
    topics.unsubscribe("news", &a);
    assert_eq!(topics.subscribers("news"), [b.pid()], "both are gone");
    topics.unsubscribe("news", &a);
    topics.unsubscribe("never heard of", &b);
    assert_eq!(topics.broadcast("news", text("m2")), Ok(()));
    assert_eq!(heard(&probe).await, ["b got m2"]);
}

// PBS-001
#[otp_core::test]
async fn topics_are_compared_whole() {
    let probe = Probe::new();
    let topics = running("topics").await;
    let a = ear("a", &probe);
    assert_eq!(topics.subscribe("room:1", &a), Ok(()));
    for other in ["room:", "room:11", "Room:1", ""] {
        assert_eq!(topics.broadcast(other, text("no")), Ok(()));
    }
    assert_eq!(topics.broadcast("room:1", text("yes")), Ok(()));
    assert_eq!(heard(&probe).await, ["a got yes"]);
}

// PBS-002
#[otp_core::test]
async fn a_subscriber_that_ends_is_forgotten() {
    let probe = Probe::new();
    let topics = running("topics").await;
    let (a, b) = (ear("a", &probe), ear("b", &probe));
    assert_eq!(topics.subscribe("news", &a), Ok(()));
    assert_eq!(topics.subscribe("news", &b), Ok(()));
    process::exit(&a, ExitReason::Shutdown);
    a.wait().await;
    settle().await;
    assert_eq!(topics.subscribers("news"), [b.pid()]);
    let topic = "news".into();
    let dead = Err(SubscribeError::NoProcess {
        pid: a.pid(),
        topic,
    });
    assert_eq!(topics.subscribe("news", &a), dead);
}

// PBS-003
#[otp_core::test]
async fn the_sender_hears_itself_unless_it_is_left_out() {
    let probe = Probe::new();
    let topics = running("topics").await;
    let (a, b) = (ear("a", &probe), ear("b", &probe));
    for subscriber in [&a, &a, &b] {
        assert_eq!(topics.subscribe("news", subscriber), Ok(()));
    }
    let other = topics.clone();
    let myself = process::spawn(move |mut mailbox: Mailbox<String>| async move {
        let me = mailbox.me();
        other.subscribe("news", &me).expect("it runs");
        other.broadcast("news", text("m1")).expect("it runs");
        assert_eq!(mailbox.receive().await, "m1");
        other
            .broadcast_from(&me, "news", text("m2"))
            .expect("it runs");
        other
            .local_broadcast_from(&me, "news", text("m3"))
            .expect("it runs");
        assert!(mailbox.is_empty());
    });
    assert_eq!(myself.wait().await, ExitReason::Normal);
    let all = ["m1", "m2", "m3"].map(|m| {
        [
            format!("a got {m}"),
            format!("a got {m}"),
            format!("b got {m}"),
        ]
    });
    let mut all = all.concat();
    all.sort();
    assert_eq!(heard(&probe).await, all);
    assert_eq!(
        topics.broadcast_from(&a, "news", text("m4")),
        Ok(()),
        "not the caller, but this one"
    );
    assert_eq!(heard(&probe).await, ["b got m4"]);
}

// PBS-004
#[otp_core::test]
async fn a_broadcast_has_arrived_when_it_returns_and_one_broadcasters_stay_in_order() {
    let topics = running("topics").await;
    let other = topics.clone();
    let ear = process::spawn(move |mut mailbox: Mailbox<String>| async move {
        other.subscribe("news", mailbox.me()).expect("it runs");
        for n in 0..4 {
            other.broadcast("news", n.to_string()).expect("it runs");
        }
        assert_eq!(mailbox.len(), 4);
        for n in 0..4 {
            assert_eq!(mailbox.receive().await, n.to_string());
        }
    });
    assert_eq!(ear.wait().await, ExitReason::Normal);
}

struct Fast(Probe<String>);

impl Dispatcher<String, &'static str> for Fast {
    fn name(&self) -> &'static str {
        "fast"
    }

    fn dispatch(
        &self,
        subscribers: &[Arc<Subscriber<String, &'static str>>],
        from: Option<Pid>,
        message: String,
    ) {
        let kinds: Vec<_> = subscribers.iter().map(|it| *it.metadata()).collect();
        self.0
            .report(format!("{kinds:?} without {}", from.is_some()));
        for subscriber in subscribers {
            assert_ne!(message, "boom", "the dispatcher fails");
            subscriber.send(format!("{message} {}", subscriber.metadata()));
        }
    }
}

// PBS-006, PBS-001
#[otp_core::test]
async fn a_dispatcher_gets_the_subscribers_with_their_metadata() {
    let (probe, told) = (Probe::new(), Probe::new());
    let topics = PubSub::<String, &'static str>::new("topics");
    topics.start_link().await.expect("the name is free");
    let fast = Fast(told.clone());
    assert_eq!(topics.broadcast_by(&fast, "news", text("nobody")), Ok(()));
    let (a, b) = (ear("a", &probe), ear("b", &probe));
    assert_eq!(topics.subscribe_with("news", &a, "fast"), Ok(()));
    assert_eq!(topics.broadcast_by(&fast, "news", text("m")), Ok(()));
    assert_eq!(heard(&probe).await, ["a got m fast"]);
    assert_eq!(topics.subscribe_with("news", &b, "slow"), Ok(()));
    assert_eq!(
        topics.broadcast_from_by(&a, &fast, "news", text("m2")),
        Ok(())
    );
    assert_eq!(heard(&probe).await, ["a got m2 fast", "b got m2 slow"]);
    let calls = told.drain();
    assert_eq!(
        calls[0], "[\"fast\"] without false",
        "not called without subscribers"
    );
    assert!(calls[1].ends_with("without true"), "{calls:?}");
}

// PBS-006
#[otp_core::test]
async fn a_dispatcher_that_fails_fails_its_broadcaster() {
    let (probe, told) = (Probe::new(), Probe::new());
    let topics = PubSub::<String, &'static str>::new("topics");
    topics.start_link().await.expect("the name is free");
    let a = ear("a", &probe);
    assert_eq!(topics.subscribe_with("news", &a, "x"), Ok(()));
    let other = topics.clone();
    let broadcaster = process::spawn(move |_: Mailbox<Never>| async move {
        let _ = other.broadcast_by(&Fast(told), "news", text("boom"));
    });
    assert!(matches!(broadcaster.wait().await, ExitReason::Panic(_)));
    assert_eq!(topics.broadcast("news", text("after")), Ok(()));
    assert_eq!(heard(&probe).await, ["a got after"]);
}

// PBS-011
#[otp_core::test]
async fn one_that_does_not_run_is_an_error() {
    let probe = Probe::new();
    let topics = PubSub::<String>::new("topics");
    let a = ear("a", &probe);
    let registry = || NotRunning {
        registry: "topics".into(),
    };
    for stopped in [false, true] {
        if stopped {
            topics.start_link().await.expect("the name is free");
            assert_eq!(topics.subscribe("news", &a), Ok(()));
            assert_eq!(topics.stop().await, Ok(()));
        }
        assert_eq!(topics.subscribe("news", &a), Err(registry().into()));
        assert_eq!(topics.broadcast("news", text("x")), Err(registry()));
        assert_eq!(
            topics.broadcast_from(&a, "news", text("x")),
            Err(registry())
        );
        assert_eq!(topics.local_broadcast("news", text("x")), Err(registry()));
        assert_eq!(
            topics.local_broadcast_from(&a, "news", text("x")),
            Err(registry())
        );
        assert_eq!(
            topics.direct_broadcast("there", "news", &text("x")),
            Err(registry())
        );
        assert_eq!(topics.deliver("news", text("x"), "fast"), Err(registry()));
    }
    assert_eq!(heard(&probe).await, [] as [&str; 0]);
}

enum Message {
    Said(String),
    Mute,
}

#[otp_core::test]
async fn a_subscriber_gets_messages_of_its_own_type_and_one_whose_function_panics_none() {
    let probe = Probe::new();
    let topics = running("topics").await;
    let tell = probe.clone();
    let own = process::spawn(move |mut mailbox: Mailbox<Message>| async move {
        loop {
            match mailbox.receive().await {
                Message::Said(said) => tell.report(format!("own got {said}")),
                Message::Mute => return,
            }
        }
    });
    let me = Recipient::from(&own).map(Message::Said);
    assert_eq!(topics.subscribe("news", me), Ok(()));
    let broken = Recipient::from(&own).map(|_: String| -> Message { panic!("no message") });
    assert_eq!(topics.subscribe("news", broken), Ok(()));
    assert_eq!(topics.broadcast("news", text("m")), Ok(()));
    assert_eq!(heard(&probe).await, ["own got m"]);
    own.send(Message::Mute);
    own.wait().await;
}

#[otp_core::test]
async fn it_is_found_by_its_name_and_type_and_stands_under_a_supervisor() {
    let probe = Probe::new();
    let topics = PubSub::<String>::new("topics");
    let child = topics.clone();
    let child = ChildSpec::worker("topics", move || child.start_link());
    let tree = Supervisor::new(Strategy::OneForOne)
        .child(child)
        .start_link();
    let tree = tree.await.expect("it starts");
    let node = process::node();
    let found = PubSub::<String>::find(&node, "topics").expect("it runs");
    assert_eq!(found, topics);
    assert!(PubSub::<u32>::find(&node, "topics").is_none());
    let a = ear("a", &probe);
    assert_eq!(found.subscribe("news", &a), Ok(()));
    let first = topics.pid().expect("it runs");
    process::exit(first, ExitReason::Kill);
    while topics.pid().is_none_or(|pid| pid == first) {
        tokio::task::yield_now().await;
    }
    assert_eq!(topics.subscribers("news"), [], "subscriptions end with it");
    assert_eq!(
        a.wait().await,
        ExitReason::Killed,
        "it is linked with its subscribers"
    );
    let a = ear("a", &probe);
    assert_eq!(topics.subscribe("news", &a), Ok(()));
    assert_eq!(topics.broadcast("news", text("again")), Ok(()));
    assert_eq!(heard(&probe).await, ["a got again"]);
    tree.stop().await.expect("it stops");
}
