//! Handlers that fail, and managers that do not notice.

use otp_core::event_manager::{EventHandler, Handled, HandlerId, ManagerContext};
use otp_core::prelude::*;
use otp_core::test::{Probe, Report, reports};

use crate::puppet::{Deed, Order, TICK, id, order, stage, texts};

fn facts(report: &Report) -> [Option<&str>; 5] {
    ["kind", "handler", "reason", "last_message", "state"].map(|name| report.field(name))
}

// GEV-010, GEV-007
#[otp_core::test(reports)]
async fn a_handler_that_panics_is_removed_and_reported_and_the_rest_goes_on() {
    let probe = Probe::new();
    let manager = stage(&["a", "b", "c"], &probe).await;
    assert_eq!(manager.sync_notify(order("b", Deed::Panic)).await, Ok(()));
    assert_eq!(
        probe.drain(),
        ["c passes", "b acts", "b terminate Failed(boom)", "a passes"]
    );
    assert_eq!(texts(&manager).await, ["c", "a"]);
    let reports = reports().take();
    let [report] = reports.as_slice() else {
        panic!("{reports:?}");
    };
    let [kind, handler, reason, last, state] = facts(report);
    assert_eq!(kind, Some("gen_event"));
    assert_eq!(handler, Some(id("b").name().to_string().as_str()));
    assert!(
        reason.is_some_and(|reason| reason.contains("boom")),
        "{reason:?}"
    );
    assert_eq!((last, state), (Some("order to b"), Some("puppet b")));
    let text = report.text();
    for part in [
        "gen_event handler",
        "terminating",
        "Last message: order to b",
        "State: puppet b",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(manager.sync_notify(TICK).await, Ok(()));
    assert_eq!(probe.drain(), ["c passes", "a passes"]);
}

// GEV-010
#[otp_core::test(reports)]
async fn an_exit_in_a_handler_is_the_handlers_alone() {
    let probe = Probe::new();
    let manager = stage(&["a", "b"], &probe).await;
    let exit = Deed::Exit(ExitReason::other("enough"));
    assert_eq!(manager.sync_notify(order("a", exit)).await, Ok(()));
    assert_eq!(
        probe.drain(),
        ["b passes", "a acts", "a terminate Failed(enough)"]
    );
    assert!(manager.is_alive());
    assert_eq!(reports().take_kinds(), ["gen_event"]);
}

// GEV-010, GEV-015
#[otp_core::test(reports)]
async fn a_handler_that_fails_over_a_message_is_removed_too() {
    let probe = Probe::new();
    let manager = stage(&["a", "b"], &probe).await;
    let server = otp_core::sys::Server::find(&manager).expect("it lives");
    server.send(order("b", Deed::Panic));
    assert_eq!(texts(&manager).await, ["a"]);
    assert_eq!(
        probe.drain(),
        ["b message", "b terminate Failed(boom)", "a message"]
    );
    assert_eq!(reports().take_kinds(), ["gen_event"]);
}

/// Values that panic as they are dropped, and a status that cannot be shown.
struct Sharp;

impl Drop for Sharp {
    fn drop(&mut self) {
        panic!("ouch");
    }
}

impl EventHandler<Order> for Sharp {
    type Args = ();

    async fn init((): (), _: &mut ManagerContext<Order>) -> Result<Self, Stop> {
        Ok(Self)
    }

    async fn handle_event(
        &mut self,
        event: &Order,
        _: &mut ManagerContext<Order>,
    ) -> Handled<Order> {
        match event.deed {
            Deed::Panic => panic!("boom"),
            _ => Handled::Remove,
        }
    }

    fn format_status(&self) -> Option<String> {
        panic!("no status")
    }

    fn format_event(_: &Order) -> Option<String> {
        panic!("no event")
    }
}

// GEV-010
#[otp_core::test(reports)]
async fn a_handler_whose_destructor_and_texts_panic_hurts_nobody() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    for deed in [Deed::Nothing, Deed::Panic] {
        assert!(
            manager
                .add_handler(HandlerId::<Sharp>::new(), ())
                .await
                .is_ok()
        );
        assert_eq!(manager.sync_notify(order("", deed)).await, Ok(()));
        assert_eq!(texts(&manager).await, ["a"]);
    }
    let reports = reports().take();
    let hidden = Some("not shown: its formatting panicked");
    let sharp = reports
        .iter()
        .find(|report| report.field("state") == hidden);
    assert!(sharp.is_some(), "{reports:?}");
}

/// A handler without a `handle_info`.
struct Deaf;

impl EventHandler<Order> for Deaf {
    type Args = ();

    async fn init((): (), _: &mut ManagerContext<Order>) -> Result<Self, Stop> {
        Ok(Self)
    }

    async fn handle_event(&mut self, _: &Order, _: &mut ManagerContext<Order>) -> Handled<Order> {
        Handled::Keep
    }
}

// GEV-015
#[otp_core::test(reports)]
async fn a_handler_without_handle_info_stays_with_a_warning() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    assert!(
        manager
            .add_handler(HandlerId::<Deaf>::new(), ())
            .await
            .is_ok()
    );
    let server = otp_core::sys::Server::find(&manager).expect("it lives");
    server.send(TICK);
    assert_eq!(manager.which_handlers().await.expect("it lives").len(), 2);
    assert_eq!(probe.drain(), ["a message"]);
    assert_eq!(reports().take_kinds(), ["unexpected"]);
}
