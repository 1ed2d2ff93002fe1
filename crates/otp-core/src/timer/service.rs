//! The timers of a node, and the task that fires them in order.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::numbered::Numbered;
use crate::process::block::Process;
use crate::process::{panic, run};

/// What a timer does when it fires. It must not block, and must not start or cancel timers.
pub(crate) enum Action {
    Once(Box<dyn FnOnce() + Send>),
    Repeat(Duration, Arc<Mutex<dyn FnMut() + Send>>),
}

/// One task fires all timers of a node: a task each would be woken in any order.
#[derive(Default)]
pub(crate) struct Service {
    timers: Mutex<Timers>,
    changed: Arc<Notify>,
}

#[derive(Default)]
struct Timers {
    /// By time, and by age where that is equal.
    queue: BTreeMap<(Instant, u64), Timer>,
    due: HashMap<u64, Instant, Numbered>,
    last_id: u64,
    /// Present while the task runs; the task has the other end.
    task: Weak<()>,
}

struct Timer {
    /// The process whose end removes the timer.
    owner: Option<Arc<dyn Process>>,
    action: Action,
}

impl Service {
    pub(crate) fn next_id(&self) -> u64 {
        let mut timers = self.timers.lock();
        timers.last_id += 1;
        timers.last_id
    }

    /// Starts a timer, unless its owner has ended.
    pub(crate) fn start(
        self: &Arc<Self>,
        id: u64,
        owner: Option<&Arc<dyn Process>>,
        at: Instant,
        action: Action,
    ) {
        let Some(owner) = owner else {
            return self.enter(id, None, at, action);
        };
        // In a critical section of the owner's: its end comes before all this, or finds the timer.
        let refused = owner.head().ties.with(|ties| {
            if !ties.is_alive() {
                return Some(action);
            }
            ties.more().timers.insert(id);
            self.enter(id, Some(owner), at, action);
            None
        });
        drop(refused);
    }

    fn enter(
        self: &Arc<Self>,
        id: u64,
        owner: Option<&Arc<dyn Process>>,
        at: Instant,
        action: Action,
    ) {
        let mut timers = self.timers.lock();
        let first = timers
            .queue
            .first_key_value()
            .is_none_or(|(key, _)| (at, id) < *key);
        timers.due.insert(id, at);
        let timer = Timer {
            owner: owner.cloned(),
            action,
        };
        timers.queue.insert((at, id), timer);
        if timers.task.strong_count() == 0 {
            let alive = Arc::new(());
            timers.task = Arc::downgrade(&alive);
            run::background(fire(Arc::downgrade(self), self.changed.clone(), alive));
        } else if first {
            self.changed.notify_one();
        }
    }

    /// How many timers run.
    pub(crate) fn len(&self) -> usize {
        self.timers.lock().due.len()
    }

    pub(crate) fn cancel(&self, id: u64) -> Option<Duration> {
        let (at, timer) = {
            let mut timers = self.timers.lock();
            let at = timers.due.remove(&id)?;
            (at, timers.queue.remove(&(at, id)))
        };
        if let Some(Timer {
            owner: Some(owner), ..
        }) = &timer
        {
            forget(&**owner, id);
        }
        Some(at.saturating_duration_since(Instant::now()))
    }

    pub(crate) fn read(&self, id: u64) -> Option<Duration> {
        let at = *self.timers.lock().due.get(&id)?;
        Some(at.saturating_duration_since(Instant::now()))
    }

    /// Removes the timers of a process that ends.
    pub(crate) fn remove_all(&self, ids: &HashSet<u64, Numbered>) {
        if ids.is_empty() {
            return;
        }
        let mut removed = Vec::with_capacity(ids.len());
        let mut timers = self.timers.lock();
        for id in ids {
            if let Some(at) = timers.due.remove(id) {
                removed.push(timers.queue.remove(&(at, *id)));
            }
        }
        drop(timers);
        // The messages in them have destructors, which are the user's code.
        panic::drop_each(removed);
    }

    /// Fires what is due, and says when the next one is.
    fn fire_due(&self) -> Option<Instant> {
        loop {
            let mut timers = self.timers.lock();
            let next = timers.queue.first_entry()?;
            let (at, id) = *next.key();
            if at > Instant::now() {
                return Some(at);
            }
            let Timer { owner, action } = next.remove();
            let send: Box<dyn FnOnce() + Send> = match action {
                Action::Once(send) => {
                    timers.due.remove(&id);
                    send
                }
                Action::Repeat(period, send) => {
                    // Counted from when this one was due: no drift, and what was missed is made
                    // up for.
                    let key = (at + period, id);
                    let again = Action::Repeat(period, send.clone());
                    timers.due.insert(id, key.0);
                    timers.queue.insert(
                        key,
                        Timer {
                            owner: owner.clone(),
                            action: again,
                        },
                    );
                    Box::new(move || (*send.lock())())
                }
            };
            let over = !timers.due.contains_key(&id);
            drop(timers);
            if let (true, Some(owner)) = (over, &owner) {
                forget(&**owner, id);
            }
            // Cloning and dropping a message is the user's code; it must not end the timers.
            panic::run_quietly(send);
        }
    }
}

/// Ends the task.
impl Drop for Service {
    fn drop(&mut self) {
        // What they were to send is the user's.
        panic::drop_each(mem::take(&mut self.timers.get_mut().queue));
        self.changed.notify_one();
    }
}

fn forget(owner: &dyn Process, id: u64) {
    owner.head().ties.with(|ties| {
        if let Some(more) = ties.existing() {
            more.timers.remove(&id);
        }
    });
}

/// The task: sleeps until the first timer is due, or until an earlier one is started.
async fn fire(service: Weak<Service>, changed: Arc<Notify>, _alive: Arc<()>) {
    loop {
        // Held only while timers fire, so that the task ends with its node.
        let next = match service.upgrade() {
            Some(service) => service.fire_due(),
            None => return,
        };
        let earlier = changed.notified();
        match next {
            Some(at) => {
                let _ = tokio::time::timeout_at(at, earlier).await;
            }
            None => earlier.await,
        }
    }
}
