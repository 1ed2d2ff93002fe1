//! Being told of nodes that come and go.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Weak};

use otp_etf::Atom;
use parking_lot::Mutex;

/// What has happened to the connection with a node.
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
    callbacks: HashMap<u64, Callback>,
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

    pub(crate) fn tell(&self, event: &NodeEvent) {
        let callbacks: Vec<Callback> = self.0.lock().callbacks.values().cloned().collect();
        for callback in callbacks {
            callback(event);
        }
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
