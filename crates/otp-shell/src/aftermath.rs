//! Waiting for the supervisors above a process, which may have work to do when it ends.

use crate::failure::Failure;
use crate::shell::Shell;
use crate::supervisors::AnySupervisor;
use otp_core::prelude::*;
use otp_core::process;
use tokio::sync::oneshot;

/// Watches a process that is about to end, and the supervisors above it.
#[derive(Debug)]
pub struct Aftermath {
    pid: Pid,
    /// Ends when it has the DOWN of the process, which may be of another node.
    watcher: ProcessRef<Down>,
    /// The nearest first.
    above: Vec<AnySupervisor>,
}

impl Aftermath {
    /// Begins to watch. Do it before the process gets the signal or message that may end it.
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
            .filter_map(|ancestor| AnySupervisor::of(&node, *ancestor))
            .collect();
        let (watches, begun) = oneshot::channel();
        let watcher = process::spawn(async move |mut me: Mailbox<Down>| {
            process::set_label("aftermath");
            me.monitor(pid, |down| down);
            // If there is no receiver, the caller has been dropped.
            let _ = watches.send(());
            me.receive().await;
        });
        // Without an answer there is nothing to watch.
        let _ = begun.await;
        Self {
            pid,
            watcher,
            above,
        }
    }

    /// Runs an operation that ends a process, and waits for the consequences.
    ///
    /// # Panics
    ///
    /// Outside a process.
    pub async fn of_end<T>(pid: Pid, action: impl Future<Output = T>) -> T {
        let aftermath = Self::of(pid).await;
        let done = action.await;
        aftermath.wait().await;
        done
    }

    /// Sends a cast that ends the process with a name, and waits for the consequences. Without a process it prints
    /// that.
    ///
    /// # Errors
    ///
    /// The output cannot be written.
    ///
    /// # Panics
    ///
    /// Outside a process.
    pub async fn of_cast(
        name: &str,
        pid: Option<Pid>,
        cast: impl FnOnce(),
        shell: &mut Shell,
    ) -> Result<(), Failure> {
        match pid {
            Some(pid) => Self::of_end(pid, async { cast() }).await,
            None => {
                shell.unheard = true;
                shell.print(format_args!(
                    "no process has the name {name}: the message is dropped"
                ))?;
            }
        }
        Ok(())
    }

    /// Runs an operation that may end a process, and waits for the consequences if it does. Without a process there is
    /// nothing to wait for.
    ///
    /// # Panics
    ///
    /// Outside a process.
    pub async fn of_attempt<T>(pid: impl Into<Option<Pid>>, action: impl Future<Output = T>) -> T {
        let Some(pid) = pid.into() else {
            return action.await;
        };
        let aftermath = Self::of(pid).await;
        let done = action.await;
        match process::node().is_alive(pid) {
            true => process::exit(aftermath.watcher.pid(), ExitReason::Kill),
            false => aftermath.wait().await,
        }
        done
    }

    /// Waits until the process has ended, all of its links and monitors have fired, and all supervisors above it have
    /// reacted.
    ///
    /// The watcher's DOWN may precede that of another process, so a process of this node is waited for to the end of
    /// its death, which has sent them all. A request to a supervisor comes behind the EXIT of its child. If the supervisor ends, the one above has its EXIT
    /// when that end is visible.
    pub async fn wait(self) {
        self.watcher.wait().await;
        process::node().wait(self.pid).await;
        for supervisor in self.above {
            supervisor.settle().await;
        }
        // If the last of them has taken its starter along, that is this process, and here is where it ends.
        tokio::task::yield_now().await;
    }
}
