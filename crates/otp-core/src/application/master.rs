//! The process in which an application's callbacks run, and which is the parent of its tree and the leader of its group.
//!
//! A master that is killed leaves the [`Life`]. The controller hands it to a successor, which waits for the end of the
//! tree, runs the callbacks that have not begun, and ends the group. So it does not matter where a master is killed.
//!
//! # OTP
//!
//! `application_master`, with the process that it starts for the callbacks.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use thiserror::Error;

use super::controller::{Controller, News};
use super::env::Changes;
use super::life::{Holder, Life, LifeState};
use super::spec::{LiveApplication, StartedApplication};
use crate::exit::ExitReason;
use crate::gen_server::{self, ReplyTo, ServerRef, TimeLimit};
use crate::never::Never;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::process_ref::wait;
use crate::process::slot::{Limit, NoTimer};
use crate::process::{self, Exit, Mailbox, current, group, panic};
use crate::report::application as report;
use crate::supervisor::cause::Causes;

/// A message to a master.
pub(super) enum MasterOrder {
    Exit(Exit),
    Stop,
    /// The environment has changed; the caller is answered when the application knows of it.
    Changed(Changes, Option<ReplyTo<()>>),
    /// The controller has ended.
    Orphaned(ExitReason),
}

/// How long a successor waits for a tree that ends because its parent has died, and how long killed processes may block
/// their threads.
const PATIENCE: Duration = Duration::from_secs(5);

/// A start callback has returned its own process as the top of its tree.
#[derive(Debug, Error)]
#[error("the start callback has returned its own process as the top of the tree")]
struct OwnTop;

/// The life of an application. Its exit reason is that of the application, or of a start that has failed.
pub(super) async fn live(
    mut mailbox: Mailbox<MasterOrder>,
    life: Holder,
    controller: ServerRef<Controller>,
) -> ExitReason {
    process::set_label(format!("application_master: {}", life.name()));
    mailbox.trap_exit(MasterOrder::Exit);
    mailbox.monitor(controller.pid(), |down| MasterOrder::Orphaned(down.reason));
    group::lead();
    let causes = Arc::new(Causes::default());
    current::process().head().show(causes.clone());
    let reason = match start(&mut mailbox, &life).await {
        Ok((top, early)) => {
            let name = life.name().to_owned();
            controller.send(News { name, top });
            let end = match early {
                Some(reason) => MasterEnd::OfTree(reason),
                None => end_of_tree(&mut mailbox, top, &life).await,
            };
            if let MasterEnd::OfTree(_) = end {
                life.set_cause(top.and_then(|top| causes.of(top)));
            }
            wind_up(&life, end).await
        }
        Err(reason) => {
            end_linked().await;
            reason
        }
    };
    let reason = life.decide(reason);
    end_group(&life).await;
    life.finish();
    reason
}

/// Starts a successor that no controller knows.
pub(super) fn succeed(node: &Node, life: &Holder) {
    // A successor that is dropped at once leaves the life to another one.
    let its = life.clone();
    let successor = node.spawn(|_: Mailbox<Never>| inherit(its));
    life.keep(successor.block().clone());
}

/// The life of a successor.
pub(super) async fn inherit(life: Holder) -> ExitReason {
    process::set_label(format!("application_master: {}", life.name()));
    if let Some(top) = life.top().filter(|_| !life.hurries()) {
        // The death of its parent ends it. If it does not end in time, it is killed.
        let _ = TimeLimit::After(PATIENCE).on(wait(top)).await;
    }
    prepare(&life).await;
    clean_up(&life).await;
    end_group(&life).await;
    life.finish();
    life.decide(ExitReason::Killed)
}

/// Runs the start callback. Returns the top of the tree and, if that has ended already, why.
async fn start(
    mailbox: &mut Mailbox<MasterOrder>,
    life: &Life,
) -> Result<(Option<Pid>, Option<ExitReason>), ExitReason> {
    // The end of an application has time limits.
    Limit::check().map_err(|NoTimer| ExitReason::error(gen_server::StartError::NoRuntime))?;
    let mut ended = Vec::new();
    let (child, application): StartedApplication = {
        let spec = life.spec.clone();
        let callback = Box::pin(caught(async move { spec.start().await }));
        let interrupted = async {
            loop {
                match mailbox.receive().await {
                    MasterOrder::Exit(exit) => ended.push(exit),
                    MasterOrder::Orphaned(reason) => return reason,
                    // An application that has not started is neither stopped nor configured.
                    MasterOrder::Stop | MasterOrder::Changed(..) => {}
                }
            }
        };
        match select(callback, Box::pin(interrupted)).await {
            Either::Left((outcome, _)) => outcome??,
            Either::Right((reason, callback)) => {
                let _ = caught(async move { drop(callback) }).await;
                return Err(reason);
            }
        }
    };
    let top = child.pid();
    let child = child.found_on(&process::node());
    *life.state.lock().await = Some(LifeState {
        application,
        is_prepared: false,
    });
    let Some(pid) = top else {
        return Ok((None, None));
    };
    if pid == current() {
        return Err(ExitReason::error(OwnTop));
    }
    life.set_top(child.process().cloned());
    process::link(pid);
    let early = ended.into_iter().find(|exit| exit.from == pid);
    Ok((top, early.map(|exit| exit.reason)))
}

