//! Supervised handlers and their owners.

use otp_core::event_manager::{AddError, EventManager, HandlerExit, HandlerGone};
use otp_core::prelude::*;
use otp_core::test::{Probe, reports};
use otp_core::{Recipient, process};

use crate::puppet::{Deed, Order, Role, id, order, stage, texts};

/// A process that reports which of its handlers have gone.
pub(crate) fn owner(told: &Probe<HandlerExit>) -> ProcessRef<HandlerExit> {
    let told = told.clone();
    process::spawn(|mut mailbox: Mailbox<HandlerExit>| async move {
        loop {
            told.report(mailbox.receive().await);
        }
    })
}

async fn add(
    manager: &EventManager<Order>,
    text: &'static str,
    owner: &ProcessRef<HandlerExit>,
    probe: &Probe<String>,
) {
    let role = Role::new(text, probe);
    let added = manager.add_sup_handler(id(text), Recipient::from(owner), role);
    added.await.expect("it is added");
}

// GEV-020
#[otp_core::test(reports)]
async fn the_handlers_of_an_owner_that_ends_go_and_the_others_hear_of_it() {
    let probe = Probe::new();
    for reason in [ExitReason::other("boom"), ExitReason::Normal] {
        let manager = stage(&["other"], &probe).await;
        let owner =
            process::spawn(
                |mut mailbox: Mailbox<ExitReason>| async move { mailbox.receive().await },
            );
        let me = Recipient::from(&owner).map(|_: HandlerExit| ExitReason::other("not this"));
        for text in ["sup", "sup2"] {
            let role = Role::new(text, &probe);
            assert_eq!(
                manager.add_sup_handler(id(text), me.clone(), role).await,
                Ok(())
            );
        }
        let _ = probe.drain();
        owner.send(reason.clone());
        owner.wait().await;
        assert_eq!(texts(&manager).await, ["other"]);
        let ended = format!("OwnerEnded({reason})");
        let seen = [
            format!("sup2 terminate {ended}"),
            format!("sup terminate {ended}"),
            format!("other EXIT {reason}"),
        ];
        assert_eq!(probe.drain(), seen);
        assert!(manager.is_alive());
    }
    assert_eq!(reports().take_kinds(), Vec::<String>::new());
}

// GEV-020
#[otp_core::test]
async fn the_handler_of_an_owner_that_has_ended_before_goes_at_once() {
    let probe = Probe::new();
    let told = Probe::new();
    let manager = stage(&["a"], &probe).await;
    let owner = owner(&told);
    process::exit(owner.pid(), ExitReason::Shutdown);
    owner.wait().await;
    add(&manager, "sup", &owner, &probe).await;
    assert_eq!(texts(&manager).await, ["a"]);
}

// GEV-021
#[otp_core::test(reports)]
async fn the_owner_is_told_when_its_handler_goes() {
    let probe = Probe::new();
    let told = Probe::new();
    let manager = stage(&[], &probe).await;
    let owner = owner(&told);
    let manager_pid = manager.pid().expect("it lives");
    let gone = |text, why| HandlerExit {
        manager: manager_pid,
        handler: id(text).name(),
        why,
    };
    let normal = HandlerGone::Ended(ExitReason::Normal);
    for text in ["deleted", "removed", "fails", "stops"] {
        add(&manager, text, &owner, &probe).await;
    }
    assert!(manager.delete_handler(id("deleted")).await.is_ok());
    assert_eq!(told.next().await, gone("deleted", normal.clone()));
    manager.notify(order("removed", Deed::Remove));
    assert_eq!(told.next().await, gone("removed", normal));
    let failure = ExitReason::other("worn out");
    manager.notify(order("fails", Deed::Exit(failure.clone())));
    assert_eq!(
        told.next().await,
        gone("fails", HandlerGone::Failed(failure))
    );
    // Not by the reason normal, which ends no process that is linked. This one is not to be ended, either.
    process::unlink(manager_pid);
    let stop = manager.stop_with(ExitReason::Shutdown);
    assert_eq!(stop.await, Ok(()));
    let stopped = HandlerGone::Ended(ExitReason::Shutdown);
    assert_eq!(told.next().await, gone("stops", stopped));
    assert!(
        owner.is_alive(),
        "the manager's end is told, and no exit signal"
    );
    assert_eq!(reports().take_kinds(), ["gen_event"]);
}

