//! Handlers: how they are added, see events, and are deleted.

use std::time::Duration;

use otp_core::event_manager::{AddError, DeleteError, EventManager, Handled, HandlerId};
use otp_core::prelude::*;
use otp_core::test::Probe;
use tokio::time::Instant;

use crate::puppet::{Deed, Order, Puppet, Role, TICK, id, order, stage, texts};

// GEV-001, GEV-002, GEV-005
#[otp_core::test]
async fn the_newest_handler_sees_each_event_first() {
    let probe = Probe::new();
    let manager = stage(&["a", "b", "c"], &probe).await;
    assert_eq!(texts(&manager).await, ["c", "b", "a"]);
    assert_eq!(manager.sync_notify(TICK).await, Ok(()));
    assert_eq!(probe.drain(), ["c passes", "b passes", "a passes"]);
}

// GEV-007
#[otp_core::test]
async fn a_notification_that_is_waited_for_has_been_seen_by_all() {
    let probe = Probe::new();
    let manager = stage(&["a", "slow"], &probe).await;
    let slow = order("slow", Deed::Sleep(Duration::from_secs(3)));
    assert_eq!(manager.sync_notify(slow).await, Ok(()));
    assert_eq!(probe.drain(), ["slow acts", "a passes"]);
}

// GEV-001
#[otp_core::test]
async fn a_slow_handler_holds_up_the_others_and_those_who_call() {
    let probe = Probe::new();
    let manager = stage(&["a", "slow"], &probe).await;
    let before = Instant::now();
    manager.notify(order("slow", Deed::Sleep(Duration::from_secs(60))));
    // Only a call of a handler has a limit by default.
    assert_eq!(texts(&manager).await, ["slow", "a"]);
    assert_eq!(before.elapsed(), Duration::from_secs(60));
    assert_eq!(probe.drain(), ["slow acts", "a passes"]);
}

// GEV-002, GEV-003
#[otp_core::test(reports)]
async fn a_handler_whose_init_fails_is_not_added_and_nothing_else_happens() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    let refuses = Role {
        takes: false,
        ..Role::new("b", &probe)
    };
    let refused = manager.add_handler(id("b"), refuses).await;
    assert!(
        matches!(&refused, Err(AddError::Init(reason)) if reason.to_string() == "it does not suit me"),
        "{refused:?}"
    );
    assert_eq!(texts(&manager).await, ["a"]);
    assert_eq!(probe.drain(), ["b init"]);
    assert_eq!(otp_core::test::reports().take_kinds(), Vec::<String>::new());
}

/// A handler whose init panics.
struct Stillborn;

impl otp_core::event_manager::EventHandler<Order> for Stillborn {
    type Args = ();

    async fn init(
        (): (),
        _: &mut otp_core::event_manager::ManagerContext<Order>,
    ) -> Result<Self, Stop> {
        panic!("in init")
    }

    async fn handle_event(
        &mut self,
        _: &Order,
        _: &mut otp_core::event_manager::ManagerContext<Order>,
    ) -> Handled<Order> {
        Handled::Keep
    }
}

// GEV-003
#[otp_core::test(reports)]
async fn a_panic_in_init_is_what_add_handler_returns() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    let failed = manager.add_handler(HandlerId::<Stillborn>::new(), ()).await;
    let Err(AddError::Init(ExitReason::Panic(info))) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(info.message, "in init");
    assert_eq!(texts(&manager).await, ["a"]);
    assert_eq!(otp_core::test::reports().take_kinds(), Vec::<String>::new());
}

// GEV-004
#[otp_core::test]
async fn no_two_handlers_have_the_same_id() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    let again = manager.add_handler(id("a"), Role::new("a", &probe)).await;
    assert_eq!(again, Err(AddError::AlreadyAdded(id("a").name())));
    assert_eq!(probe.drain(), Vec::<String>::new());
    let unnamed = HandlerId::<Puppet>::new();
    assert_eq!(
        manager.add_handler(&unnamed, Role::new("", &probe)).await,
        Ok(())
    );
    let names = manager.which_handlers().await.expect("the manager lives");
    assert_eq!(names, [unnamed.name(), id("a").name()]);
    assert!(
        names[1].to_string().ends_with("Puppet, \"a\"}"),
        "{}",
        names[1]
    );
}

