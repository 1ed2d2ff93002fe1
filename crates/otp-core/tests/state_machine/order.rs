//! Kinds of events and their order.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{process, sys};

use crate::book::Ask;
use crate::stage::Stage;

// STM-009
#[otp_core::test]
async fn each_kind_of_event_arrives_as_what_it_is() {
    let stage = Stage::start(
        "a ask: reply yes
         a c: insert i; timeout t 1; state_timeout s 2; event_timeout e 3",
    )
    .await;
    assert_eq!(stage.call("ask").await, Ok("yes".to_owned()));
    stage.machine.send("m".to_owned());
    stage.cast("c");
    stage
        .wait_for(&[
            "a call ask",
            "a info m",
            "a cast c",
            "a internal i",
            "a timeout t",
            "a timeout s",
        ])
        .await;
}

// STM-009
#[otp_core::test]
async fn downs_and_trapped_exits_are_infos() {
    struct Watch;

    #[state_machine]
    impl StateMachine for Watch {
        type Args = (otp_core::test::Probe<String>, Pid);
        type State = ();
        type Call = Never;

        async fn init(
            (probe, watched): Self::Args,
            context: &mut Context<Machine<Self>>,
        ) -> Result<Initial<Self>, ExitReason> {
            context.trap_exit(true);
            context.monitor(watched);
            context.link(watched);
            drop(probe);
            Ok(Initial::state((), Self))
        }

        async fn handle(
            &mut self,
            (): &(),
            event: Event<Self>,
            _: &mut Context<Machine<Self>>,
        ) -> Transition<Self> {
            match event {
                Event::Down(down) => Transition::stop(down.reason),
                Event::Exit(_) => Transition::keep(),
            }
        }
    }

    let watched = process::spawn(|mut mailbox: Mailbox<&'static str>| async move {
        ExitReason::other(mailbox.receive().await)
    });
    let args = (otp_core::test::Probe::new(), watched.pid());
    let watch = Watch::start(args).await.expect("it starts");
    watched.send("burnt");
    assert_eq!(watch.wait().await, ExitReason::other("burnt"));
}

// STM-011
#[otp_core::test]
async fn inside_comes_first_then_zeros_then_the_mailbox() {
    let stage = Stage::start("a go: timeout z 0; insert i").await;
    stage.cast("go queued");
    stage.machine.send("last".to_owned());
    stage
        .check(&[
            "a cast go",
            "a internal i",
            "a timeout z",
            "a cast queued",
            "a info last",
        ])
        .await;
}

// STM-012
#[otp_core::test]
async fn inserted_events_come_in_order_and_what_they_insert_before_their_siblings() {
    let stage = Stage::start("a go: insert x; insert y\n a x: insert x1; insert x2").await;
    stage.cast("go");
    stage
        .check(&[
            "a cast go",
            "a internal x",
            "a internal x1",
            "a internal x2",
            "a internal y",
        ])
        .await;
}

// STM-013
#[otp_core::test]
async fn an_inserted_event_may_be_of_any_kind() {
    let stage = Stage::start(
        "a go: insert_cast c; insert_bell t; insert i
         a ask: insert_it; next b
         b ask: reply passed",
    )
    .await;
    stage.cast("go");
    stage
        .check(&["a cast go", "a cast c", "a timeout t", "a internal i"])
        .await;
    assert_eq!(stage.call("ask").await, Ok("passed".to_owned()));
    stage.check(&["a call ask", "b call ask"]).await;
}

// STM-014
#[otp_core::test]
async fn after_a_change_the_inserted_come_then_the_postponed_then_the_rest() {
    let stage = Stage::start(
        "a p1: postpone
         a p2: postpone
         a burst: insert x; insert y
         a x: next b; insert n1; insert n2",
    )
    .await;
    stage.cast("p1 p2 burst");
    let seen = [
        "a cast p1",
        "a cast p2",
        "a cast burst",
        "a internal x",
        "b internal n1",
        "b internal n2",
        "b cast p1",
        "b cast p2",
        "b internal y",
    ];
    stage.check(&seen).await;
}

/// A machine whose inside never ends: it hears nothing from outside, but lets others run and can be killed.
async fn is_endless(text: &str) {
    let stage = Stage::start(text).await;
    stage.cast("go");
    let name = "ask".to_owned();
    let call = stage.machine.call(|from| Ask(name, from));
    let call = call.timeout(Duration::from_millis(100)).await;
    assert!(matches!(call, Err(CallError::Timeout { .. })), "{call:?}");
    let stop = stage
        .machine
        .stop()
        .timeout(Duration::from_millis(100))
        .await;
    assert!(stop.is_err(), "an order to stop is a message, too");
    let looked = sys::get_state(&stage.machine, |_| ());
    let looked = looked.timeout(Duration::from_millis(100)).await;
    assert!(looked.is_err(), "so is a system request");
    assert!(stage.machine.is_alive());
    process::exit(stage.machine.pid(), ExitReason::Kill);
    assert_eq!(stage.machine.wait().await, ExitReason::Killed);
}

// STM-015
#[otp_core::test(real_clock)]
async fn a_machine_that_always_inserts_hears_nothing_but_a_kill() {
    is_endless("a go: insert i\n a i: insert i").await;
}

// STM-015
#[otp_core::test(real_clock)]
async fn a_machine_that_always_sets_a_zero_hears_nothing_but_a_kill() {
    is_endless("a go: timeout t 0\n a t: timeout t 0").await;
}

// STM-015
#[otp_core::test(real_clock)]
async fn an_untrapped_exit_ends_a_machine_that_never_listens() {
    let stage = Stage::start("a go: insert i\n a i: insert i").await;
    stage.cast("go");
    let machine = stage.machine.pid();
    process::spawn(move |_: Mailbox<Never>| async move {
        process::exit(machine, ExitReason::other("burnt"));
    });
    assert_eq!(stage.machine.wait().await, ExitReason::other("burnt"));
}
