//! The longest and the shortest duration wherever one is given.

use std::future::pending;
use std::time::{Duration, SystemTime};

use otp_core::blocking::{self, BlockingError};
use otp_core::guard::{self, Backoff, Guard, NotReady};
use otp_core::overload::{Aged, BreakerState, CircuitBreaker, RateLimit};
use otp_core::prelude::*;
use otp_core::schedule::{Cron, Schedule};
use otp_core::test::{Probe, idle};
use otp_core::timer::{ManualClock, MissedTicks};
use otp_core::worker_pool::{CheckoutError, WorkerPool};
use otp_core::{drain, process};
use tokio::time::{Instant, sleep};

use crate::support::{Slow, Times, tree};

const EXTREMES: [Duration; 2] = [Duration::ZERO, Duration::MAX];

#[otp_core::test]
async fn of_a_guard() {
    for first in EXTREMES {
        for healthy in EXTREMES {
            for period in EXTREMES {
                let backoff = Backoff::exponential(first, Duration::MAX).reset_after(healthy);
                let guard = Guard::new().backoff(backoff).limit(usize::MAX, period);
                let failing = || async { Err::<Pid, _>(ExitReason::other("down")) };
                let child = ChildSpec::worker("failing", failing)
                    .shutdown(Shutdown::Within(Duration::MAX))
                    .guarded(guard);
                let tree = tree([child]).await;
                sleep(Duration::from_millis(3)).await;
                let before = Instant::now();
                tree.stop().await.expect("it stops");
                assert!(before.elapsed() < Duration::from_millis(3));
            }
        }
    }
}

#[otp_core::test]
async fn of_waiting_for_readiness() {
    let times = Times::of_init(Duration::from_secs(30));
    let start = move || Slow::start_link(times.clone());
    let tree = tree([ChildSpec::worker("slow", start).guarded(Guard::new())]).await;
    let guard = tree.which_child("slow").await.expect("it answers");
    let guard = guard.and_then(|child| child.pid()).expect("it runs");
    let limit = Duration::ZERO;
    let not_yet = guard::ready(guard).timeout(limit).await;
    assert_eq!(not_yet, Err(NotReady::Timeout { limit }));
    assert!(guard::ready(guard).timeout(Duration::MAX).await.is_ok());
    assert!(guard::ready(guard).timeout(limit).await.is_ok());
    assert_eq!(tree.await_ready().timeout(Duration::MAX).await, Ok(()));
    tree.stop().await.expect("it stops");
}

#[otp_core::test]
async fn of_a_pool() {
    for shutdown in EXTREMES {
        for backoff in EXTREMES {
            let pool = WorkerPool::options(1, || Slow::start_link(Times::of_init(Duration::ZERO)))
                .worker_shutdown(Shutdown::Within(shutdown))
                .backoff(Backoff::constant(backoff).reset_after(backoff))
                .start_link()
                .await
                .expect("it starts");
            // Without time one takes a worker that is free, and waits for none.
            let free = pool.checkout().timeout(Duration::ZERO).await;
            let free = free.expect("the worker is free");
            let none = pool.checkout().timeout(Duration::ZERO).await.map(drop);
            assert_eq!(none, Err(CheckoutError::Timeout(Duration::ZERO)));
            drop(free);
            idle().await;
            let lease = pool.checkout().timeout(Duration::MAX).await;
            let lease = lease.expect("the caller that gave up has no worker");
            assert!(pool.status().timeout(Duration::ZERO).await.is_err());
            process::exit(lease.pid(), ExitReason::Kill);
            idle().await;
            let status = pool.status().timeout(Duration::MAX).await;
            let status = status.expect("it answers");
            let missing = usize::from(backoff == Duration::MAX);
            assert_eq!((status.idle, status.missing), (1 - missing, missing));
            drop(lease);
            pool.stop().timeout(Duration::MAX).await.expect("it stops");
        }
    }
}

#[otp_core::test]
async fn of_a_drain() {
    for (shutdown, ends) in [
        (Duration::ZERO, ExitReason::Killed),
        (Duration::MAX, ExitReason::Shutdown),
    ] {
        let probe = Probe::new();
        let tell = probe.clone();
        let child = drain::child_spec("drained", move |drain| {
            tell.report(process::node().process_ref::<Exit>(process::current()));
            async move {
                drain.wait().await;
                sleep(Duration::from_secs(1)).await;
            }
        });
        let tree = tree([child.shutdown(Shutdown::Within(shutdown))]).await;
        let child = probe.next().await.expect("it lives");
        tree.stop().await.expect("it stops");
        assert_eq!(child.wait().await, ends);
    }
}

#[otp_core::test]
async fn of_a_schedule() {
    for missed in [MissedTicks::Skip, MissedTicks::Delay] {
        for period in EXTREMES {
            let probe = Probe::new();
            let tell = probe.clone();
            let schedule = Schedule::every(period).missed_ticks(missed);
            let job = move || {
                let tell = tell.clone();
                async move { tell.report(()) }
            };
            let tree = tree([schedule.child_spec("job", job)]).await;
            sleep(Duration::from_millis(20)).await;
            assert_eq!(probe.drain().is_empty(), period == Duration::MAX);
            tree.stop().await.expect("it stops");
        }
    }
    // The 29th of February of a year that is far away, and none at all.
    for (late, text) in [
        (Duration::MAX, "0 0 29 2 *"),
        (Duration::ZERO, "0 0 29 2 *"),
        (Duration::MAX, "0 0 31 2 *"),
    ] {
        let Ok(cron) = text.parse::<Cron>() else {
            continue;
        };
        let clock = ManualClock::new(SystemTime::now());
        let schedule = Schedule::cron(cron).clock(clock.clock()).at_most_late(late);
        let tree = tree([schedule.child_spec("job", || async {})]).await;
        sleep(Duration::from_secs(10)).await;
        tree.stop().await.expect("it stops");
    }
}

#[otp_core::test]
async fn of_limits_and_breakers() {
    for time in EXTREMES {
        for burst in [0, u32::MAX] {
            let rate = RateLimit::new(0, time).burst(burst);
            assert!(rate.try_take().is_ok());
            let again = rate.try_take().is_ok();
            assert_eq!(again, time.is_zero() || burst == u32::MAX);
        }
        let breaker = CircuitBreaker::new(0, time);
        let failed = breaker.run(async { Err::<(), _>(()) }).await;
        assert!(failed.is_err());
        let open = breaker.state() == BreakerState::Open;
        assert_eq!(open, time == Duration::MAX);
        assert_eq!(Aged::new(1).within(time), Some(1), "no time has passed");
    }
}

#[otp_core::test(real_clock)]
async fn of_blocking_work() {
    assert_eq!(blocking::run(|| 1).timeout(Duration::MAX).await, Ok(1));
    let limit = Duration::ZERO;
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let late = blocking::run(move || held.recv().is_ok()).timeout(limit);
    assert_eq!(late.await, Err(BlockingError::Timeout(limit)));
    drop(hold);
    let own = blocking::spawn_link(|_: Mailbox<Never>| pending::<()>());
    process::unlink(own.pid());
    process::exit(&own, ExitReason::Kill);
    assert_eq!(own.wait().await, ExitReason::Killed);
}
