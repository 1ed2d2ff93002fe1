//! Children that end as often as they are started, under a clock that moves only when all processes are idle.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use tokio::time::{Instant, sleep};

use crate::support::in_process;

/// The child that ends, or of whose starts all but the first fail.
fn child(starts: &Arc<AtomicU32>, fails: bool) -> ChildSpec {
    let starts = starts.clone();
    ChildSpec::worker("egg", move || {
        let first = starts.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            match first || !fails {
                true => Ok(process::spawn_link(|_: Mailbox<Never>| async {})),
                false => Err(ExitReason::other("no eggs")),
            }
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_loop_of_restarts_does_not_stop_the_time() {
    for fails in [false, true] {
        in_process(async move {
            let starts = Arc::default();
            let supervisor = Supervisor::new(Strategy::OneForOne)
                .child(child(&starts, fails))
                .max_restarts(usize::MAX, Duration::from_secs(1));
            let supervisor = supervisor.start().await.unwrap();
            let begun = Instant::now();
            sleep(Duration::from_millis(3)).await;
            assert!(begun.elapsed() < Duration::from_millis(10));
            assert!(
                starts.load(Ordering::Relaxed) > 1000,
                "it goes on all the time"
            );
            process::exit(&supervisor, ExitReason::Kill);
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn nor_does_one_under_a_dynamic_supervisor() {
    for fails in [false, true] {
        in_process(async move {
            let starts = Arc::default();
            let supervisor =
                DynamicSupervisor::new().max_restarts(usize::MAX, Duration::from_secs(1));
            let supervisor = supervisor.start().await.unwrap();
            let started = supervisor.start_child(child(&starts, fails)).await;
            started.unwrap();
            sleep(Duration::from_millis(3)).await;
            assert!(
                starts.load(Ordering::Relaxed) > 1000,
                "it goes on all the time"
            );
            process::exit(&supervisor, ExitReason::Kill);
        })
        .await;
    }
}