// GEV-020, GEV-021
#[otp_core::test]
async fn an_exit_from_an_owner_that_lives_is_taken_for_its_end_and_it_is_told() {
    let probe = Probe::new();
    let told = Probe::new();
    let manager = stage(&["a"], &probe).await;
    let manager_pid = manager.pid().expect("it lives");
    let owner = process::spawn({
        let told = told.clone();
        move |mut mailbox: Mailbox<Option<HandlerExit>>| async move {
            while let Some(exit) = mailbox.receive().await {
                told.report(exit);
            }
            process::exit(manager_pid, ExitReason::Normal);
            told.report(mailbox.receive().await.expect("its handler has gone"));
        }
    });
    let role = Role::new("sup", &probe);
    let me = Recipient::from(&owner).map(Some);
    assert_eq!(manager.add_sup_handler(id("sup"), me, role).await, Ok(()));
    owner.send(None);
    let why = HandlerGone::Ended(ExitReason::Shutdown);
    let (manager, handler) = (manager_pid, id("sup").name());
    let gone = HandlerExit {
        manager,
        handler,
        why,
    };
    assert_eq!(told.next().await, gone);
    let seen = [
        "sup init",
        "sup terminate OwnerEnded(normal)",
        "a EXIT normal",
    ];
    assert_eq!(probe.drain(), seen);
    assert_eq!(owner.wait().await, ExitReason::Normal);
}

// GEV-020
#[otp_core::test]
async fn the_link_ends_the_owner_when_the_manager_is_killed() {
    let probe = Probe::new();
    let told = Probe::new();
    let manager = EventManager::start().await.expect("it starts");
    let owner = owner(&told);
    add(&manager, "a", &owner, &probe).await;
    process::exit(manager.pid().expect("it lives"), ExitReason::Kill);
    assert_eq!(owner.wait().await, ExitReason::Killed);
}

// GEV-021, GEV-023
#[otp_core::test]
async fn an_owner_that_is_the_parent_stays_linked_to_the_end() {
    let (probe, told, stopped) = (Probe::new(), Probe::new(), Probe::new());
    let (tell, stop) = (probe.clone(), stopped.clone());
    let parent = process::spawn(move |mut mailbox: Mailbox<HandlerExit>| async move {
        let manager = stage(&[], &tell).await;
        add(&manager, "a", &mailbox.me(), &tell).await;
        stop.report(manager);
        told.report(mailbox.receive().await);
        std::future::pending::<()>().await;
    });
    let manager = stopped.next().await;
    assert_eq!(manager.stop_with(ExitReason::other("boom")).await, Ok(()));
    assert_eq!(parent.wait().await, ExitReason::other("boom"));
}

// GEV-022
#[otp_core::test]
async fn a_handler_that_was_not_added_leaves_no_link_behind() {
    let probe = Probe::new();
    let told = Probe::new();
    let manager = stage(&["a"], &probe).await;
    let owner = owner(&told);
    let refuses = || Role {
        takes: false,
        ..Role::new("b", &probe)
    };
    let refused = manager.add_sup_handler(id("b"), Recipient::from(&owner), refuses());
    assert!(matches!(refused.await, Err(AddError::Init(_))));
    process::exit(owner.pid(), ExitReason::other("gone"));
    owner.wait().await;
    assert_eq!(texts(&manager).await, ["a"]);
    assert_eq!(probe.drain(), ["b init"], "the others hear of no EXIT");

    let owner = crate::event_owners::owner(&told);
    add(&manager, "c", &owner, &probe).await;
    let refused = manager.add_sup_handler(id("b"), Recipient::from(&owner), refuses());
    assert!(refused.await.is_err());
    process::exit(owner.pid(), ExitReason::Shutdown);
    owner.wait().await;
    assert_eq!(
        texts(&manager).await,
        ["a"],
        "the link for the first one has stayed"
    );
}

// GEV-020
#[otp_core::test(reports)]
async fn an_owner_whose_function_panics_hurts_nobody() {
    let probe = Probe::new();
    let told = Probe::new();
    let manager = stage(&["a"], &probe).await;
    let owner = owner(&told);
    let me = Recipient::from(&owner).map(|_: HandlerExit| -> HandlerExit { panic!("no message") });
    let role = Role::new("b", &probe);
    assert_eq!(manager.add_sup_handler(id("b"), me, role).await, Ok(()));
    assert!(manager.delete_handler(id("b")).await.is_ok());
    assert_eq!(texts(&manager).await, ["a"]);
    assert_eq!(reports().take_kinds(), Vec::<String>::new());
}
