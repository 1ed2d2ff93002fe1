//! Calls that wait for each other.

use std::time::Duration;

use otp_core::gen_server::Address;
use otp_core::prelude::*;
use otp_core::process;
use tokio::time::Instant;

/// Calls the servers with these names, one after the other, through each other.
struct Relay;

type Errand = (Vec<&'static str>, ReplyTo<Result<(), CallError>>);

#[gen_server]
impl GenServer for Relay {
    type Call = Errand;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, (mut way, from): Errand, _: &mut Context<Self>) -> Reply<Self> {
        if way.is_empty() {
            return from.reply(Ok(()));
        }
        let next = ServerName::<Self>::new(way.remove(0));
        let done = next.call(|from| (way, from)).await;
        from.reply(done.and_then(|done| done))
    }
}

async fn relays() {
    for name in ["a", "b", "c"] {
        Relay::options()
            .name(name)
            .start(())
            .await
            .expect("it starts");
    }
}

async fn walk(way: &[&'static str]) -> Result<(), CallError> {
    let (first, rest) = (ServerName::<Relay>::new(way[0]), way[1..].to_vec());
    let limit = Duration::from_secs(60);
    let done = first.call(|from| (rest, from)).timeout(limit).await;
    done.and_then(|done| done)
}

#[otp_core::test]
async fn a_cycle_fails_at_once_and_names_those_in_it() {
    process::node().detect_call_cycles();
    relays().await;
    let began = Instant::now();
    let error = walk(&["a", "b", "c", "a"])
        .await
        .expect_err("it goes round");
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    let CallError::Cycle { server, through } = &error else {
        panic!("{error:?}");
    };
    let names = ["a", "b", "c"].map(|name| Address::Name(name.into()));
    assert_eq!((server, through.as_slice()), (&names[0], &names[..]));
    assert_eq!(
        error.to_string(),
        "a waits for its caller: c -> a -> b -> c"
    );
    assert_eq!(walk(&["a", "b", "c"]).await, Ok(()), "all are free again");
}

#[otp_core::test]
async fn a_long_way_that_is_no_cycle_is_none() {
    process::node().detect_call_cycles();
    relays().await;
    let slow = process::spawn(|_: Mailbox<Never>| async {
        assert_eq!(walk(&["a", "b"]).await, Ok(()));
    });
    assert_eq!(walk(&["a", "b", "c"]).await, Ok(()));
    assert_eq!(slow.wait().await, ExitReason::Normal);
}

#[otp_core::test]
async fn unless_asked_a_cycle_waits_for_its_limit() {
    relays().await;
    let began = Instant::now();
    let error = walk(&["a", "b", "a"]).await.expect_err("it goes round");
    assert!(matches!(error, CallError::Timeout { .. }), "{error:?}");
    assert!(began.elapsed() >= Duration::from_secs(5));
}
