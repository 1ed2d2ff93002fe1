//! How a service is made to fire: a timer of tokio's, and the tasks that it wakes.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::time::{Instant, Sleep, sleep_until};

use super::Service;
use super::tasks::first;
use crate::process::run;
use crate::time::after;

/// The grain of tokio's timers.
const TICK: Duration = Duration::from_millis(1);

/// The part of a service that belongs to its runtime.
pub(super) struct Engine {
    pub(super) runtime: Handle,
    /// Identifies the engines that a service has had.
    pub(super) number: u64,
    bell: Arc<Bell>,
    /// The bell, as tokio knows it.
    waker: Waker,
    sleep: Option<Pin<Box<Sleep>>>,
    /// For when the sleep was last set.
    aimed: Option<Instant>,
    /// The task that starters wake, once it has been polled.
    pub(super) second: Option<Waker>,
}

impl Engine {
    pub(super) fn new(service: &Arc<Service>, runtime: &Handle) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);

        let bell = Arc::new(Bell {
            service: Arc::downgrade(service),
            runtime: runtime.clone(),
            spawned: AtomicBool::new(false),
            task: OnceLock::new(),
        });
        Self {
            runtime: runtime.clone(),
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            waker: Waker::from(bell.clone()),
            bell,
            sleep: None,
            aimed: None,
            second: None,
        }
    }

    pub(super) fn runtime_id(&self) -> Id {
        self.runtime.id()
    }

    /// Whether the bell rings in time for a timer that is due at `at`.
    pub(super) fn rings_before(&self, at: Instant) -> bool {
        self.aimed.is_some_and(|aimed| aimed <= at)
    }

    /// Makes the bell ring when a timer is due. For one that is due already that is at the next tick.
    pub(super) fn aim(&mut self, at: Instant, now: Instant) {
        let mut when = if at > now { at } else { after(now, TICK) };
        loop {
            let sleep = match &mut self.sleep {
                Some(sleep) => {
                    sleep.as_mut().reset(when);
                    sleep
                }
                None => {
                    let _entered = self.runtime.enter();
                    self.sleep.insert(Box::pin(sleep_until(when)))
                }
            };
            // Outside of tokio's budget, which is that of the process that starts a timer: with none left the sleep would
            // not be registered.
            let mut sleep = tokio::task::unconstrained(sleep.as_mut());
            let mut cx = Context::from_waker(&self.waker);
            if Pin::new(&mut sleep).poll(&mut cx).is_pending() {
                self.aimed = Some(when);
                return;
            }
            // Its time passed while it was set, and it will ring no more.
            when = after(Instant::now(), TICK);
        }
    }

    /// There is nothing to ring for.
    pub(super) fn rest(&mut self) {
        self.sleep = None;
        self.aimed = None;
    }

    /// The service has ended, and its tasks are to find out.
    pub(super) fn end(self) {
        self.bell.task.get().map(Waker::wake_by_ref);
        if let Some(second) = self.second {
            second.wake();
        }
    }
}

/// The waker of tokio's timer. It takes no lock, because tokio may call it from within [`Engine::aim`].
///
/// Its task is spawned by the first ring, on the thread that looks after tokio's timers: a task that was spawned by a
/// process might have to wait for that process to get its first turn.
pub(super) struct Bell {
    pub(super) service: Weak<Service>,
    runtime: Handle,
    spawned: AtomicBool,
    task: OnceLock<Waker>,
}

impl Bell {
    /// Stores the waker of the task, before the task looks for due timers. A ring that comes too early to find the
    /// waker is for a timer that this look finds.
    pub(super) fn answer(&self, task: &Waker) {
        self.task.get_or_init(|| task.clone());
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(task) = self.task.get() {
            task.wake_by_ref();
        } else if !self.spawned.swap(true, Ordering::Relaxed) {
            let _entered = self.runtime.enter();
            run::background(first(self.clone()));
        }
    }
}
