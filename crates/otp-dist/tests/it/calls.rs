//! Calls and casts from one node of ours to another.

use std::error::Error;
use std::time::Duration;

use otp_core::prelude::*;
use otp_dist::{CallError, Destination, Raised, RemoteProcess, RemoteServer, RpcError};
use otp_etf::{Term, term};

use crate::support::{A, B, Call, Cast, LONG, Overflow, Pair, Server, atom};

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

// DST-019
#[tokio::test]
async fn functions_of_the_same_node_are_called_as_those_of_others() {
    let pair = Pair::start().await;
    pair.on_b
        .function("math", "add", |(a, b): (i64, i64)| a + b);
    pair.on_b
        .async_function("math", "fail", async |(why,): (Term,)| {
            Err::<(), _>(Raised::Throw(why))
        });
    pair.on_b.function("math", "panic", |(): ()| {
        assert_eq!(1, 2, "a test");
    });
    let (node, called) = (atom(B), |name| (atom("math"), atom(name)));
    for dist in [&pair.on_b, &pair.on_a] {
        let sum = dist.rpc::<i64>(&node, called("add"), (40, 2)).await;
        assert_eq!(sum.expect("it returns"), 42);
        let none = dist.rpc::<i64>(&node, called("sub"), (1, 2)).await;
        assert!(matches!(none, Err(RpcError::Error(why)) if why == term!(undef)));
        let wrong = dist.rpc::<i64>(&node, called("add"), ("a", 2)).await;
        assert!(matches!(wrong, Err(RpcError::Error(why)) if why == term!(badarg)));
        let thrown = dist.rpc::<()>(&node, called("fail"), ("ball",)).await;
        assert!(matches!(thrown, Err(RpcError::Throw(why)) if why == term!("ball")));
        let panicked = dist.rpc::<()>(&node, called("panic"), ()).await;
        assert!(matches!(panicked, Err(RpcError::Exit(why)) if why == term!(killed)));
    }
}

// MUL-001
#[tokio::test]
async fn multi_call_gives_the_answers_of_all_nodes_and_who_gave_none() {
    let pair = Pair::start().await;
    Server::options()
        .on(&pair.a)
        .name("server")
        .start(())
        .await
        .expect("it starts");
    pair.on_a.expose::<Server>("server");
    // Also the own node, one that has no such server, and one that is not there.
    let to = |name, node| pair.on_a.server::<Server>(name, node);
    let servers = [
        to("server", A),
        to("server", B),
        to("nobody", B),
        to("server", "c@127.0.0.1"),
    ];
    let node = |server: &RemoteServer<Server>| match server.process().destination() {
        Destination::Name(_, node) => node.as_str().to_owned(),
        Destination::Pid(_) => panic!("it has a name"),
    };
    RemoteServer::abcast(&servers, &Cast::Add(7))
        .await
        .expect("it can be written");
    let (answers, failures) = RemoteServer::multi_call(&servers, LONG, Call::Get).await;
    let mut answers: Vec<_> = answers.iter().map(|(it, n)| (node(it), *n)).collect();
    answers.sort_unstable();
    assert_eq!(answers, [(A.to_owned(), 7), (B.to_owned(), 7)]);
    let failed = |name: &str| {
        let of = |(it, _): &&(RemoteServer<Server>, CallError)| node(it) == name;
        &failures.iter().find(of).expect("it has failed").1
    };
    assert_eq!(failures.len(), 2);
    assert!(matches!(failed(B), CallError::NoProcess));
    assert!(matches!(failed("c@127.0.0.1"), CallError::NodeDown));
    // One that does not answer holds up no other; any serde type is a request.
    otp_core::sys::suspend(pair.server.pid())
        .await
        .expect("it lives");
    let processes = servers.map(|server| server.process().clone());
    let short = Duration::from_millis(200);
    let (answers, failures) =
        RemoteProcess::multi_call::<i64>(&processes[..2], short, &term!(get)).await;
    let [(answered, 7)] = &answers[..] else {
        panic!("{answers:?}");
    };
    assert_eq!(answered.destination(), processes[0].destination());
    assert!(matches!(failures[..], [(_, CallError::Timeout(it))] if it == short));
}
