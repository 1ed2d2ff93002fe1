//! A clock that is cheap to read and not precise: a thread moves it while anybody observes.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::telemetry::nanos;
use crate::util::lock::Lock;

/// How far it moves at a time, in nanoseconds.
pub(super) const TICK: u64 = 10_000_000;

static TICKED: AtomicU64 = AtomicU64::new(0);

static USE: LazyLock<Lock<Use>> = LazyLock::new(Lock::default);

#[derive(Default)]
struct Use {
    observers: usize,
    /// The thread runs.
    moves: bool,
}

/// The last tick, in the time of [`nanos`]; 0 if the clock does not move.
pub(super) fn ticked() -> u64 {
    TICKED.load(Ordering::Relaxed)
}

/// The clock moves at least until a [`stop`] for each start.
pub(super) fn start() {
    USE.with(|clock| {
        clock.observers += 1;
        if clock.moves {
            return;
        }
        let thread = thread::Builder::new().name("otp clock".to_owned());
        // If no thread can be started, each poll is timed.
        clock.moves = thread.spawn(tick).is_ok();
        if clock.moves {
            TICKED.store(nanos(), Ordering::Relaxed);
        }
    });
}

pub(super) fn stop() {
    USE.with(|clock| clock.observers -= 1);
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing else runs on this thread"
)]
fn tick() {
    let goes_on = || {
        USE.with(|clock| {
            clock.moves = clock.observers > 0;
            let now = if clock.moves { nanos() } else { 0 };
            TICKED.store(now, Ordering::Relaxed);
            clock.moves
        })
    };
    while goes_on() {
        thread::sleep(Duration::from_nanos(TICK));
    }
}
