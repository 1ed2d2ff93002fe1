//! `await`: so that a script need not guess how long something takes.

use crate::failure::Failure;
use crate::program::Program;
use crate::shell::{Letter, Shell};
use otp_core::{Node, Pid};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How often we look whether somebody has the name by now: nobody tells us.
const LOOK: Duration = Duration::from_millis(2);

/// Waits for what the program knows by the name, or for a process: if the name is taken now, until
/// that process has died or another one has taken its name; if not, until somebody has it.
///
/// With `back`, until somebody has the name who is not the one to whom the shell's commands
/// last went by it: after a `kill`, until its successor is there, even if that was quick.
pub(super) async fn run<P: Program>(
    program: &mut P,
    shell: &mut Shell,
    name: &str,
    back: bool,
    limit: Duration,
) -> Result<(), Failure> {
    let wait = async {
        if back {
            let last = shell.last_target(name);
            taken(&shell.node, name, last).await;
            return Ok(());
        }
        match program.wait_for(name, shell).await {
            Some(result) => result,
            None => process(shell, name).await,
        }
    };
    match timeout(limit, wait).await {
        Ok(result) => result,
        Err(_) => Err(Failure::new(format_args!(
            "gave up waiting for {name} after {}",
            humantime::format_duration(limit)
        ))),
    }
}

async fn process(shell: &mut Shell, name: &str) -> Result<(), Failure> {
    let node = shell.node.clone();
    match node.whereis(name.to_owned()) {
        Some(pid) => tokio::select! {
            () = death(shell, pid) => {}
            () = taken(&node, name, Some(pid)) => {}
        },
        None => taken(&node, name, None).await,
    }
    Ok(())
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

/// Waits until the process has died and those linked with it have been told.
async fn death(shell: &mut Shell, pid: Pid) {
    let monitor = shell.mailbox.monitor(pid, Letter::Awaited);
    let is_it =
        |letter: &Letter| matches!(letter, Letter::Awaited(down) if down.monitor == monitor);
    shell.mailbox.receive_match(is_it).await;
}
