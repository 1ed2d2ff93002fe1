//! What refuses work.

use std::time::Duration;

use otp_core::overload::{
    BreakerError, BreakerState, Busy, CircuitBreaker, ConcurrencyLimit, RateLimit, TooMany,
};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::time::{Instant, advance, sleep};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[otp_core::test]
async fn a_rate_is_even_after_its_burst_and_a_pause_fills_the_burst_again() {
    let limit = RateLimit::new(10, ms(1_000)).burst(3);
    for _ in 0..2 {
        for _ in 0..3 {
            assert_eq!(limit.try_take(), Ok(()));
        }
        assert_eq!(
            limit.clone().try_take(),
            Err(TooMany {
                retry_after: ms(100)
            })
        );
        advance(ms(99)).await;
        assert_eq!(limit.try_take(), Err(TooMany { retry_after: ms(1) }));
        advance(ms(1)).await;
        assert_eq!(limit.try_take(), Ok(()));
        assert!(limit.try_take().is_err());
        advance(ms(60_000)).await;
    }
    let never = RateLimit::new(0, Duration::MAX);
    assert_eq!(never.try_take(), Ok(()));
    assert!(never.try_take().is_err());
}

#[otp_core::test]
async fn those_who_wait_for_a_rate_come_in_their_order() {
    let limit = RateLimit::new(1, ms(100));
    let (probe, since) = (Probe::new(), Instant::now());
    for n in 0..4_u64 {
        let (limit, probe) = (limit.clone(), probe.clone());
        process::spawn(move |_: Mailbox<Never>| async move {
            limit.take().await;
            probe.report((n, since.elapsed().as_millis() / 100));
        });
        tokio::task::yield_now().await;
    }
    sleep(ms(1_000)).await;
    assert_eq!(probe.drain(), [(0, 0), (1, 1), (2, 2), (3, 3)]);
}

#[otp_core::test]
async fn so_many_are_under_way_and_so_many_wait() {
    let limit = ConcurrencyLimit::new(2).max_waiting(1);
    let (a, _b) = (
        limit.enter().await.expect("free"),
        limit.enter().await.expect("free"),
    );
    let mut waits = Box::pin(limit.enter());
    tokio::select! {
        biased;
        _ = &mut waits => panic!("no place is free"),
        () = tokio::task::yield_now() => {}
    }
    assert_eq!(limit.enter().await.map(drop), Err(Busy { waiting: 1 }));
    drop(waits);
    let mut waits = Box::pin(limit.enter());
    tokio::select! {
        biased;
        _ = &mut waits => panic!("no place is free"),
        () = tokio::task::yield_now() => {}
    }
    drop(a);
    assert!(waits.await.is_ok());
}

async fn fails(breaker: &CircuitBreaker) -> Result<u8, BreakerError<&'static str>> {
    breaker.run(async { Err("down") }).await
}

async fn goes_well(breaker: &CircuitBreaker) -> Result<u8, BreakerError<&'static str>> {
    breaker.run(async { Ok(1) }).await
}

#[otp_core::test]
async fn a_breaker_opens_after_failures_in_a_row_and_tries_one_call() {
    let breaker = CircuitBreaker::new(3, ms(1_000));
    for outcome in [false, false, true, false, false] {
        let ended = if outcome {
            goes_well(&breaker).await
        } else {
            fails(&breaker).await
        };
        assert_eq!(ended.is_ok(), outcome);
        assert_eq!(breaker.state(), BreakerState::Closed);
    }
    assert_eq!(fails(&breaker).await, Err(BreakerError::Failed("down")));
    assert_eq!(breaker.state(), BreakerState::Open);
    let refused = Err(BreakerError::Open {
        retry_after: ms(1_000),
    });
    assert_eq!(goes_well(&breaker).await, refused);
    advance(ms(1_000)).await;
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    assert_eq!(fails(&breaker).await, Err(BreakerError::Failed("down")));
    assert_eq!(
        breaker.state(),
        BreakerState::Open,
        "the one that tried has failed"
    );
    advance(ms(1_000)).await;
    let mut tries = Box::pin(breaker.run(async {
        sleep(ms(10)).await;
        Ok::<_, &str>(2)
    }));
    tokio::select! {
        biased;
        _ = &mut tries => panic!("it takes its time"),
        () = tokio::task::yield_now() => {}
    }
    let refused = Err(BreakerError::Open { retry_after: ms(0) });
    assert_eq!(goes_well(&breaker).await, refused, "one tries");
    assert_eq!(tries.await, Ok(2));
    assert_eq!(goes_well(&breaker).await, Ok(1));
}

#[otp_core::test]
async fn a_call_that_panics_or_is_given_up_has_failed() {
    let breaker = CircuitBreaker::new(2, ms(1_000));
    let other = breaker.clone();
    let panics = process::spawn(move |_: Mailbox<Never>| async move {
        let _ = other.run(async { panic!("boom") as Result<u8, u8> }).await;
    });
    assert!(matches!(panics.wait().await, ExitReason::Panic(_)));
    let given_up = breaker.run(std::future::pending::<Result<u8, u8>>());
    assert!(tokio::time::timeout(ms(10), given_up).await.is_err());
    assert_eq!(breaker.state(), BreakerState::Open);
}

struct Slow(Probe<u32>);

#[gen_server]
impl GenServer for Slow {
    type Args = Probe<u32>;
    type Call = (u32, ReplyTo<u32>);

    async fn init(probe: Probe<u32>, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(probe)))
    }

    async fn handle_call(&mut self, (n, from): Self::Call, _: &mut Context<Self>) -> Reply<Self> {
        if !from.is_wanted() {
            return Reply::later();
        }
        self.0.report(n);
        sleep(ms(1_000)).await;
        from.reply(n)
    }
}

#[otp_core::test]
async fn a_server_that_is_behind_sheds_what_nobody_waits_for() {
    let handled = Probe::new();
    let slow = Slow::start_link(handled.clone()).await.expect("it starts");
    let first = slow.send_request(|from| (0, from));
    for n in 1..5 {
        let late = slow.call(|from| (n, from)).timeout(ms(50)).await;
        assert!(matches!(late, Err(CallError::Timeout { .. })), "{late:?}");
    }
    assert_eq!(first.await, Ok(0));
    assert_eq!(slow.call(|from| (5, from)).await, Ok(5));
    assert_eq!(handled.drain(), [0, 5]);
}
