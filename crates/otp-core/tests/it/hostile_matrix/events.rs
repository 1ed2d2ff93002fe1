//! Event managers whose events, handlers and calls misbehave.

use std::time::Duration;

use otp_core::Recipient;
use otp_core::event_manager::{
    EventHandler, EventManager, HandleCall, Handled, HandlerExit, HandlerId, ManagerContext, Swap,
};
use otp_core::prelude::*;
use otp_core::sys;

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
    let manager = EventManager::<Hostile>::options().name("events").start();
    let manager = manager.await.expect("nothing misbehaves yet");
    let (again, target) = (stage.clone(), manager.clone());
    stage.arm(move || {
        look_around(&again.node);
        target.notify(again.value(90));
        let _ = target.is_alive();
    });
    for text in ["a", "b", "c"] {
        let (there, manager) = (stage.clone(), manager.clone());
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
        let (there, manager) = (stage.clone(), manager.clone());
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
        let (there, manager) = (stage.clone(), manager.clone());
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
        let (there, manager) = (stage.clone(), manager.clone());
        apart(move || async move {
            there.let_go(sys::get_status(&manager).await);
            let deleted = manager.delete_handler(id(text)).await;
            there.let_go(deleted);
            let none = manager.delete_handler(id("x")).await;
            there.let_go(none);
        })
        .await;
    }
    let stopped = manager.stop_with(ExitReason::other(stage.value(13))).await;
    stage.let_go(stopped);
    settle().await;
}

pub(crate) fn cases() -> Vec<Case> {
    vec![case(
        "event managers",
        &[
            "event_manager/manager.rs::add_handler",
            "event_manager/manager.rs::add_fn",
            "event_manager/manager.rs::add_sup_handler",
            "event_manager/manager.rs::call",
            "event_manager/manager.rs::delete_handler",
            "event_manager/manager.rs::send_request",
            "event_manager/manager.rs::stop_with",
            "event_manager/manager.rs::swap_handler",
            "event_manager/manager.rs::swap_sup_handler",
            "event_manager/handler.rs::new",
        ],
        use_events,
    )]
}
