//! Messages to processes, and those to the shell.

use super::{Who, look};
use crate::failure::Failure;
use crate::program::Program;
use crate::shell::Shell;
use std::time::Duration;

pub(super) async fn send<P: Program>(
    program: &mut P,
    shell: &mut Shell,
    who: &Who,
    text: String,
) -> Result<(), Failure> {
    let pid = shell.find(program, &who.target).await?;
    if pid == shell.pid() {
        shell.me().send(text);
        return Ok(());
    }
    if let Some(process) = shell.node.process_ref::<String>(pid) {
        process.send(text);
        return Ok(());
    }
    if program.send(pid, &text, shell)? {
        return Ok(());
    }
    match shell.node.process_info(pid) {
        _ if shell.home(pid).is_none() => Err(Failure::new(format_args!(
            "{} is on another node: it receives no text",
            who.target
        ))),
        Some(info) => Err(Failure::new(format_args!(
            "{} receives no text: it runs {}",
            who.target,
            look::short(info.initial_call)
        ))),
        // A message to the dead is lost, and no error.
        None => Ok(()),
    }
}

pub(super) async fn receive(shell: &mut Shell, limit: Duration) -> Result<(), Failure> {
    match shell.mailbox.receive().timeout(limit).await {
        Some(letter) => shell.print(letter),
        None => Err(Failure::new(format_args!(
            "nothing was received within {}",
            humantime::format_duration(limit)
        ))),
    }
}
