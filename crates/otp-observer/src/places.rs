//! What has become of the children of supervisors: who was where, and why the last one ended.
//!
//! A supervisor knows how often it has started a child again, and not why. So from when a page first shows a child until the observer
//! is dropped, the child's end is waited for, which costs the child nothing and which it does not see.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use otp_core::{Node, Pid};
use serde::Serialize;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::observer::background;
use crate::reports::millis;
use crate::views::shown;

/// The most ends that are remembered.
const MOST_ENDS: usize = 1_000;

/// The most processes whose ends are waited for.
const MOST_WATCHED: usize = 2_000;

/// The most places that are remembered.
const MOST_PLACES: usize = 10_000;

#[derive(Default)]
pub(crate) struct Places(Arc<Shared>);

#[derive(Default)]
struct Shared {
    kept: Mutex<Kept>,
    ended: Notify,
}

#[derive(Default)]
struct Kept {
    /// Who was last seen at a place, and what became of those before.
    places: HashMap<String, Place>,
    /// Whose end is waited for, and by which task.
    watched: HashMap<Pid, AbortHandle>,
    ends: VecDeque<(Pid, Ended)>,
}

#[derive(Default)]
struct Place {
    pid: Option<Pid>,
    last: Option<Ended>,
}

/// Why a process ended, and when.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Ended {
    pub(crate) reason: String,
    /// In milliseconds since 1970.
    pub(crate) at: u64,
}

impl Places {
    /// Notes who is at a place now; returns how the one before ended.
    pub(crate) fn see(&self, node: &Node, place: &str, pid: Option<Pid>) -> Option<Ended> {
        let mut kept = self.0.kept();
        let Kept {
            places,
            watched,
            ends,
        } = &mut *kept;
        if places.len() >= MOST_PLACES && !places.contains_key(place) {
            // Of children that come and go each has a place of its own.
            places.retain(|_, known| known.pid.is_some_and(|pid| watched.contains_key(&pid)));
        }
        let known = places.entry(place.to_owned()).or_default();
        if let Some(former) = known.pid {
            let end = ends.iter().rev().find(|(pid, _)| *pid == former);
            if let Some((_, end)) = end {
                known.last = Some(end.clone());
            }
        }
        if pid.is_some() {
            known.pid = pid;
        }
        let ended = known.last.clone();
        if let Some(pid) = pid
            && watched.len() < MOST_WATCHED
        {
            // It cannot note the end before this is unlocked.
            let watcher = || background(watch(node.clone(), pid, self.0.clone()));
            watched.entry(pid).or_insert_with(watcher);
        }
        ended
    }

    /// Waits until one of them ends, and a moment longer, in which its supervisor may start the next one.
    pub(crate) async fn changed(&self) {
        self.0.ended.notified().await;
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        for watcher in self.0.kept().watched.values() {
            watcher.abort();
        }
    }
}

impl Shared {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn watch(node: Node, pid: Pid, shared: Arc<Shared>) {
    let reason = node.wait(pid).await;
    let mut kept = shared.kept();
    kept.watched.remove(&pid);
    if let Some(reason) = reason {
        let end = Ended {
            reason: shown(|| reason.to_string()),
            at: millis(),
        };
        kept.ends.push_back((pid, end));
        if kept.ends.len() > MOST_ENDS {
            kept.ends.pop_front();
        }
        drop(kept);
        // What the reason carries is the user's, and is dropped when nothing is locked.
        drop(reason);
    }
    shared.ended.notify_waiters();
}

#[cfg(test)]
mod tests {
    use otp_core::{ExitReason, Mailbox};

    use super::*;

    #[tokio::test]
    async fn nobody_waits_for_a_child_once_the_observer_is_dropped() {
        let (node, places) = (Node::new(), Places::default());
        let child = node.spawn(|_: Mailbox<()>| std::future::pending::<()>());
        places.see(&node, "child", Some(child.pid()));
        tokio::task::yield_now().await;
        let shared = Arc::downgrade(&places.0);
        assert_eq!(shared.strong_count(), 2, "a task waits");
        drop(places);
        tokio::task::yield_now().await;
        assert_eq!(shared.strong_count(), 0);
        assert!(child.is_alive());
    }

    #[tokio::test]
    async fn the_places_of_many_that_are_gone_make_room() {
        let (node, places) = (Node::new(), Places::default());
        for number in 0..MOST_PLACES {
            assert!(places.see(&node, &format!("gone {number}"), None).is_none());
        }
        let child = node.spawn(|_: Mailbox<()>| std::future::pending::<()>());
        assert!(places.see(&node, "child", Some(child.pid())).is_none());
        for number in 0..MOST_PLACES {
            assert!(places.see(&node, &format!("more {number}"), None).is_none());
        }
        // Its end is waited for by now.
        tokio::task::yield_now().await;
        tokio::join!(places.changed(), async {
            node.exit(child.pid(), ExitReason::Kill);
        });
        let ended = places.see(&node, "child", None).expect("it was watched");
        assert_eq!(ended.reason, ExitReason::Killed.to_string());
        assert!(places.0.kept().places.len() <= MOST_PLACES);
    }
}
