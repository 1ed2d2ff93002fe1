//! Calls of a machine.

use std::time::Duration;

use otp_core::gen_server::RequestSet;
use otp_core::prelude::*;
use otp_core::process;

use crate::book::{Ask, Player};
use crate::stage::Stage;

// STM-051
#[otp_core::test]
async fn a_call_waits_for_five_seconds_unless_told_otherwise() {
    let stage = Stage::start("a ask: hold").await;
    let begun = tokio::time::Instant::now();
    let failed = stage.call("ask").await;
    assert!(
        matches!(failed, Err(CallError::Timeout { .. })),
        "{failed:?}"
    );
    assert!(begun.elapsed() >= Duration::from_secs(5));
}

// STM-052
#[otp_core::test]
async fn calls_that_cannot_be_answered_fail_and_casts_do_not() {
    let stage = Stage::start("a ask: stop done").await;
    let failed = stage.call("ask").await;
    assert!(
        matches!(&failed, Err(CallError::Exited { reason, .. }) if *reason == ExitReason::other("done")),
        "{failed:?}"
    );
    let failed = stage.call("ask").await;
    assert!(
        matches!(failed, Err(CallError::NoProcess { .. })),
        "{failed:?}"
    );
    stage.cast("nobody hears it");
    let nobody = ServerName::<Machine<Player>>::new("nobody");
    nobody.cast("c".to_owned());
    let failed = nobody.call(|from| Ask("ask".to_owned(), from)).await;
    assert!(
        matches!(failed, Err(CallError::NoProcess { .. })),
        "{failed:?}"
    );
}

// STM-052
#[otp_core::test]
async fn a_machine_that_calls_itself_is_told() {
    struct Narcissus;

    #[state_machine]
    impl StateMachine for Narcissus {
        type State = ();
        type Call = ReplyTo<String>;

        async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, ExitReason> {
            Ok(Initial::state((), Self))
        }

        async fn handle(
            &mut self,
            (): &(),
            event: Event<Self>,
            context: &mut Context<Machine<Self>>,
        ) -> Transition<Self> {
            match event {
                Event::Call(from) => {
                    let failed = context.me().call(|from| from).await;
                    Transition::keep().reply(from, format!("{failed:?}"))
                }
                Event::Down(_) | Event::Exit(_) => Transition::keep(),
            }
        }
    }

    let machine = Narcissus::start(()).await.expect("it starts");
    let answer = machine.call(|from| from).await.expect("it answers");
    assert!(answer.contains("CallingSelf"), "{answer}");
}

// STM-053
#[otp_core::test]
async fn a_reply_may_come_later_and_from_any_process() {
    let stage = Stage::start("a ask: hold\n a other: answer ask later").await;
    let call = stage
        .machine
        .send_request(|from| Ask("ask".to_owned(), from));
    stage.check(&["a call ask"]).await;
    stage.cast("other");
    assert_eq!(call.await, Ok("later".to_owned()));

    struct Delegate;

    #[state_machine]
    impl StateMachine for Delegate {
        type State = ();
        type Call = ReplyTo<Pid>;

        async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, ExitReason> {
            Ok(Initial::state((), Self))
        }

        async fn handle(
            &mut self,
            (): &(),
            event: Event<Self>,
            _: &mut Context<Machine<Self>>,
        ) -> Transition<Self> {
            if let Event::Call(from) = event {
                process::spawn(|mailbox: Mailbox<Never>| async move { from.send(mailbox.pid()) });
            }
            Transition::keep()
        }
    }

    let delegate = Delegate::start(()).await.expect("it starts");
    let answered_by = delegate.call(|from| from).await.expect("it is answered");
    assert_ne!(answered_by, delegate.pid());
}

// STM-053
#[otp_core::test]
async fn requests_are_answered_in_the_order_of_their_answers() {
    let stage = Stage::start("a one: hold\n a two: hold\n a go: answer two 2; answer one 1").await;
    let mut requests = RequestSet::new();
    for name in ["one", "two"] {
        let request = stage
            .machine
            .send_request(|from| Ask(name.to_owned(), from));
        requests.add(name, request);
    }
    stage.cast("go");
    let mut answers = Vec::new();
    while let Some((label, answer)) = requests.next().await {
        answers.push((label, answer.expect("it is answered")));
    }
    assert_eq!(answers, [("two", "2".to_owned()), ("one", "1".to_owned())]);
}

// STM-054
#[otp_core::test]
async fn a_call_that_no_state_answers_fails_as_its_handle_is_dropped() {
    let stage = Stage::start("").await;
    let failed = stage.call("ask").await;
    assert!(
        matches!(failed, Err(CallError::ReplyDropped { .. })),
        "{failed:?}"
    );
}

// STM-055
#[otp_core::test]
async fn an_answer_that_comes_too_late_is_never_seen() {
    let stage = Stage::start("a ask: hold\n a go: answer ask late\n a again: reply second").await;
    let call = stage.machine.call(|from| Ask("ask".to_owned(), from));
    let failed = call.timeout(Duration::from_millis(10)).await;
    assert!(
        matches!(failed, Err(CallError::Timeout { .. })),
        "{failed:?}"
    );
    stage.cast("go");
    assert_eq!(stage.call("again").await, Ok("second".to_owned()));
}
