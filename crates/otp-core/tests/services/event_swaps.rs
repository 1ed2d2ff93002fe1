//! Handlers that take the place of others.

use otp_core::event_manager::{AddError, HandlerExit, HandlerGone};
use otp_core::prelude::*;
use otp_core::test::{Probe, reports};
use otp_core::{Recipient, process};

use crate::puppet::{Deed, Puppet, Role, TICK, id, order, stage, texts};

fn successor(old: Option<Puppet>, probe: &Probe<String>) -> Role {
    let name = old.map_or("nobody".to_owned(), |old| old.name);
    Role::new(format!("n<{name}"), probe)
}

// GEV-016
#[otp_core::test]
async fn a_swap_lets_the_old_one_clean_up_and_hands_it_over() {
    let probe = Probe::new();
    let manager = stage(&["a", "b", "c"], &probe).await;
    let tell = probe.clone();
    let swapped = manager.swap_handler(id("b"), id("n"), move |old| successor(old, &tell));
    assert_eq!(swapped.await, Ok(()));
    assert_eq!(probe.drain(), ["b terminate Swapped", "n<b init"]);
    assert_eq!(texts(&manager).await, ["n", "c", "a"], "it stands first");
}

// GEV-016
#[otp_core::test]
async fn no_event_gets_between_the_two() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    let tell = probe.clone();
    manager.notify(TICK);
    let swapped = manager.swap_handler(id("a"), id("n"), move |old| successor(old, &tell));
    let (swapped, ()) = tokio::join!(swapped, async { manager.notify(TICK) });
    assert_eq!(swapped, Ok(()));
    assert_eq!(manager.sync_notify(TICK).await, Ok(()));
    let seen = [
        "a passes",
        "a terminate Swapped",
        "n<a init",
        "n<a passes",
        "n<a passes",
    ];
    assert_eq!(probe.drain(), seen);
}

// GEV-016
#[otp_core::test]
async fn a_handler_may_be_swapped_for_one_with_the_same_id() {
    let probe = Probe::new();
    let manager = stage(&["a", "b"], &probe).await;
    let tell = probe.clone();
    let swapped = manager.swap_handler(id("a"), id("a"), move |old| successor(old, &tell));
    assert_eq!(swapped.await, Ok(()));
    assert_eq!(texts(&manager).await, ["a", "b"]);
    let tell = probe.clone();
    let taken = manager.swap_handler(id("a"), id("b"), move |old| successor(old, &tell));
    assert_eq!(taken.await, Err(AddError::AlreadyAdded(id("b").name())));
    assert_eq!(texts(&manager).await, ["a", "b"], "both are still there");
}

// GEV-017
#[otp_core::test]
async fn a_handler_that_swaps_itself_keeps_its_place() {
    let probe = Probe::new();
    let manager = stage(&["a", "b", "c"], &probe).await;
    let swap = order("b", Deed::Swap("n", true));
    assert_eq!(manager.sync_notify(swap).await, Ok(()));
    let seen = [
        "c passes",
        "b acts",
        "b terminate Swapped",
        "n<b init",
        "a passes",
    ];
    assert_eq!(probe.drain(), seen, "the new one does not see the event");
    assert_eq!(texts(&manager).await, ["c", "n", "a"]);
}

// GEV-018
#[otp_core::test]
async fn without_the_old_one_the_new_one_is_added_all_the_same() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    let tell = probe.clone();
    let swapped = manager.swap_handler(id("b"), id("n"), move |old| successor(old, &tell));
    assert_eq!(swapped.await, Ok(()));
    assert_eq!(probe.drain(), ["n<nobody init"]);
    assert_eq!(texts(&manager).await, ["n", "a"]);
}

// GEV-019
#[otp_core::test(reports)]
async fn if_the_new_one_refuses_the_old_one_is_gone() {
    let probe = Probe::new();
    let manager = stage(&["a", "b"], &probe).await;
    let tell = probe.clone();
    let refused = manager.swap_handler(id("a"), id("n"), move |old| Role {
        takes: false,
        ..successor(old, &tell)
    });
    assert!(matches!(refused.await, Err(AddError::Init(_))));
    assert_eq!(probe.drain(), ["a terminate Swapped", "n<a init"]);
    assert_eq!(texts(&manager).await, ["b"]);
    let panics = manager.swap_handler(id("b"), id("n"), |_: Option<Puppet>| panic!("no args"));
    assert!(matches!(
        panics.await,
        Err(AddError::Init(ExitReason::Panic(_)))
    ));
    assert_eq!(texts(&manager).await, [] as [&str; 0]);
    assert_eq!(reports().take_kinds(), Vec::<String>::new());
}

