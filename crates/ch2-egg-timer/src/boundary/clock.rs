//! Where an egg timer reads the time, and how it learns that the wall clock has jumped.

use crate::core::{Moment, Wall};
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// How often the clocks are compared. An alarm whose moment has passed while the machine slept rings within this time of
/// waking.
const LOOK: Duration = Duration::from_secs(1);

/// The two clocks of an egg timer. Clones read the same.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Moment + Send + Sync>);

impl Clock {
    /// The clocks of the system.
    ///
    /// A test that moves tokio's clock on moves both of them on.
    pub fn system() -> Self {
        Self::new(|| {
            let monotonic = tokio::time::Instant::now().into_std();
            let (wall, std) = (Wall::from(SystemTime::now()), Instant::now());
            // Nothing but a few nanoseconds, unless tokio's clock is paused.
            let ahead = monotonic.saturating_duration_since(std);
            let behind = std.saturating_duration_since(monotonic);
            Moment {
                monotonic,
                wall: wall + ahead - behind,
            }
        })
    }

    /// Clocks that `read` reads, for tests.
    pub fn new(read: impl Fn() -> Moment + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The moment that the clocks show.
    pub fn now(&self) -> Moment {
        (self.0)()
    }

    /// Calls `jumped` each time the wall clock has gone on without the monotonic clock, or was set, until the watch is
    /// dropped.
    ///
    /// Timers count on the monotonic clock: on Linux it stands still while the machine sleeps, and nothing tells a
    /// program portably that it has slept. So a thread looks at both clocks again and again. It is a thread and no
    /// process because it must not count on the clock that it watches, which tests pause.
    pub(super) fn watch(&self, jumped: impl Fn() + Send + 'static) -> Watch {
        self.watch_each(LOOK, jumped)
    }

    fn watch_each(&self, look: Duration, jumped: impl Fn() + Send + 'static) -> Watch {
        let (watch, dropped) = mpsc::channel();
        let clock = self.clone();
        let mut known = clock.now();
        thread::spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = dropped.recv_timeout(look) {
                let now = clock.now();
                if now.has_jumped(known) {
                    known = now;
                    jumped();
                }
            }
        });
        Watch(watch)
    }
}

impl From<SystemTime> for Wall {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => Self::EPOCH + since,
            Err(before) => Self::EPOCH - before.duration(),
        }
    }
}

/// The moment as the system has it; `None` if it has no number for it.
pub(crate) fn system_time(wall: Wall) -> Option<SystemTime> {
    let (after, before) = (wall.since(Wall::EPOCH), Wall::EPOCH.since(wall));
    SystemTime::UNIX_EPOCH
        .checked_add(after)?
        .checked_sub(before)
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Keeps the thread that compares the clocks.
#[derive(Debug)]
pub(super) struct Watch(
    #[expect(dead_code, reason = "dropping it ends the thread")] mpsc::Sender<()>,
);

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn a_jump_in_either_direction_is_told_once() {
        let start = Clock::system().now();
        let shown = Arc::new(Mutex::new(start.wall));
        let read = shown.clone();
        let clock = Clock::new(move || Moment {
            wall: *read.lock().expect("no test panics with it"),
            ..start
        });
        let (told, jumps) = mpsc::channel();
        let watch = clock.watch_each(Duration::from_millis(1), move || {
            told.send(()).expect("the test listens");
        });
        let limit = Duration::from_secs(60);
        let set = |wall| *shown.lock().expect("no test panics with it") = wall;
        set(start.wall + Duration::from_secs(3600));
        assert_eq!(jumps.recv_timeout(limit), Ok(()));
        set(start.wall);
        assert_eq!(jumps.recv_timeout(limit), Ok(()));
        // Too little to tell, and then the end of the thread: nothing else was told.
        set(start.wall + Duration::from_millis(200));
        drop(watch);
        assert_eq!(
            jumps.recv_timeout(limit),
            Err(RecvTimeoutError::Disconnected)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn both_clocks_move_with_tokios() {
        let clock = Clock::system();
        let before = clock.now();
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert!(!clock.now().has_jumped(before));
        assert!(clock.now().wall >= before.wall + Duration::from_secs(3599));
    }

    #[test]
    fn a_moment_of_the_system_is_the_same_moment() {
        let now = SystemTime::now();
        let long = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .expect("it is later");
        for time in [now, SystemTime::UNIX_EPOCH - long, SystemTime::UNIX_EPOCH] {
            assert_eq!(system_time(time.into()), Some(time));
        }
        assert_eq!(system_time(Wall::EPOCH + Duration::MAX), None);
    }
}
