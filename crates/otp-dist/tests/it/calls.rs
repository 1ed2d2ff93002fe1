//! Calls and casts from one node of ours to another.

use std::error::Error;
use std::time::Duration;

use otp_core::prelude::*;
use otp_dist::{CallError, Raised, RpcError};
use otp_etf::{Term, term};

use crate::support::{B, Call, Cast, LONG, Overflow, Pair, Server, atom};

// DST-001
#[tokio::test]
async fn one_declaration_serves_both_sides() {
    let pair = Pair::start().await;
    let server = pair.on_a.server::<Server>("server", B);
    let doubled = server.call(|from| Call::Double(21, from)).await;
    assert_eq!(doubled.expect("it answers"), Ok(42));
    let doubled = server.call(|from| Call::Double(i64::MAX, from)).await;
    assert_eq!(doubled.expect("it answers"), Err(Overflow::Overflow));
    for n in 1..=100 {
        server.cast(&Cast::Add(n)).await.expect("it can be written");
    }
    // Casts and calls of one sender keep their order.
    assert_eq!(server.call(Call::Get).await.expect("it answers"), 5050);
}

#[tokio::test]
async fn what_cannot_be_decoded_is_answered_and_does_not_reach_the_server() {
    let pair = Pair::start().await;
    let server = pair.on_a.process("server", B);
    for request in [
        term!(nope),
        term!({double, 1.5}),
        term!([1]),
        term!({double, 1, 2}),
    ] {
        let answer: Term = server.call(&request).await.expect("it is answered");
        let parts = answer.as_tuple().expect("an error");
        assert_eq!(parts[0], term!(error));
        assert_eq!(parts[1].as_tuple().expect("why")[0], term!(undecodable));
    }
    server.cast(&term!(nope)).await.expect("it can be written");
    assert_eq!(server.call::<i64>(&term!(get)).await.expect("it lives"), 0);
}

// DST-013
#[tokio::test]
async fn calls_fail_as_in_otp() {
    let pair = Pair::start().await;
    let nobody = pair.on_a.process("nobody", B);
    assert!(matches!(
        nobody.call::<Term>(&1).await,
        Err(CallError::NoProcess)
    ));
    let nowhere = pair.on_a.process("server", "c@127.0.0.1");
    assert!(matches!(
        nowhere.call::<Term>(&1).await,
        Err(CallError::NodeDown)
    ));
    let server = pair.on_a.server::<Server>("server", B);
    let short = Duration::from_millis(20);
    let late = server.call(Call::Never).timeout(short).await;
    assert!(matches!(late, Err(CallError::Timeout(limit)) if limit == short));
    let panicked = server.call(|from| Call::Panic("boom".into(), from)).await;
    let Err(CallError::Exited(reason)) = panicked else {
        panic!("the server ends: {panicked:?}");
    };
    assert_eq!(reason, ExitReason::other(term!({panic, "boom"})));
}

// DST-013
#[tokio::test]
async fn a_call_that_fails_has_its_cause_once() {
    let pair = Pair::start().await;
    pair.on_b.function("m", "f", |()| 7);
    let (server, called) = (pair.on_a.process("server", B), (atom("m"), atom("f")));
    let node = atom(B);
    let errors: [Box<dyn Error>; 4] = [
        Box::new(server.call::<i64>(&f64::NAN).await.expect_err("no number")),
        Box::new(
            server
                .call::<String>(&term!(get))
                .await
                .expect_err("a number"),
        ),
        Box::new(
            pair.on_a
                .rpc::<i64>(&node, called.clone(), (f64::NAN,))
                .await
                .expect_err("no number"),
        ),
        Box::new(
            pair.on_a
                .rpc::<String>(&node, called, ())
                .await
                .expect_err("a number"),
        ),
    ];
    for error in errors {
        let cause = error.source().expect("it has a cause").to_string();
        assert!(!error.to_string().contains(&cause), "{error}: {cause}");
    }
}

// DST-012
#[tokio::test]
async fn a_call_that_is_given_up_leaves_no_monitor() {
    let pair = Pair::start().await;
    let server = pair.on_a.server::<Server>("server", B);
    let short = Duration::from_millis(20);
    for _ in 0..10 {
        let late = server.call(Call::Never).timeout(short).await;
        assert!(matches!(late, Err(CallError::Timeout(_))));
    }
    // The demonitors come before this call.
    server.call(Call::Get).await.expect("it lives");
    let info = pair.b.process_info(pair.server.pid());
    // This call's own may be on its way.
    assert!(info.expect("it lives").monitored_by.len() <= 1);
}

// DST-019
#[tokio::test]
async fn functions_are_called_if_they_are_offered() {
    let pair = Pair::start().await;
    let node = atom(B);
    pair.on_b
        .function("math", "add", |(a, b): (i64, i64)| a + b);
    pair.on_b
        .async_function("math", "fail", async |(why,): (Term,)| {
            Err::<(), _>(Raised::Throw(why))
        });
    let called = |name| (atom("math"), atom(name));
    let sum = pair.on_a.rpc::<i64>(&node, called("add"), (40, 2)).await;
    assert_eq!(sum.expect("it returns"), 42);
    let wrong = pair
        .on_a
        .rpc::<i64>(&node, called("add"), ("a", 2))
        .timeout(LONG)
        .await;
    assert!(matches!(wrong, Err(RpcError::Error(why)) if why == term!(badarg)));
    for (name, arguments) in [("add", term!([1])), ("sub", term!([1, 2]))] {
        let none = pair
            .on_a
            .rpc::<i64>(&node, called(name), arguments)
            .timeout(LONG)
            .await;
        assert!(matches!(none, Err(RpcError::Error(why)) if why == term!(undef)));
    }
    let thrown = pair
        .on_a
        .rpc::<()>(&node, called("fail"), ("ball",))
        .timeout(LONG)
        .await;
    assert!(matches!(thrown, Err(RpcError::Throw(why)) if why == term!("ball")));
}
