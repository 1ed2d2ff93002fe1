//! Timers over loom's locks, and a clock that a model moves.
//!
//! As tokio's do, a timer that is due is first marked as elapsed, under its lock, and wakes after that has been released.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::sync::Mutex;
pub(crate) use tokio::time::Instant;

loom::lazy_static! {
    static ref CLOCK: Mutex<Clock> = Mutex::new(Clock::default());
}

#[derive(Default)]
struct Clock {
    /// None is the beginning.
    now: Option<Instant>,
    timers: Vec<Arc<Mutex<Timer>>>,
}

struct Timer {
    at: Instant,
    elapsed: bool,
    waker: Option<Waker>,
}

pub(crate) struct Sleep(Arc<Mutex<Timer>>);

const UNPOISONED: &str = "no thread panics while it holds the lock";

/// Whether this instant has come.
pub(crate) fn is_over(at: Instant) -> bool {
    let clock = CLOCK.lock().expect(UNPOISONED);
    clock.now.is_some_and(|now| now >= at)
}

/// Moves the clock, and fires what is due.
pub(crate) fn advance(to: Instant) {
    let timers = {
        let mut clock = CLOCK.lock().expect(UNPOISONED);
        clock.now = Some(to);
        clock.timers.clone()
    };
    for timer in timers {
        let waker = {
            let mut timer = timer.lock().expect(UNPOISONED);
            if timer.at > to {
                continue;
            }
            timer.elapsed = true;
            timer.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Drops all timers: the last thing that a model does.
pub(crate) fn stop() {
    let timers = std::mem::take(&mut CLOCK.lock().expect(UNPOISONED).timers);
    drop(timers);
}

/// There is always one.
#[expect(clippy::unnecessary_wraps)]
pub(crate) fn try_sleep_until(at: Instant) -> Option<Sleep> {
    let timer = Arc::new(Mutex::new(Timer {
        at,
        elapsed: false,
        waker: None,
    }));
    CLOCK.lock().expect(UNPOISONED).timers.push(timer.clone());
    Some(Sleep(timer))
}

impl Sleep {
    pub(crate) fn is_elapsed(&self) -> bool {
        self.0.lock().expect(UNPOISONED).elapsed
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.0.lock().expect(UNPOISONED).at
    }

    pub(crate) fn reset(self: Pin<&mut Self>, at: Instant) {
        let mut timer = self.0.lock().expect(UNPOISONED);
        timer.at = at;
        timer.elapsed = false;
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // Under the lock of the clock: either the clock is seen to have moved, or the thread that moves it finds the waker.
        let clock = CLOCK.lock().expect(UNPOISONED);
        let mut timer = self.0.lock().expect(UNPOISONED);
        timer.elapsed |= clock.now.is_some_and(|now| now >= timer.at);
        if timer.elapsed {
            return Poll::Ready(());
        }
        timer.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}
