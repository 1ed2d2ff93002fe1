//! The calculator with calls.

use crate::kitchen::in_process;
use ch2_egg_timer::calculator::api::{Calculator, Number, Op};
use otp_core::prelude::*;

fn n(n: i64) -> Number {
    Number::from(n)
}

// S18
#[tokio::test(start_paused = true)]
async fn every_operation_is_answered() {
    in_process(async |_: Mailbox<Never>| {
        let calculator = Calculator::start_link(n(10)).await.expect("it starts");
        let check = async |op: Op, total: &str| {
            calculator.apply(op).await.expect("it is done");
            let state = calculator.state().await.expect("an answer");
            assert_eq!(state.to_string(), total);
        };
        check(Op::Add(n(1)), "11").await;
        check(Op::Add(n(5)), "16").await;
        check(Op::Subtract(n(4)), "12").await;
        check(Op::Multiply(n(3)), "36").await;
        check(Op::Divide(n(8)), "4.5").await;
        check(Op::Clear, "0").await;
    })
    .await;
}

// S18
#[tokio::test(start_paused = true)]
async fn the_caller_learns_of_the_crash_and_a_linked_one_gets_the_exit_too() {
    in_process(async |mut mailbox: Mailbox<Exit>| {
        mailbox.trap_exit(|exit| exit);
        let calculator = Calculator::start_link(n(0)).await.expect("it starts");
        let error = calculator.apply(Op::Divide(n(0))).await;
        let Err(CallError::Exited { reason, .. }) = &error else {
            panic!("{error:?}")
        };
        assert!(reason.to_string().contains("division by zero"), "{reason}");
        let exit = mailbox.receive().await;
        assert_eq!((exit.from, &exit.reason), (calculator.pid(), reason));

        let error = calculator.apply(Op::Add(n(1))).await;
        assert!(matches!(error, Err(CallError::NoProcess { .. })));
        assert!(!calculator.is_alive());
    })
    .await;
}
