//! Event managers whose events, handlers, calls, arguments and functions are bad.

use std::mem::forget;

use otp_core::event_manager::{
    EventHandler, EventManager, HandleCall, Handled, HandlerExit, HandlerId, ManagerContext, Swap,
};
use otp_core::prelude::*;
use otp_core::{Recipient, process, sys};

use crate::bad::{Bad, arm, disarm, good, play, settle};

struct Keeper(Bad);

impl EventHandler<Bad> for Keeper {
    type Args = Bad;

    async fn init(kept: Bad, _: &mut ManagerContext<Bad>) -> Result<Self, Stop> {
        match kept.0 {
            9 => Err(ExitReason::other(kept).into()),
            _ => Ok(Self(kept)),
        }
    }

    async fn handle_event(&mut self, event: &Bad, _: &mut ManagerContext<Bad>) -> Handled<Bad> {
        match event.0 {
            1 => Handled::Remove,
            2 => panic!("it fails over the event"),
            n @ (3 | 4) => {
                let by = id(if n == 3 { "new" } else { "b" });
                let bad = Bad(7);
                Handled::Swap(Swap::new(by, move |old: Self| {
                    forget(old);
                    bad
                }))
            }
            // Another handler's.
            5 => Handled::Swap(Swap::new(id("new"), |old: Other| {
                forget(old);
                Bad(7)
            })),
            6 => {
                let bad = Bad(9);
                Handled::Swap(Swap::new(id("new"), move |old: Self| {
                    forget(old);
                    bad
                }))
            }
            _ => {
                let other = event.clone();
                forget(std::mem::replace(&mut self.0, other));
                Handled::Keep
            }
        }
    }

    fn format_status(&self) -> Option<String> {
        Some(format!("{:?}", self.0))
    }

    fn format_event(event: &Bad) -> Option<String> {
        Some(format!("{event:?}"))
    }
}

impl HandleCall<Bad> for Keeper {
    type Call = (Bad, ReplyTo<Bad>);

    async fn handle_call(
        &mut self,
        (value, from): Self::Call,
        _: &mut ManagerContext<Bad>,
    ) -> Handled<Bad> {
        from.send(value);
        Handled::Keep
    }
}

struct Other(Bad);

impl EventHandler<Bad> for Other {
    type Args = Bad;

    async fn init(kept: Bad, _: &mut ManagerContext<Bad>) -> Result<Self, Stop> {
        Ok(Self(kept))
    }

    async fn handle_event(&mut self, event: &Bad, _: &mut ManagerContext<Bad>) -> Handled<Bad> {
        match *event == self.0 {
            true => Handled::Remove,
            false => Handled::Keep,
        }
    }
}

fn id(text: &'static str) -> HandlerId<Keeper> {
    HandlerId::named(text)
}

/// A manager with three handlers and a function.
async fn full() -> EventManager<Bad> {
    good(async {
        let manager = EventManager::start().await.expect("nothing is bad yet");
        for text in ["a", "b", "c"] {
            let added = manager.add_handler(id(text), Bad(0)).await;
            assert_eq!(added, Ok(()));
        }
        let bad = Bad(8);
        let function = move |event: &Bad| match event.0 > bad.number() {
            true => Handled::Remove,
            false => Handled::Keep,
        };
        assert!(manager.add_fn("function", function).await.is_ok());
        manager
    })
    .await
}

/// Tells a full manager of an event; it goes on, whatever its handlers did.
fn told_of(event: u32) {
    play(|| async move {
        let manager = full().await;
        arm();
        manager.notify(Bad(event));
        assert_eq!(manager.sync_notify(Bad(event)).await, Ok(()));
        manager.notify(Bad(0));
        let server = sys::Server::find(&manager).expect("it lives");
        server.send(Bad(event));
        drop(sys::get_status(&manager).await);
        settle().await;
        assert!(manager.is_alive());
        assert_eq!(manager.stop().await, Ok(()));
        disarm();
    });
}

#[test]
fn handlers_remove_themselves_and_fail() {
    told_of(0);
    told_of(1);
    told_of(2);
    told_of(10);
}

#[test]
fn handlers_swap_themselves() {
    told_of(3);
    told_of(4);
    told_of(5);
    told_of(6);
}

#[test]
fn handlers_are_added_called_swapped_and_deleted() {
    play(|| async {
        let manager = full().await;
        arm();
        for kept in [1, 9] {
            forget(manager.add_handler(id("a"), Bad(kept)).await);
            forget(manager.add_handler(id("new"), Bad(kept)).await);
        }
        forget(manager.call(id("a"), |from| (Bad(1), from)).await);
        forget(manager.call(id("x"), |from| (Bad(1), from)).await);
        drop(manager.send_request(id("a"), |from| (Bad(1), from)));
        drop(manager.send_request(id("x"), |from| (Bad(1), from)));
        for (old, new, kept) in [("a", "d", 1), ("b", "c", 1), ("x", "e", 1), ("b", "f", 9)] {
            let held = Bad(kept);
            let args = move |former: Option<Keeper>| {
                forget(former);
                held
            };
            forget(manager.swap_handler(id(old), id(new), args).await);
        }
        let held = Bad(1);
        let fails = move |former: Option<Keeper>| -> Bad {
            forget((former, held));
            panic!("no arguments")
        };
        forget(manager.swap_handler(id("d"), id("g"), fails).await);
        forget(manager.delete_handler(id("c")).await);
        forget(manager.delete_handler(id("x")).await);
        // Without a wait for the answer.
        drop(
            manager
                .delete_handler(id("e"))
                .timeout(std::time::Duration::ZERO)
                .await,
        );
        assert!(manager.is_alive());
        process::exit(manager.pid().expect("it lives"), ExitReason::Kill);
        settle().await;
        disarm();
    });
}

impl From<HandlerExit> for Bad {
    fn from(exit: HandlerExit) -> Self {
        forget(exit);
        panic!("no message")
    }
}

#[test]
fn handlers_have_owners() {
    play(|| async {
        let manager = full().await;
        let owner = process::spawn(|mut mailbox: Mailbox<Bad>| async move {
            loop {
                forget(mailbox.receive().await);
            }
        });
        arm();
        for n in 0..3 {
            let held = Bad(n);
            let me = Recipient::from(&owner).map(move |exit: HandlerExit| {
                assert!(held.number() < 2);
                Bad::from(exit)
            });
            let id = HandlerId::<Other>::named(["x", "y", "x"][n as usize]);
            forget(manager.add_sup_handler(id, me, Bad(n)).await);
        }
        manager.notify(Bad(0));
        assert_eq!(manager.sync_notify(Bad(8)).await, Ok(()));
        process::exit(&owner, ExitReason::Kill);
        settle().await;
        assert!(manager.is_alive());
        disarm();
    });
}
