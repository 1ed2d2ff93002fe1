//! Event managers and topics whose events, handlers, calls and messages misbehave.

use std::sync::Arc;
use std::time::Duration;

use otp_core::event_manager::{
    EventHandler, EventManager, HandleCall, Handled, HandlerExit, HandlerId, ManagerContext, Swap,
};
use otp_core::prelude::*;
use otp_core::pub_sub::{Adapter, Dispatcher, Forwarded, Slow, Subscriber};
use otp_core::sys;
use otp_core::{PubSub, Recipient};

use super::hostile::{Case, Hostile, Stage, apart, case, look_around, settle};

struct Keeper {
    kept: Hostile,
}

impl EventHandler<Hostile> for Keeper {
    type Args = Hostile;

    async fn init(kept: Hostile, _: &mut ManagerContext<Hostile>) -> Result<Self, Stop> {
        Ok(Self { kept })
    }

    async fn handle_event(
        &mut self,
        event: &Hostile,
        _: &mut ManagerContext<Hostile>,
    ) -> Handled<Hostile> {
        if *event == self.kept {
            return Handled::Remove;
        }
        self.kept = event.clone();
        Handled::Swap(Swap::new(id("swapped"), |old: Self| old.kept))
    }

    fn format_status(&self) -> Option<String> {
        Some(format!("{:?}", self.kept))
    }

    fn format_event(event: &Hostile) -> Option<String> {
        Some(format!("{event:?}"))
    }
}

impl HandleCall<Hostile> for Keeper {
    type Call = (Hostile, ReplyTo<Hostile>);

    async fn handle_call(
        &mut self,
        (value, from): Self::Call,
        _: &mut ManagerContext<Hostile>,
    ) -> Handled<Hostile> {
        from.send(std::mem::replace(&mut self.kept, value));
        Handled::Keep
    }
}

fn id(text: &'static str) -> HandlerId<Keeper> {
    HandlerId::named(text)
}

async fn use_events(stage: Stage) {
    let all = EventManager::<Hostile>::options().name("events").start();
    let all = all.await.expect("nothing misbehaves yet");
    let (again, target) = (stage.clone(), all.clone());
    stage.arm(move || {
        look_around(&again.node);
        target.notify(again.value(90));
        let _ = target.is_alive();
    });
    for text in ["a", "b", "c"] {
        let (there, manager) = (stage.clone(), all.clone());
        apart(move || async move {
            let added = manager.add_handler(id(text), there.value(1)).await;
            there.let_go(added);
            let again = manager.add_handler(id(text), there.value(2)).await;
            there.let_go(again);
            let answer = manager.call(id(text), |from| (there.value(3), from)).await;
            there.let_go(answer);
            drop(manager.send_request(id(text), |from| (there.value(4), from)));
            let unknown = manager.call(id("x"), |from| (there.value(5), from)).await;
            there.let_go(unknown);
        })
        .await;
        let (there, manager) = (stage.clone(), all.clone());
        apart(move || async move {
            let (kept, limit) = (there.value(6), Duration::from_millis(20));
            let function = move |event: &Hostile| match *event == kept {
                true => Handled::Remove,
                false => Handled::Keep,
            };
            let added = manager.add_fn("function", function).await;
            there.let_go(added);
            manager.notify(there.value(7));
            let told = manager.sync_notify(there.value(8)).timeout(limit).await;
            there.let_go(told);
        })
        .await;
        let (there, manager) = (stage.clone(), all.clone());
        apart(move || async move {
            let held = there.value(9);
            let owner = otp_core::process::spawn(|mut mailbox: Mailbox<HandlerExit>| async move {
                drop(mailbox.receive().await);
            });
            let me = Recipient::from(&owner).map(move |exit| {
                let _ = held.clone();
                exit
            });
            let added = manager.add_sup_handler(id("owned"), me.clone(), there.value(10));
            there.let_go(added.await);
            let args = there.value(11);
            let swapped =
                manager.swap_handler(id("owned"), id("swap"), move |old: Option<Keeper>| {
                    old.map_or(args, |old| old.kept)
                });
            there.let_go(swapped.await);
            let args = there.value(12);
            let swapped =
                manager
                    .swap_sup_handler(id("swap"), id("again"), me, move |_: Option<Keeper>| args);
            there.let_go(swapped.await);
        })
        .await;
        let (there, manager) = (stage.clone(), all.clone());
        apart(move || async move {
            there.let_go(sys::get_status(&manager).await);
            let deleted = manager.delete_handler(id(text)).await;
            there.let_go(deleted);
            let none = manager.delete_handler(id("x")).await;
            there.let_go(none);
        })
        .await;
    }
    let stopped = all.stop_with(ExitReason::other(stage.value(13))).await;
    stage.let_go(stopped);
    settle().await;
}

struct Copier;

impl Adapter<Hostile> for Copier {
    fn forward(&self, _: Option<&str>, forwarded: Forwarded<'_, Hostile>) {
        drop(forwarded.message.clone());
    }
}

