//! Waiting for the supervisors above a process, which may have work to do when it ends.

use otp_core::prelude::*;
use otp_core::{DynamicSupervisorRef, SupervisorRef, process};
use tokio::sync::oneshot;

/// Watches a process that is about to end, and the supervisors above it.
#[derive(Debug)]
pub struct Aftermath {
    /// Ends when the process has ended and all who are linked with it have been told.
    watcher: ProcessRef<Down>,
    /// The nearest first.
    above: Vec<Above>,
}

impl Aftermath {
    /// Begins to watch. Do it before the process learns what is to become of it.
    ///
    /// # Panics
    ///
    /// Outside a process.
    pub async fn of(pid: Pid) -> Self {
        let node = process::node();
        let ancestors = node.process_info(pid).map(|info| info.ancestors);
        let above = ancestors
            .iter()
            .flatten()
            .filter_map(|ancestor| Above::find(&node, *ancestor))
            .collect();
        let (watches, begun) = oneshot::channel();
        let watcher = process::spawn(async move |mut me: Mailbox<Down>| {
            process::set_label("aftermath");
            me.monitor(pid, |down| down);
            // Whoever began this has given up if nobody hears it.
            let _ = watches.send(());
            me.receive().await;
        });
        // Without an answer there is nothing to watch.
        let _ = begun.await;
        Self { watcher, above }
    }

    /// Sends a process an exit signal, and waits for what comes of it, if it ends of the signal.
    ///
    /// # Panics
    ///
    /// Outside a process.
    pub async fn of_exit(pid: Pid, reason: ExitReason) {
        let aftermath = Self::of(pid).await;
        process::exit(pid, reason);
        aftermath.wait_unless_alive(pid).await;
    }

    /// As [`wait`](Self::wait), unless the process has not ended by now.
    pub async fn wait_unless_alive(self, pid: Pid) {
        match process::node().is_alive(pid) {
            true => process::exit(self.watcher.pid(), ExitReason::Kill),
            false => self.wait().await,
        }
    }

    /// Waits until the process has ended, and all supervisors above it have done what they do about it.
    ///
    /// A request to a supervisor waits for its turn behind the news of an end. If the supervisor ends over it, the one
    /// above has the news by the time that end is seen.
    pub async fn wait(self) {
        self.watcher.wait().await;
        for supervisor in self.above {
            supervisor.settle().await;
        }
        // If the last of them has taken its starter along, that is this process, and here is where it ends.
        tokio::task::yield_now().await;
    }
}

/// A supervisor of either kind.
#[derive(Debug)]
enum Above {
    Static(SupervisorRef),
    Dynamic(DynamicSupervisorRef),
}

impl Above {
    fn find(node: &Node, pid: Pid) -> Option<Self> {
        let found = SupervisorRef::find(node, pid).map(Self::Static);
        found.or_else(|| DynamicSupervisorRef::find(node, pid).map(Self::Dynamic))
    }

    /// Waits until it answers, or has ended.
    async fn settle(&self) {
        match self {
            Self::Static(supervisor) => {
                if supervisor.count_children().await.is_err() {
                    supervisor.wait().await;
                }
            }
            Self::Dynamic(supervisor) => {
                if supervisor.count_children().await.is_err() {
                    supervisor.wait().await;
                }
            }
        }
    }
}