// GEV-019
#[otp_core::test(reports)]
async fn a_handler_whose_own_swap_is_refused_is_gone_and_reported() {
    let probe = Probe::new();
    let manager = stage(&["a", "b"], &probe).await;
    let swap = order("b", Deed::Swap("n", false));
    assert_eq!(manager.sync_notify(swap).await, Ok(()));
    let seen = ["b acts", "b terminate Swapped", "n<b init", "a passes"];
    assert_eq!(probe.drain(), seen);
    let all = reports().take();
    assert_eq!(all[0].kind(), "gen_event");
    assert_eq!(
        all[0].field("handler"),
        Some(id("n").name().to_string().as_str()),
        "the new one"
    );
    let taken = order("a", Deed::Swap("a2", true));
    assert!(
        manager
            .add_handler(id("a2"), Role::new("a2", &probe))
            .await
            .is_ok()
    );
    assert_eq!(manager.sync_notify(taken).await, Ok(()));
    assert_eq!(texts(&manager).await, ["a2"], "the id was taken");
    assert_eq!(reports().take_kinds(), ["gen_event"]);
}

// GEV-019, GEV-021
#[otp_core::test]
async fn the_owner_hears_of_a_swap_that_is_refused() {
    let (probe, told) = (Probe::new(), Probe::new());
    let manager = stage(&[], &probe).await;
    let owner = crate::event_owners::owner(&told);
    let (me, role) = (Recipient::from(&owner), Role::new("a", &probe));
    assert_eq!(manager.add_sup_handler(id("a"), me, role).await, Ok(()));
    let swap = order("a", Deed::Swap("n", false));
    assert_eq!(manager.sync_notify(swap).await, Ok(()));
    assert_eq!(told.next().await.handler, id("a").name(), "it is swapped");
    let refused = told.next().await;
    assert_eq!(refused.handler, id("n").name());
    assert!(matches!(refused.why, HandlerGone::Failed(_)), "{refused:?}");
    assert_eq!(texts(&manager).await, [] as [&str; 0]);
}

// GEV-021
#[otp_core::test]
async fn a_swapped_handler_keeps_its_owner_unless_there_is_a_new_one() {
    let probe = Probe::new();
    let manager = stage(&[], &probe).await;
    let told = Probe::new();
    let owner = crate::event_owners::owner(&told);
    let me = Recipient::from(&owner);
    let role = Role::new("a", &probe);
    assert_eq!(manager.add_sup_handler(id("a"), me, role).await, Ok(()));
    let tell = probe.clone();
    let swapped = manager.swap_handler(id("a"), id("b"), move |old| successor(old, &tell));
    assert_eq!(swapped.await, Ok(()));
    let manager_pid = manager.pid().expect("it lives");
    let gone = |handler, why| HandlerExit {
        manager: manager_pid,
        handler,
        why,
    };
    let why = HandlerGone::Swapped {
        by: id("b").name(),
        owner: Some(owner.pid()),
    };
    assert_eq!(told.next().await, gone(id("a").name(), why));
    assert_eq!(
        manager
            .sync_notify(order("n<a", Deed::Swap("c", true)))
            .await,
        Ok(())
    );
    let why = HandlerGone::Swapped {
        by: id("c").name(),
        owner: Some(owner.pid()),
    };
    assert_eq!(
        told.next().await,
        gone(id("b").name(), why),
        "it swapped itself"
    );

    let second = crate::event_owners::owner(&told);
    let tell = probe.clone();
    let swapped =
        manager.swap_sup_handler(id("c"), id("d"), Recipient::from(&second), move |old| {
            successor(old, &tell)
        });
    assert_eq!(swapped.await, Ok(()));
    let why = HandlerGone::Swapped {
        by: id("d").name(),
        owner: Some(second.pid()),
    };
    assert_eq!(told.next().await, gone(id("c").name(), why));
    process::exit(owner.pid(), ExitReason::Shutdown);
    owner.wait().await;
    assert_eq!(texts(&manager).await, ["d"], "it is the second one's now");
    process::exit(second.pid(), ExitReason::Shutdown);
    second.wait().await;
    assert_eq!(texts(&manager).await, [] as [&str; 0]);
}
