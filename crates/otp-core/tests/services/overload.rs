//! What refuses work.

use std::time::Duration;

use otp_core::overload::{
    Aged, BreakerError, BreakerState, Busy, CircuitBreaker, ConcurrencyLimit, RateLimit, TooMany,
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
}

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

#[otp_core::test]
async fn a_rate_may_be_next_to_nothing_or_without_a_limit() {
    for (limit, admitted) in [
        (RateLimit::new(0, Duration::MAX), 1),
        (RateLimit::new(1, Duration::MAX).burst(0), 1),
        (RateLimit::new(1, Duration::MAX).burst(3), 3),
        (RateLimit::new(u32::MAX, Duration::MAX).burst(3), 3),
        (RateLimit::new(1, ms(1)).burst(u32::MAX), 1_000),
        (RateLimit::new(0, Duration::ZERO), 1_000),
        (
            RateLimit::new(u32::MAX, Duration::ZERO).burst(u32::MAX),
            1_000,
        ),
    ] {
        let taken = (0..1_000).take_while(|_| limit.try_take().is_ok()).count();
        assert_eq!(taken, admitted, "{limit:?}");
    }
    let never = RateLimit::new(1, Duration::MAX).burst(2);
    assert_eq!((never.try_take(), never.try_take()), (Ok(()), Ok(())));
    advance(YEAR).await;
    assert!(never.try_take().is_err());
    // No more than three, not even by a rounding.
    let thirds = RateLimit::new(3, Duration::from_nanos(10));
    assert_eq!(thirds.try_take(), Ok(()));
    advance(Duration::from_nanos(3)).await;
    assert!(thirds.try_take().is_err());
    advance(Duration::from_nanos(1)).await;
    assert_eq!(thirds.try_take(), Ok(()));
}

#[otp_core::test]
async fn who_gives_up_waiting_for_a_rate_uses_nothing_up() {
    let limit = RateLimit::new(1, ms(100));
    limit.take().await;
    for _ in 0..5 {
        let waits = tokio::time::timeout(ms(10), limit.take()).await;
        assert!(waits.is_err());
    }
    let other = limit.clone();
    let killed = process::spawn(move |_: Mailbox<Never>| async move { other.take().await });
    tokio::task::yield_now().await;
    let later = Err(TooMany {
        retry_after: ms(150),
    });
    assert_eq!(limit.try_take(), later, "one waits");
    process::exit(&killed, ExitReason::Kill);
    killed.wait().await;
    let since = Instant::now();
    limit.take().await;
    assert_eq!(since.elapsed(), ms(50));
}

/// Callers that have not as much time as all of them would need.
#[otp_core::test]
async fn a_rate_is_used_although_most_give_up() {
    let limit = RateLimit::new(10, ms(1_000));
    let served = Probe::new();
    for _ in 0..1_000 {
        let (limit, served) = (limit.clone(), served.clone());
        process::spawn(move |_: Mailbox<Never>| async move {
            if tokio::time::timeout(ms(300), limit.take()).await.is_ok() {
                served.report(());
            }
        });
        sleep(ms(10)).await;
    }
    let served = served.drain().len();
    assert!((99..=101).contains(&served), "{served} in 10 s");
}

#[otp_core::test]
async fn a_rate_beyond_the_grain_of_timers_holds_for_those_who_wait() {
    let limit = RateLimit::new(10_000, ms(1_000));
    let since = Instant::now();
    let waiting: Vec<_> = (0..1_001)
        .map(|_| {
            let limit = limit.clone();
            process::spawn(move |_: Mailbox<Never>| async move { limit.take().await })
        })
        .collect();
    for process in waiting {
        process.wait().await;
    }
    let took = since.elapsed();
    assert!(took >= ms(100) && took <= ms(102), "{took:?}");
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

#[otp_core::test]
async fn places_may_be_none_or_any_number_and_come_back_from_the_killed() {
    let any = ConcurrencyLimit::new(usize::MAX).max_waiting(usize::MAX);
    assert!(any.enter().await.is_ok());
    let limit = ConcurrencyLimit::new(0).max_waiting(1);
    let entered = Probe::new();
    let spawn = || {
        let (limit, entered) = (limit.clone(), entered.clone());
        process::spawn(move |_: Mailbox<Never>| async move {
            let _place = limit.enter().await;
            entered.report(process::current());
            std::future::pending::<()>().await;
        })
    };
    let holder = spawn();
    assert_eq!(entered.next().await, holder.pid(), "0 is taken for 1");
    let waits = spawn();
    tokio::task::yield_now().await;
    assert_eq!(limit.enter().await.map(drop), Err(Busy { waiting: 1 }));
    process::exit(&waits, ExitReason::Kill);
    waits.wait().await;
    let next = spawn();
    process::exit(&holder, ExitReason::Kill);
    assert_eq!(entered.next().await, next.pid());
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

#[otp_core::test]
async fn a_breaker_may_open_at_once_never_for_ever_or_for_no_time() {
    let at_once = CircuitBreaker::new(0, Duration::MAX);
    assert!(fails(&at_once).await.is_err());
    advance(YEAR).await;
    let refused = goes_well(&at_once).await;
    assert!(
        matches!(refused, Err(BreakerError::Open { .. })),
        "{refused:?}"
    );

    let never = CircuitBreaker::new(u32::MAX, Duration::ZERO);
    for _ in 0..1_000 {
        assert_eq!(fails(&never).await, Err(BreakerError::Failed("down")));
    }
    assert_eq!(goes_well(&never).await, Ok(1));

    let no_time = CircuitBreaker::new(1, Duration::ZERO);
    for _ in 0..3 {
        assert_eq!(fails(&no_time).await, Err(BreakerError::Failed("down")));
        assert_eq!(no_time.state(), BreakerState::HalfOpen);
    }
    assert_eq!(goes_well(&no_time).await, Ok(1));
    assert_eq!(no_time.state(), BreakerState::Closed);
}

#[otp_core::test]
async fn a_breaker_whose_trying_call_is_killed_is_tried_again_after_the_pause() {
    let breaker = CircuitBreaker::new(1, ms(100));
    assert!(fails(&breaker).await.is_err());
    advance(ms(100)).await;
    let other = breaker.clone();
    let tries = process::spawn(move |_: Mailbox<Never>| async move {
        let _ = other.run(std::future::pending::<Result<u8, u8>>()).await;
    });
    tokio::task::yield_now().await;
    let refused = Err(BreakerError::Open { retry_after: ms(0) });
    assert_eq!(goes_well(&breaker).await, refused);
    process::exit(&tries, ExitReason::Kill);
    tries.wait().await;
    assert_eq!(breaker.state(), BreakerState::Open);
    advance(ms(100)).await;
    assert_eq!(goes_well(&breaker).await, Ok(1));
}

#[otp_core::test]
async fn a_message_is_as_old_as_the_clock_says() {
    let message = Aged::new("a");
    assert_eq!(message.clone().within(Duration::ZERO), Some("a"));
    advance(ms(5)).await;
    assert_eq!(message.age(), ms(5));
    assert_eq!(message.clone().within(ms(5)), Some("a"));
    assert_eq!(message.clone().within(ms(4)), None);
    advance(YEAR).await;
    assert_eq!(message.within(Duration::MAX), Some("a"));
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
