//! What fails as often as it is started.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp_core::guard::{Backoff, Guard};
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::worker_pool::{WorkerPool, WorkerPoolOptions};
use otp_core::{StartError, process};
use tokio::time::{Instant, sleep};

use crate::support::{Mayfly, tree};

/// A pool of mayflies, and how many it has started.
fn mayflies(size: usize) -> (WorkerPoolOptions<Mayfly>, Arc<AtomicU32>) {
    let starts = Arc::new(AtomicU32::new(0));
    let count = starts.clone();
    let options = WorkerPool::options(size, move || {
        count.fetch_add(1, Ordering::SeqCst);
        Mayfly::start_link(())
    });
    (options, starts)
}

#[otp_core::test]
async fn a_guard_without_a_delay_does_not_stop_a_paused_clock() {
    let guard = || Guard::new().backoff(Backoff::constant(Duration::ZERO));
    let failing = || async { Err::<Pid, _>(ExitReason::other("down")) };
    let failing = ChildSpec::worker("failing", failing).guarded(guard());
    let dying = ChildSpec::worker("dying", || Mayfly::start_link(())).guarded(guard());
    let gone = ChildSpec::worker("gone", || async {
        let gone = process::spawn_link(|_: Mailbox<Never>| async {});
        gone.wait().await;
        gone
    });
    let tree = tree([failing, dying, gone.guarded(guard())]).await;
    let before = Instant::now();
    sleep(Duration::from_millis(20)).await;
    assert!(before.elapsed() >= Duration::from_millis(20));
    tree.stop().await.expect("it stops");
}

#[otp_core::test]
async fn a_pool_whose_workers_die_does_not_stop_a_paused_clock() {
    let (options, _) = mayflies(2);
    let backoff = Backoff::constant(Duration::ZERO);
    let pool = options.backoff(backoff).start_link().await;
    let pool = pool.expect("it starts");
    sleep(Duration::from_millis(20)).await;
    pool.stop().await.expect("it stops");
}

/// A pool of one worker that starts once and dies, and then fails to start.
async fn fails_again(error: StartError) -> WorkerPool<Mayfly> {
    let starts = AtomicU32::new(0);
    let options = WorkerPool::options(1, move || {
        let first = starts.fetch_add(1, Ordering::SeqCst) == 0;
        let error = error.clone();
        async move {
            match first {
                true => Mayfly::start_link(()).await,
                false => Err(error),
            }
        }
    });
    let backoff = Backoff::constant(Duration::ZERO);
    let pool = options.backoff(backoff).start_link().await;
    pool.expect("it starts")
}

#[otp_core::test]
async fn a_pool_whose_workers_do_not_start_again_does_not_stop_a_paused_clock() {
    for error in [StartError::Init("down".into()), StartError::Ignored] {
        let pool = fails_again(error).await;
        sleep(Duration::from_millis(20)).await;
        assert_eq!(pool.status().await.expect("it lives").missing, 1);
        pool.stop().await.expect("it stops");
    }
}

#[otp_core::test]
async fn a_pool_whose_workers_choose_not_to_start_does_not_start() {
    let pool = WorkerPool::<Mayfly>::options(1, || async { Err(StartError::Ignored) });
    let error = pool.start().await.map(drop).expect_err("it has no worker");
    assert!(error.to_string().contains("chosen not to start"), "{error}");
}

#[otp_core::test]
async fn a_pool_waits_longer_and_longer_for_workers_that_start_and_die() {
    let (options, starts) = mayflies(1);
    let seconds = Duration::from_secs;
    let backoff = Backoff::exponential(seconds(1), seconds(8)).without_jitter();
    let options = options.backoff(backoff.reset_after(seconds(60)));
    let pool = options.start_link().await.expect("it starts");
    sleep(Duration::from_millis(500)).await;
    // After 1, 2, 4, 8 and again 8 seconds.
    for (seconds, so_far) in [(0, 1), (1, 2), (2, 3), (4, 4), (8, 5), (8, 6)] {
        sleep(Duration::from_secs(seconds)).await;
        assert_eq!(starts.load(Ordering::SeqCst), so_far);
    }
    pool.stop().await.expect("it stops");
}

/// By the defaults, under the clock that runs.
#[otp_core::test(real_clock)]
async fn a_pool_does_not_start_workers_that_die_as_fast_as_it_can() {
    let starts = Probe::new();
    let tell = starts.clone();
    let options = WorkerPool::options(1, move || {
        tell.report(Instant::now());
        Mayfly::start_link(())
    });
    let pool = options.start_link().await.expect("it starts");
    let first = starts.next().await;
    let second = starts.next().await;
    assert!(
        second - first >= Duration::from_millis(50),
        "the jitter's least"
    );
    pool.stop().await.expect("it stops");
}
