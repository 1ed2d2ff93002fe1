//! `await`: so that a script need not guess how long something takes.

use super::Change;
use crate::failure::Failure;
use crate::program::Program;
use crate::shell::{Mode, Shell};
use otp_core::{Node, Pid};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// The interval at which the name is looked up: there is no notification.
const LOOK: Duration = Duration::from_millis(2);

/// Waits for an object that the program knows by the name, or for a process: if the name is taken now, until that
/// process has died or another one has taken its name; if not, until a process has it.
///
/// An event that an earlier command has caused may have happened before this command runs. So with `gone` or `back` the
/// wait is counted from the last command for the name: until that process is dead, or until another one has the name.
pub(super) async fn run<P: Program>(
    program: &mut P,
    shell: &mut Shell,
    name: &str,
    change: Change,
    limit: Duration,
) -> Result<(), Failure> {
    let most = humantime::format_duration(limit);
    if shell.mode() == Mode::Interactive {
        shell.print(format_args!(
            "waiting for {name}, {most} at most; Ctrl-C stops it"
        ))?;
    }
    let wait = async {
        let node = shell.node.clone();
        let last = shell.last_target(name);
        if change.back {
            taken(&node, name, last).await;
        } else if change.gone {
            death(&node, last.or_else(|| node.whereis(name.to_owned()))).await;
        } else if let Some(result) = program.wait_for(name, shell).await {
            return result;
        } else {
            match node.whereis(name.to_owned()) {
                None => taken(&node, name, None).await,
                pid => tokio::select! {
                    () = death(&node, pid) => {}
                    () = taken(&node, name, pid) => {}
                },
            }
        }
        Ok(())
    };
    match timeout(limit, wait).await {
        Ok(result) => result,
        Err(_) => Err(Failure::new(format_args!(
            "gave up waiting for {name} after {most}"
        ))),
    }
}

/// Waits until another process than `but` has the name.
async fn taken(node: &Node, name: &str, but: Option<Pid>) {
    loop {
        let holder = node.whereis(name.to_owned());
        if holder.is_some() && holder != but {
            return;
        }
        sleep(LOOK).await;
    }
}

/// Waits until the process has died and its links have fired.
async fn death(node: &Node, pid: Option<Pid>) {
    let Some(pid) = pid else { return };
    if node.wait(pid).await.is_none() {
        // It may have left the table just now, and be telling them.
        sleep(LOOK).await;
    }
}
