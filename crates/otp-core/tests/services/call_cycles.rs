//! Calls that wait for each other.

use std::time::Duration;

use otp_core::gen_server::Address;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::time::{Instant, sleep};

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

/// Calls the servers in its list, the last one first, through each other. The last of all answers after some time.
struct Clerk;

#[gen_server]
impl GenServer for Clerk {
    type Call = (Vec<ServerRef<Self>>, ReplyTo<Result<(), CallError>>);

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self))
    }

    async fn handle_call(
        &mut self,
        (mut way, from): Self::Call,
        _: &mut Context<Self>,
    ) -> Reply<Self> {
        let Some(next) = way.pop() else {
            sleep(Duration::from_millis(200)).await;
            return from.reply(Ok(()));
        };
        let done = next.call(|from| (way, from)).await;
        from.reply(done.and_then(|done| done))
    }
}

async fn clerk(node: &Node) -> ServerRef<Clerk> {
    let started = Clerk::options().on(node).start(()).await;
    started.expect("it starts")
}

#[otp_core::test]
async fn processes_of_two_nodes_with_the_same_number_are_told_apart() {
    let (here, there) = (process::node(), Node::new());
    here.detect_call_cycles();
    let first = clerk(&here).await;
    let second = loop {
        let server = clerk(&there).await;
        if server.pid().id() > first.pid().id() + 20 {
            break server;
        }
    };
    let probe = Probe::new();
    let number = second.pid().id();
    let twin = loop {
        let (probe, way) = (probe.clone(), (first.clone(), second.clone()));
        let process = process::spawn(move |mut mailbox: Mailbox<()>| async move {
            mailbox.receive().await;
            let (first, second) = way;
            probe.report(first.call(|from| (vec![second], from)).await);
        });
        match process.pid().id() {
            id if id == number => break process,
            id => assert!(id < number, "{id} is beyond {number}"),
        }
    };
    // The twin waits for the first one, which waits for the process of the same number on the other node.
    twin.send(());
    assert_eq!(probe.next().await, Ok(Ok(())));
}

#[otp_core::test]
async fn a_cycle_through_two_nodes_is_found() {
    let (here, there) = (process::node(), Node::new());
    here.detect_call_cycles();
    there.detect_call_cycles();
    let (first, second) = (clerk(&here).await, clerk(&there).await);
    let way = vec![first.clone(), second.clone()];
    let began = Instant::now();
    let done = first.call(|from| (way, from)).await;
    let (Err(error) | Ok(Err(error))) = done else {
        panic!("it goes round");
    };
    let CallError::Cycle { through, .. } = error else {
        panic!("{error:?}");
    };
    let pids = [first.pid(), second.pid()].map(Address::Pid);
    assert!(
        through.len() == 2 && pids.iter().all(|pid| through.contains(pid)),
        "{through:?}"
    );
    assert!(began.elapsed() < Duration::from_secs(1));
}
