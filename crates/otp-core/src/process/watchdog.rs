//! Processes that do not let go of their thread.
//!
//! A task cannot be interrupted, so whoever watches over it must stand outside of the runtime: it is a
//! thread of its own, which looks every now and then at what the runtime's threads are busy with.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::node::WeakNode;
use crate::pid::Pid;
use crate::report;

/// How often it looks, as a part of the limit.
const LOOKS: u32 = 4;

pub(crate) struct Watchdog {
    /// In nanoseconds.
    limit: AtomicU64,
    turns: Mutex<HashMap<ThreadId, Turn>>,
    /// Wakes its thread, which ends when this goes.
    thread: Sender<()>,
}

/// A poll of a process that has not ended.
struct Turn {
    pid: Pid,
    since: Instant,
    told: bool,
}

impl Watchdog {
    /// Starts the thread. It reports to the `tracing` subscriber of whoever calls this.
    pub(crate) fn start(node: WeakNode, limit: Duration) -> Arc<Self> {
        let (thread, woken) = channel();
        let watchdog = Arc::new(Self {
            limit: AtomicU64::new(0),
            turns: Mutex::default(),
            thread,
        });
        watchdog.set_limit(limit);
        let weak = Arc::downgrade(&watchdog);
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let watch =
            move || tracing::dispatcher::with_default(&dispatch, || watch(&weak, &node, &woken));
        // Without a thread to be had there is nobody to watch; the program goes on.
        let _ = thread::Builder::new()
            .name("otp watchdog".to_owned())
            .spawn(watch);
        watchdog
    }

    pub(crate) fn set_limit(&self, limit: Duration) {
        let nanos = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
        self.limit.store(nanos, Ordering::Relaxed);
        // It may be in a pause of a former limit. If there is no thread, nobody watches.
        let _ = self.thread.send(());
    }

    fn limit(&self) -> Duration {
        Duration::from_nanos(self.limit.load(Ordering::Relaxed))
    }

    /// A process is being polled on this thread until what this returns is dropped.
    pub(crate) fn begin(self: &Arc<Self>, pid: Pid) -> Watched {
        let turn = Turn {
            pid,
            since: Instant::now(),
            told: false,
        };
        self.turns.lock().insert(thread::current().id(), turn);
        Watched(self.clone())
    }

    /// Those that have been at it for longer than the limit and were not named before.
    fn overdue(&self) -> Vec<(Pid, Duration)> {
        let limit = self.limit();
        let mut turns = self.turns.lock();
        let late = turns
            .values_mut()
            .filter(|turn| !turn.told && turn.since.elapsed() >= limit);
        late.map(|turn| {
            turn.told = true;
            (turn.pid, turn.since.elapsed())
        })
        .collect()
    }
}

/// A poll that is watched over.
pub(crate) struct Watched(Arc<Watchdog>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.turns.lock().remove(&thread::current().id());
    }
}

fn watch(watchdog: &Weak<Watchdog>, node: &WeakNode, woken: &Receiver<()>) {
    let mut pause = Duration::ZERO;
    while woken.recv_timeout(pause) != Err(RecvTimeoutError::Disconnected) {
        let Some(watchdog) = watchdog.upgrade() else {
            return;
        };
        for (pid, time) in watchdog.overdue() {
            let process = node.upgrade().and_then(|node| node.find(pid));
            if let Some(process) = process {
                report::long_schedule(process.head(), time);
            }
        }
        pause = (watchdog.limit() / LOOKS).max(Duration::from_millis(1));
    }
}