impl Dispatcher<Hostile, Hostile> for Copier {
    fn name(&self) -> &'static str {
        "copier"
    }

    fn dispatch(&self, to: &[Arc<Subscriber<Hostile, Hostile>>], _: Option<Pid>, message: Hostile) {
        for subscriber in to.iter().filter(|it| *it.metadata() == message) {
            subscriber.send(message.clone());
        }
    }
}

async fn use_topics(stage: Stage) {
    let options = PubSub::<Hostile, Hostile>::options("topics").partitions(2);
    let all = options
        .slow(Slow::Unsubscribe(20))
        .adapter(Copier)
        .dispatcher(Copier)
        .build();
    all.start().await.expect("nothing misbehaves yet");
    let listener = otp_core::process::spawn(|mut mailbox: Mailbox<Hostile>| async move {
        loop {
            drop(mailbox.receive().await);
        }
    });
    settle().await;
    let (again, target, pid) = (stage.clone(), all.clone(), listener.pid());
    stage.arm(move || {
        look_around(&again.node);
        let _ = target.subscribers("news");
        target.unsubscribe("other", pid);
    });
    for _ in 0..2 {
        let (there, topics, ear) = (stage.clone(), all.clone(), listener.clone());
        apart(move || async move {
            let to = Recipient::from(&ear);
            let known = topics.subscribe_with("news", to.clone(), there.value(1));
            there.let_go(known);
            let held = there.value(2);
            let to = to.map(move |value| {
                let _ = held.clone();
                value
            });
            there.let_go(topics.subscribe_with("news", to, there.value(3)));
        })
        .await;
        for round in 0..7 {
            let (there, topics, ear) = (stage.clone(), all.clone(), listener.clone());
            apart(move || async move {
                let value = there.value(1);
                let _ = match round {
                    0 => topics.broadcast("news", value),
                    1 => topics.broadcast_from(&ear, "news", value),
                    2 => topics.broadcast_by(&Copier, "news", value),
                    3 => topics.deliver("news", value, "copier"),
                    4 => topics.broadcast_from_by(&ear, &Copier, "news", value),
                    5 => topics.local_broadcast_from(&ear, "news", value),
                    _ => topics.local_broadcast("news", value),
                };
            })
            .await;
        }
        all.unsubscribe("news", &listener);
    }
    let there = stage.clone();
    apart(move || async move {
        let reason = ExitReason::other(there.value(5));
        there.let_go(all.stop_with(reason).await);
    })
    .await;
    settle().await;
}

async fn use_plain_topics(stage: Stage) {
    let all = PubSub::<Hostile>::new("plain");
    all.start().await.expect("nothing misbehaves yet");
    let again = stage.clone();
    stage.arm(move || look_around(&again.node));
    for subscribed in [true, false] {
        let (there, topics) = (stage.clone(), all.clone());
        let listener = otp_core::process::spawn(move |mut mailbox: Mailbox<Hostile>| async move {
            let held = there.value(2);
            let to = Recipient::from(&mailbox.me()).map(move |value| {
                let _ = held.clone();
                value
            });
            there.let_go(topics.subscribe("news", to));
            drop(mailbox.receive().await);
        });
        settle().await;
        if !subscribed {
            otp_core::process::exit(&listener, ExitReason::Kill);
        }
        let (there, topics) = (stage.clone(), all.clone());
        apart(move || async move {
            let _ = topics.broadcast("news", there.value(1));
        })
        .await;
        settle().await;
    }
    let _ = all.stop().await;
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        topics(),
        case(
            "topics whose subscribers have no metadata",
            &["pub_sub/topics.rs::subscribe"],
            use_plain_topics,
        ),
        events(),
    ]
}

fn topics() -> Case {
    case(
        "topics",
        &[
            "pub_sub/options.rs::adapter",
            "pub_sub/options.rs::dispatcher",
            "pub_sub/topics/broadcast.rs::broadcast",
            "pub_sub/topics/broadcast.rs::broadcast_by",
            "pub_sub/topics/broadcast.rs::broadcast_from",
            "pub_sub/topics/broadcast.rs::broadcast_from_by",
            "pub_sub/topics/broadcast.rs::local_broadcast_from",
            "pub_sub/deliver.rs::send",
            "pub_sub/topics.rs::stop_with",
            "pub_sub/topics/broadcast.rs::deliver",
            "pub_sub/topics/broadcast.rs::local_broadcast",
            "pub_sub/topics.rs::subscribe_with",
            "pub_sub/topics.rs::unsubscribe",
        ],
        use_topics,
    )
}

fn events() -> Case {
    case(
        "event managers",
        &[
            "event_manager/manager/handlers.rs::add_handler",
            "event_manager/manager/handlers.rs::add_fn",
            "event_manager/manager/handlers.rs::add_sup_handler",
            "event_manager/manager/handlers.rs::call",
            "event_manager/manager/handlers.rs::delete_handler",
            "event_manager/manager/handlers.rs::send_request",
            "event_manager/manager.rs::stop_with",
            "event_manager/manager/handlers.rs::swap_handler",
            "event_manager/manager/handlers.rs::swap_sup_handler",
            "event_manager/handler.rs::new",
        ],
        use_events,
    )
}
