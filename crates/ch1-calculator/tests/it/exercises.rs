//! The small programs of exercises 1.3 to 1.5.

use ch1_calculator::clock::api::{Chain, ClockServer, Tick};
use ch1_calculator::counter::api::CounterServer;
use ch1_calculator::stack::api::{Empty, PopError, StackServer};
use otp_core::prelude::{CallError, ExitReason, Mailbox, Node, ProcessRef, StartError};
use otp_core::process;
use std::time::Duration;
use tokio::time::sleep;

/// Runs the body of a test as a process that is told the ticks of clocks.
async fn session<F: Future<Output = ()> + Send + 'static>(
    body: impl FnOnce(Mailbox<Tick>) -> F + Send + 'static,
) {
    let node = Node::new();
    node.run_with(body).await.expect("the session survives");
}

// S15
#[tokio::test(start_paused = true)]
async fn an_empty_stack_answers_an_error_and_lives() {
    session(async |_| {
        let stack = StackServer::named("stack");
        stack.start_link(vec![]).await.expect("the name is free");
        for item in ["1", "two", "three"] {
            stack.push(item);
        }
        assert_eq!(
            stack.state().await,
            Ok(vec!["three".into(), "two".into(), "1".into()])
        );
        for item in ["three", "two", "1"] {
            assert_eq!(stack.pop().await.expect("it is there"), item);
        }
        let empty = stack.pop().await;
        assert!(matches!(empty, Err(PopError::Empty(Empty))), "{empty:?}");
        assert_eq!(stack.state().await, Ok(vec![]));
        stack.push("9");
        assert_eq!(stack.state().await, Ok(vec!["9".into()]));
    })
    .await;
}

// S15
#[tokio::test(start_paused = true)]
async fn a_stack_begins_with_what_it_is_given() {
    session(async |_| {
        let stack = StackServer::named("stack");
        let items = ["hello", "world"].map(String::from).to_vec();
        stack.start_link(items).await.expect("the name is free");
        assert_eq!(stack.pop().await.expect("it is there"), "hello");
        assert_eq!(stack.pop().await.expect("it is there"), "world");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn without_a_stack_a_push_is_lost_and_a_pop_fails() {
    session(async |_| {
        let stack = StackServer::named("stack");
        assert!(!stack.is_running());
        stack.push("lost");
        let nobody = stack.pop().await;
        assert!(
            matches!(nobody, Err(PopError::Call(CallError::NoProcess { .. }))),
            "{nobody:?}"
        );
    })
    .await;
}

// S16
#[tokio::test(start_paused = true)]
async fn two_counters_do_not_share_their_count() {
    session(async |_| {
        let (a, b) = (CounterServer::named("a"), CounterServer::named("b"));
        let pid = a.start_link(0).await.expect("the name is free");
        for _ in 0..3 {
            a.inc();
        }
        b.start_link(40).await.expect("the name is free");
        b.inc();
        assert_eq!((a.state().await, b.state().await), (Ok(3), Ok(41)));
        assert_eq!(a.start_link(0).await, Err(StartError::AlreadyStarted(pid)));
    })
    .await;
}

// S16
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_clients_at_once_lose_nothing() {
    session(async |_| {
        let counter = CounterServer::named("counter");
        counter.start_link(3).await.expect("the name is free");
        counter.stress(10, 100).await;
        assert_eq!(counter.state().await, Ok(1003));
    })
    .await;
}

const EVERY: Duration = Duration::from_secs(60);

async fn clock(chain: Chain, me: ProcessRef<Tick>) -> ClockServer {
    let clock = ClockServer::named("clock");
    let started = clock.start_link(EVERY, chain, move |tick| me.send(tick));
    started.await.expect("the name is free");
    clock
}

/// How many ticks there are within so many periods.
async fn ticks(me: &mut Mailbox<Tick>, periods: f64) -> usize {
    sleep(EVERY.mul_f64(periods)).await;
    let mut count = 0;
    while me.receive().timeout(Duration::ZERO).await.is_some() {
        count += 1;
    }
    count
}

// S17
#[tokio::test(start_paused = true)]
async fn the_first_tick_comes_after_one_period_and_none_after_the_stop() {
    for chain in [Chain::Rearm, Chain::Naive, Chain::Interval] {
        session(async move |mut me| {
            let clock = clock(chain, me.me()).await;
            assert_eq!(ticks(&mut me, 0.9).await, 0);
            assert_eq!(ticks(&mut me, 0.2).await, 1);
            assert_eq!(ticks(&mut me, 1.0).await, 1);
            assert_eq!(clock.state().await, Ok(2));
            clock.stop().await.expect("it lives");
            assert_eq!(ticks(&mut me, 3.0).await, 0);
            assert!(matches!(clock.tick(), Err(CallError::NoProcess { .. })));
        })
        .await;
    }
}

// S17
#[tokio::test(start_paused = true)]
async fn a_tick_from_outside_doubles_only_a_naive_chain() {
    for (chain, expected) in [(Chain::Rearm, 2), (Chain::Naive, 4), (Chain::Interval, 2)] {
        session(async move |mut me| {
            let clock = clock(chain, me.me()).await;
            clock.tick().expect("it lives");
            assert_eq!(me.receive().await.number, 1);
            assert_eq!(ticks(&mut me, 2.5).await, expected, "{chain:?}");
        })
        .await;
    }
}

// S17
#[tokio::test(start_paused = true)]
async fn a_tick_from_outside_moves_the_chain_but_not_an_interval() {
    for (chain, expected) in [(Chain::Rearm, 0), (Chain::Interval, 1)] {
        session(async move |mut me| {
            let clock = clock(chain, me.me()).await;
            sleep(EVERY * 3 / 4).await;
            clock.tick().expect("it lives");
            assert_eq!(me.receive().await.number, 1);
            assert_eq!(ticks(&mut me, 0.5).await, expected, "{chain:?}");
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_dies_with_its_session_and_leaves_no_tick_behind() {
    let node = Node::new();
    let pid = node.run(async {
        let clock = ClockServer::named("clock");
        let pid = clock.start_link(EVERY, Chain::Rearm, |_| {}).await;
        process::link(*pid.as_ref().expect("the name is free"));
        process::exit(process::current(), ExitReason::other("enough"));
        std::future::pending::<()>().await;
    });
    assert_eq!(pid.await, Err(ExitReason::other("enough")));
    sleep(EVERY * 3).await;
    assert_eq!(node.processes(), []);
}