/// The cause of a running application's end.
enum MasterEnd {
    /// Its tree has ended by itself.
    OfTree(ExitReason),
    /// It was ordered to stop, with this as its exit reason.
    Order(ExitReason),
}

/// Waits for the end of the tree, or for an order to end it.
async fn end_of_tree(
    mailbox: &mut Mailbox<MasterOrder>,
    top: Option<Pid>,
    life: &Life,
) -> MasterEnd {
    loop {
        match mailbox.receive().await {
            MasterOrder::Exit(exit) if Some(exit.from) == top => {
                return MasterEnd::OfTree(exit.reason);
            }
            MasterOrder::Exit(_) => {}
            MasterOrder::Stop => return MasterEnd::Order(ExitReason::Normal),
            MasterOrder::Orphaned(reason) => return MasterEnd::Order(reason),
            MasterOrder::Changed(changes, told) => {
                if let Some(state) = &mut *life.state.lock().await {
                    let callback = state.application.config_change(&changes);
                    guarded(life, "config_change", callback).await;
                }
                if let Some(told) = told {
                    told.send(());
                }
            }
        }
    }
}

/// The orderly end: prepares, ends the tree unless it has ended, and cleans up.
async fn wind_up(life: &Life, end: MasterEnd) -> ExitReason {
    let reason = match end {
        MasterEnd::OfTree(reason) => {
            life.decide(reason.clone());
            prepare(life).await;
            reason
        }
        MasterEnd::Order(reason) => {
            prepare(life).await;
            if let Some(top) = life.top() {
                process::exit(top.head().pid, ExitReason::Shutdown);
                wait(top).await;
            }
            reason
        }
    };
    clean_up(life).await;
    reason
}

async fn prepare(life: &Life) {
    let mut state = life.state.lock().await;
    if let Some(state) = state.as_mut().filter(|state| !state.is_prepared) {
        state.is_prepared = true;
        if !life.hurries() {
            guarded(life, "prep_stop", state.application.prep_stop()).await;
        }
    }
}

/// Calls the application's `stop`, once.
async fn clean_up(life: &Life) {
    let Some(LifeState { application, .. }) = life.state.lock().await.take() else {
        return;
    };
    let hurries = life.hurries();
    let stop = async move {
        let mut application: Box<dyn LiveApplication> = application;
        if !hurries {
            application.stop().await;
        }
        // Its destructor is the user's, too.
        drop(application);
    };
    guarded(life, "stop", stop).await;
}

/// Ends everything that a start has linked before it failed, as far as it belongs to the application.
async fn end_linked() {
    let me = current();
    let node = process::node();
    let info = node.process_info(me);
    let linked = info.into_iter().flat_map(|info| info.links);
    let linked: Vec<Arc<dyn Process>> = linked
        .filter_map(|pid| node.find(pid))
        .filter(|process| process.head().group() == Some(me))
        .collect();
    for process in &linked {
        process::exit(process.head().pid, ExitReason::Shutdown);
    }
    let all = async {
        for process in linked {
            wait(process).await;
        }
    };
    // Processes that ignore it end with the group.
    let _ = TimeLimit::DEFAULT.on(all).await;
}

/// Kills the rest of the application's group repeatedly, until it is empty: a killed process may have spawned another
/// one before its end.
async fn end_group(life: &Life) {
    let Some(leader) = life.leader() else { return };
    let node = process::node();
    let me = current();
    let all = async {
        loop {
            let mut members = group::members(&node, leader);
            members.retain(|process| process.head().pid != me);
            if members.is_empty() {
                break;
            }
            for process in &members {
                process::exit(process.head().pid, ExitReason::Kill);
            }
            for process in members {
                wait(process).await;
            }
        }
    };
    if TimeLimit::After(PATIENCE).on(all).await.is_none() {
        report::remains(life.name(), group::members(&node, leader).len());
    }
}

/// Runs a callback whose failure changes nothing.
async fn guarded(life: &Life, callback: &str, run: impl Future<Output = ()>) {
    if let Err(reason) = caught(run).await {
        report::callback_failed(life.name(), callback, &reason);
    }
}

/// Runs code of the user's; a panic becomes a reason.
async fn caught<T>(run: impl Future<Output = T>) -> Result<T, ExitReason> {
    let outcome = AssertUnwindSafe(run).catch_unwind().await;
    outcome.map_err(panic::reason)
}
