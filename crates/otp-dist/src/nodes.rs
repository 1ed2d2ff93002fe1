//! Monitors of nodes that are connected and lost.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Weak};

use otp_etf::Atom;
use parking_lot::Mutex;

use crate::contain::contained;

/// A change of the connection with a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeEvent {
    /// It is there.
    Up(Atom),
    /// It is lost.
    Down(Atom),
}

type Callback = Arc<dyn Fn(&NodeEvent) + Send + Sync>;

#[derive(Default)]
pub(crate) struct NodeMonitors(Mutex<Monitors>);

#[derive(Default)]
struct Monitors {
    next: u64,
    callbacks: BTreeMap<u64, Callback>,
    untold: VecDeque<NodeEvent>,
    is_telling: bool,
}

/// A subscription to [`NodeEvent`]s, which ends when this is dropped.
#[must_use = "the subscription ends when this is dropped"]
pub struct NodeMonitor {
    monitors: Weak<NodeMonitors>,
    id: u64,
}

impl NodeMonitors {
    pub(crate) fn add(
        self: &Arc<Self>,
        callback: impl Fn(&NodeEvent) + Send + Sync + 'static,
    ) -> NodeMonitor {
        let mut monitors = self.0.lock();
        monitors.next += 1;
        let id = monitors.next;
        monitors.callbacks.insert(id, Arc::new(callback));
        NodeMonitor {
            monitors: Arc::downgrade(self),
            id,
        }
    }

    /// Calls all monitors. An event that a callback causes is passed on after the event of the callback. A panic of one is contained: here
    /// it would leave a connection that is neither there nor gone.
    pub(crate) fn tell(&self, event: NodeEvent) {
        let mut monitors = self.0.lock();
        monitors.untold.push_back(event);
        if monitors.is_telling {
            return;
        }
        monitors.is_telling = true;
        drop(monitors);
        let _telling = Telling(self);
        while let Some((event, callbacks)) = self.next() {
            for callback in callbacks {
                if let Err(why) = contained(|| callback(&event)) {
                    tracing::error!(?event, %why, "a monitor of nodes has failed");
                }
            }
        }
    }

    fn next(&self) -> Option<(NodeEvent, Vec<Callback>)> {
        let mut monitors = self.0.lock();
        let event = monitors.untold.pop_front()?;
        Some((event, monitors.callbacks.values().cloned().collect()))
    }
}

/// Marks that monitors are being called. The mark ends also when a callback panics.
struct Telling<'a>(&'a NodeMonitors);

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        self.0.0.lock().is_telling = false;
    }
}

impl Drop for NodeMonitor {
    fn drop(&mut self) {
        if let Some(monitors) = self.monitors.upgrade() {
            let removed = monitors.0.lock().callbacks.remove(&self.id);
            drop(removed);
        }
    }
}

impl fmt::Debug for NodeMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeMonitor").field("id", &self.id).finish()
    }
}
