//! The process in which an application's callbacks run, and which is the parent of its tree.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::RestartType;
use super::applications::Shared;
use super::env::Changes;
use super::ledger::Ended;
use super::spec::{ApplicationSpec, Running, Started};
use crate::exit::ExitReason;
use crate::gen_server::Timeout;
use crate::pid::Pid;
use crate::process::process_ref::wait;
use crate::process::{self, Exit, Mailbox, panic};
use crate::report::application as report;

/// What a master is told.
pub(super) enum Order {
    Exit(Exit),
    Stop,
    /// The environment has changed; whoever waits is told when the application knows of it.
    Changed(Changes, oneshot::Sender<()>),
}

/// What it is the master of.
pub(super) struct Charge {
    pub(super) shared: Arc<Shared>,
    pub(super) spec: Arc<ApplicationSpec>,
    pub(super) restart: RestartType,
}

/// The life of an application. `started` hears whether it has started.
pub(super) async fn live(
    mut mailbox: Mailbox<Order>,
    charge: Charge,
    start: impl Future<Output = Result<Started, ExitReason>> + Send,
    started: oneshot::Sender<Result<(), ExitReason>>,
) {
    let name = charge.spec.name().to_owned();
    process::set_label(format!("application_master: {name}"));
    mailbox.trap_exit(Order::Exit);
    let mut end = End {
        charge,
        how: How::NotStarted,
    };
    let (top, mut application) = match caught(start).await.and_then(|start| start) {
        Ok((top, application)) => (top.pid(), application),
        Err(reason) => {
            end_linked().await;
            drop(end);
            // The starter may have stopped waiting.
            let _ = started.send(Err(reason));
            return;
        }
    };
    if let Some(top) = top {
        process::link(top);
    }
    end.how = How::Exited(ExitReason::Killed);
    let Charge {
        shared, restart, ..
    } = &end.charge;
    shared.change(|ledger| ledger.has_started(&name, Some(mailbox.me()), top, *restart));
    let _ = started.send(Ok(()));

    let reason = end_of_tree(&mut mailbox, top, &name, &mut *application).await;
    guarded(&name, "prep_stop", application.prep_stop()).await;
    end.how = match reason {
        Some(reason) => How::Exited(reason),
        None => {
            end.how = How::Stopped;
            if let Some(top) = top {
                end_process(top).await;
            }
            How::Stopped
        }
    };
    guarded(&name, "stop", application.stop()).await;
}

/// Waits for the end of the tree, and returns its reason; none if an order came to stop it.
async fn end_of_tree(
    mailbox: &mut Mailbox<Order>,
    top: Option<Pid>,
    name: &str,
    application: &mut dyn Running,
) -> Option<ExitReason> {
    loop {
        match mailbox.receive().await {
            Order::Exit(exit) if Some(exit.from) == top => return Some(exit.reason),
            Order::Exit(_) => {}
            Order::Stop => return None,
            Order::Changed(changes, known) => {
                guarded(name, "config_change", application.config_change(&changes)).await;
                let _ = known.send(());
            }
        }
    }
}

/// Ends everything that a start has linked before it failed.
async fn end_linked() {
    let me = process::node().process_info(process::current());
    for pid in me.into_iter().flat_map(|me| me.links) {
        if Timeout::DEFAULT.on(end_process(pid)).await.is_none() {
            process::exit(pid, ExitReason::Kill);
        }
    }
}

async fn end_process(pid: Pid) {
    let found = process::node().find(pid);
    process::exit(pid, ExitReason::Shutdown);
    if let Some(process) = found {
        wait(process).await;
    }
}

/// Runs a callback whose failure changes nothing.
async fn guarded(application: &str, callback: &str, run: impl Future<Output = ()>) {
    if let Err(reason) = caught(run).await {
        report::callback_failed(application, callback, &reason);
    }
}

/// Runs code of the user's; a panic becomes a reason.
async fn caught<T>(run: impl Future<Output = T>) -> Result<T, ExitReason> {
    let outcome = AssertUnwindSafe(run).catch_unwind().await;
    outcome.map_err(panic::reason)
}

/// Enters the end in the books, also of a master that is killed.
struct End {
    charge: Charge,
    how: How,
}

/// How an application ends.
enum How {
    NotStarted,
    /// On an order.
    Stopped,
    /// By itself.
    Exited(ExitReason),
}

impl Drop for End {
    fn drop(&mut self) {
        let Charge {
            shared,
            spec,
            restart,
        } = &self.charge;
        let name = spec.name();
        let (reason, is_fatal) = match &self.how {
            How::NotStarted => return shared.change(|ledger| ledger.has_ended(name)),
            How::Stopped => ("stopped".to_owned(), false),
            How::Exited(reason) => {
                let text = panic::quietly(|| reason.to_string());
                (text, restart.is_fatal(reason))
            }
        };
        report::exited(name, &reason, is_fatal);
        shared.change(|ledger| {
            ledger.has_ended(name);
            if let How::Exited(reason) = &self.how
                && is_fatal
            {
                ledger.ending.get_or_insert(Ended::Failed {
                    application: name.to_owned(),
                    reason: reason.clone(),
                });
            }
        });
    }
}