// GEV-006
#[otp_core::test]
async fn a_deleted_handler_cleans_up_and_is_returned() {
    let probe = Probe::new();
    let manager = stage(&["a", "b"], &probe).await;
    let deleted = manager.delete_handler(id("a")).await;
    assert_eq!(deleted.map(|puppet| puppet.name), Ok("a".to_owned()));
    assert_eq!(probe.drain(), ["a terminate Deleted"]);
    let again = manager.delete_handler(id("a")).await.map(|_| ());
    assert_eq!(again, Err(DeleteError::NoHandler(id("a").name())));
    assert_eq!(texts(&manager).await, ["b"]);
}

// GEV-006, GEV-024
#[otp_core::test(reports)]
async fn a_panic_in_terminate_changes_nothing() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    let fragile = Role {
        panics_at_end: true,
        ..Role::new("b", &probe)
    };
    assert_eq!(manager.add_handler(id("b"), fragile).await, Ok(()));
    assert!(manager.delete_handler(id("b")).await.is_ok());
    assert_eq!(texts(&manager).await, ["a"]);
    assert_eq!(probe.drain(), ["b init", "b terminate Deleted"]);
    assert_eq!(otp_core::test::reports().take_kinds(), Vec::<String>::new());
}

// GEV-009
#[otp_core::test]
async fn what_one_process_sends_is_handled_in_the_order_sent() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    manager.notify(TICK);
    let name = manager.send_request(id("a"), crate::puppet::Call::Name);
    manager.notify(TICK);
    assert!(
        manager
            .add_handler(id("b"), Role::new("b", &probe))
            .await
            .is_ok()
    );
    manager.notify(TICK);
    assert!(manager.delete_handler(id("a")).await.is_ok());
    assert_eq!(name.await, Ok("a".to_owned()));
    let seen = [
        "a passes",
        "a passes",
        "b init",
        "b passes",
        "a passes",
        "a terminate Deleted",
    ];
    assert_eq!(probe.drain(), seen);
}

// GEV-011
#[otp_core::test(reports)]
async fn a_handler_that_removes_itself_is_not_reported() {
    let probe = Probe::new();
    let manager = stage(&["a", "b", "c"], &probe).await;
    assert_eq!(manager.sync_notify(order("b", Deed::Remove)).await, Ok(()));
    assert_eq!(texts(&manager).await, ["c", "a"]);
    assert_eq!(
        probe.drain(),
        ["c passes", "b acts", "b terminate Removed", "a passes"]
    );
    assert_eq!(otp_core::test::reports().take_kinds(), Vec::<String>::new());
}

#[otp_core::test]
async fn a_handler_that_hibernates_wakes_with_the_next_event() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    manager.notify(order("a", Deed::Hibernate));
    assert_eq!(manager.sync_notify(TICK).await, Ok(()));
    assert_eq!(probe.drain(), ["a acts", "a passes"]);
}

#[otp_core::test]
async fn a_function_is_a_handler() {
    let probe = Probe::new();
    let manager = EventManager::<u32>::start_link().await.expect("it starts");
    let tell = probe.clone();
    let id = manager.add_fn("odd", move |number| match number {
        0 => Handled::Remove,
        number => {
            tell.report(*number);
            Handled::Keep
        }
    });
    let id = id.await.expect("it is added");
    manager.notify(1);
    manager.notify(2);
    assert_eq!(manager.sync_notify(0).await, Ok(()));
    assert_eq!(probe.drain(), [1, 2]);
    assert!(
        manager.delete_handler(&id).await.is_err(),
        "it has gone by itself"
    );
}
