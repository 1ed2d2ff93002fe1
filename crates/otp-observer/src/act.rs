//! What a page does to processes, if it may.

use std::sync::Arc;
use std::time::Duration;

use otp_core::sys;
use otp_core::{ExitReason, Pid, SupervisorRef};
use serde::Deserialize;
use tokio::time::timeout;

use crate::state::State;
use crate::views::shown;

/// How long a page waits for what it has asked for. It happens all the same.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest reason, in bytes.
const LONGEST: usize = 1_000;

/// Something to be done.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Act {
    Kill { pid: String },
    Exit { pid: String, reason: String },
    Suspend { pid: String },
    Resume { pid: String },
    Stop { pid: String, reason: String },
    TerminateChild { supervisor: String, child: String },
    RestartChild { supervisor: String, child: String },
    Trace { pid: String, on: bool },
    ClearTrace,
}

impl Act {
    /// Whether it only looks.
    pub(crate) fn only_looks(&self) -> bool {
        matches!(self, Self::Trace { .. } | Self::ClearTrace)
    }
}

/// Does it, or says why not.
pub(crate) async fn act(state: &Arc<State>, act: Act) -> Result<(), String> {
    match timeout(PATIENCE, perform(state, act)).await {
        Ok(done) => done,
        Err(_) => Err(format!(
            "it has not answered within {PATIENCE:?}; what was asked for stands in its mailbox"
        )),
    }
}

async fn perform(state: &Arc<State>, act: Act) -> Result<(), String> {
    let alive = |pid: &str| alive(state, pid);
    let failed = |error: &dyn std::fmt::Display| error.to_string();
    match act {
        Act::Kill { pid } => {
            state.node.exit(alive(&pid)?, ExitReason::Kill);
            Ok(())
        }
        Act::Exit { pid, reason } => {
            state.node.exit(alive(&pid)?, reason_of(&reason)?);
            Ok(())
        }
        Act::Stop { pid, reason } => {
            let (server, reason) = (server(state, &pid)?, reason_of(&reason)?);
            let stopped = sys::terminate(server, reason).await;
            stopped.map_err(|error| failed(&error))
        }
        Act::Suspend { pid } => {
            let suspended = sys::suspend(server(state, &pid)?).await;
            suspended.map_err(|error| failed(&error))
        }
        Act::Resume { pid } => {
            let resumed = sys::resume(server(state, &pid)?).await;
            resumed.map_err(|error| failed(&error))
        }
        Act::TerminateChild { supervisor, child } => {
            let (supervisor, id) = child_of(state, &supervisor, &child).await?;
            let terminated = supervisor.terminate_child(id).await;
            terminated.map_err(|error| failed(&error))
        }
        Act::RestartChild { supervisor, child } => {
            let (supervisor, id) = child_of(state, &supervisor, &child).await?;
            let restarted = supervisor.restart_child(id).await;
            restarted.map(drop).map_err(|error| failed(&error))
        }
        Act::Trace { pid, on: true } => match state.traces.begin(server(state, &pid)?) {
            true => Ok(()),
            false => Err("too many servers are traced: end the trace of another one".to_owned()),
        },
        Act::Trace { pid, on: false } => {
            state.traces.end(read(&pid)?);
            Ok(())
        }
        Act::ClearTrace => {
            state.traces.clear();
            Ok(())
        }
    }
}

fn read(pid: &str) -> Result<Pid, String> {
    pid.parse().map_err(|_| format!("{pid:?} is no pid"))
}

fn alive(state: &State, pid: &str) -> Result<Pid, String> {
    let pid = read(pid)?;
    match state.node.is_alive(pid) {
        true => Ok(pid),
        false => Err(format!("{pid} does not live")),
    }
}

/// A process that answers system requests.
fn server(state: &State, pid: &str) -> Result<Pid, String> {
    let pid = read(pid)?;
    let info = state.node.process_info(pid);
    match info.ok_or_else(|| format!("{pid} does not live"))? {
        info if info.is_server() => Ok(pid),
        _ => Err(format!("{pid} is no server")),
    }
}

async fn child_of(
    state: &State,
    supervisor: &str,
    child: &str,
) -> Result<(SupervisorRef, otp_core::ChildId), String> {
    let pid = alive(state, supervisor)?;
    let found = SupervisorRef::find(&state.node, pid);
    let supervisor = found.ok_or_else(|| format!("{pid} is no supervisor with named children"))?;
    let children = supervisor.which_children().await;
    let children = children.map_err(|error| error.to_string())?;
    let mut ids = children.into_iter().filter_map(|child| child.id);
    let id = ids.find(|id| shown(|| id.to_string()) == child);
    let id = id.ok_or_else(|| format!("{pid} has no child {child}"))?;
    Ok((supervisor, id))
}

/// `normal`, `shutdown`, `kill`, or a text of the user's.
fn reason_of(text: &str) -> Result<ExitReason, String> {
    match text.trim() {
        "" => Err("a reason is missing".to_owned()),
        text if text.len() > LONGEST => Err("the reason is too long".to_owned()),
        "normal" => Ok(ExitReason::Normal),
        "shutdown" => Ok(ExitReason::Shutdown),
        "kill" => Ok(ExitReason::Kill),
        text => Ok(ExitReason::other(text.to_owned())),
    }
}
