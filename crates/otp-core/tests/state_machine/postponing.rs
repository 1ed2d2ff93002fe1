//! Events that wait for a change of state.

use std::time::Duration;

use otp_core::prelude::*;

use crate::book::Ask;
use crate::stage::Stage;

// STM-016
#[otp_core::test]
async fn only_a_change_of_state_brings_a_postponed_event_back() {
    let stage = Stage::start(
        "a p: postpone
         a same: next a
         a again: repeat
         a go: next b",
    )
    .await;
    stage.cast("p other same again");
    stage
        .check(&["a cast p", "a cast other", "a cast same", "a cast again"])
        .await;
    stage.cast("go");
    stage.check(&["a cast go", "b cast p"]).await;
}

// STM-017
#[otp_core::test]
async fn a_change_is_a_state_that_is_not_equal() {
    struct Counter;

    #[derive(Debug, Clone)]
    struct State(u32, &'static str);

    /// States differ by their number alone.
    impl PartialEq for State {
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }

    #[state_machine]
    impl StateMachine for Counter {
        type Args = otp_core::test::Probe<&'static str>;
        type State = State;
        type Cast = State;

        async fn init(
            _: Self::Args,
            _: &mut Context<Machine<Self>>,
        ) -> Result<Initial<Self>, ExitReason> {
            Ok(Initial::state(State(1, "first"), Self))
        }

        async fn handle(
            &mut self,
            _: &State,
            event: Event<Self>,
            _: &mut Context<Machine<Self>>,
        ) -> Transition<Self> {
            match event {
                Event::Cast(state) => Transition::next(state),
                Event::Down(_) | Event::Exit(_) => Transition::keep(),
            }
        }
    }

    let machine = Counter::start(otp_core::test::Probe::new())
        .await
        .expect("it starts");
    let shown = async || {
        let shown = otp_core::sys::get_state(&machine, |machine| machine.state().1);
        shown.await.expect("it lives")
    };
    machine.cast(State(1, "equal"));
    assert_eq!(shown().await, "first");
    machine.cast(State(2, "other"));
    assert_eq!(shown().await, "other");
}

// STM-018
#[otp_core::test]
async fn all_come_again_at_each_change_in_the_order_of_their_first_arrival() {
    let stage = Stage::start(
        "a p1: postpone
         b p1: postpone
         b p2: postpone
         a go: next b
         b go: next c",
    )
    .await;
    stage.cast("p1 go p2 go");
    let seen = [
        "a cast p1",
        "a cast go",
        "b cast p1",
        "b cast p2",
        "b cast go",
        "c cast p1",
        "c cast p2",
    ];
    stage.check(&seen).await;
}

// STM-019
#[otp_core::test]
async fn a_change_in_the_middle_of_a_replay_starts_it_anew() {
    let stage = Stage::start(
        "a p1: postpone
         a p2: postpone
         a p3: postpone
         a go_b: next b
         b p1: postpone
         b p2: next c",
    )
    .await;
    stage.cast("p1 p2 p3 go_b");
    let seen = [
        "a cast p1",
        "a cast p2",
        "a cast p3",
        "a cast go_b",
        "b cast p1",
        "b cast p2",
        "c cast p1",
        "c cast p3",
    ];
    stage.check(&seen).await;
}

// STM-020
#[otp_core::test]
async fn an_event_that_is_postponed_and_changes_the_state_comes_again_at_once() {
    let stage = Stage::start("a p: postpone; next b; insert i").await;
    stage.cast("p later");
    stage
        .check(&["a cast p", "b internal i", "b cast p", "b cast later"])
        .await;
}

// STM-021
#[otp_core::test]
async fn any_event_may_be_postponed() {
    let stage = Stage::start(
        "a go: insert i; state_timeout s 1
         a i: postpone
         a s: postpone
         a m: postpone
         a ask: postpone
         a change: next b
         b ask: reply yes",
    )
    .await;
    stage.cast("go");
    stage
        .wait_for(&["a cast go", "a internal i", "a timeout s"])
        .await;
    stage.machine.send("m".to_owned());
    let call = stage
        .machine
        .send_request(|from| Ask("ask".to_owned(), from));
    stage.check(&["a info m", "a call ask"]).await;
    stage.cast("change");
    assert_eq!(call.await, Ok("yes".to_owned()));
    stage
        .check(&[
            "a cast change",
            "b internal i",
            "b timeout s",
            "b info m",
            "b call ask",
        ])
        .await;
}

// STM-022
#[otp_core::test]
async fn of_two_events_that_one_transition_postpones_the_second_counts() {
    let stage = Stage::start("a p: postpone_cast first; postpone\n a go: next b").await;
    stage.cast("p go");
    stage.check(&["a cast p", "a cast go", "b cast p"]).await;
}

// STM-023
#[otp_core::test]
async fn the_limit_of_a_postponed_call_runs_on_and_it_comes_again_all_the_same() {
    let stage = Stage::start("a ask: postpone\n a go: next b\n b ask: reply late").await;
    let call = stage.machine.call(|from| Ask("ask".to_owned(), from));
    let call = call.timeout(Duration::from_millis(10)).await;
    assert!(matches!(call, Err(CallError::Timeout { .. })));
    stage.cast("go");
    stage
        .check(&["a call ask", "a cast go", "b call ask, given up"])
        .await;
    assert_eq!(stage.call("ask").await, Ok("late".to_owned()));
}

// STM-024
#[otp_core::test]
async fn at_the_end_postponed_calls_fail_with_the_reason() {
    let stage = Stage::start("a ask: postpone\n a p: postpone\n a go: stop done").await;
    let call = stage
        .machine
        .send_request(|from| Ask("ask".to_owned(), from));
    stage.cast("p go");
    let failed = call.await;
    assert!(
        matches!(&failed, Err(CallError::Exited { reason, .. }) if *reason == ExitReason::other("done")),
        "{failed:?}"
    );
}
