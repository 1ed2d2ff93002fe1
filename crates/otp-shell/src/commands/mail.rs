//! Messages to processes.

use super::{Who, look};
use crate::failure::Failure;
use crate::shell::Shell;

pub(super) fn send(shell: &Shell, who: &Who, text: String) -> Result<(), Failure> {
    let pid = shell.target(&who.target)?;
    if pid == shell.pid() {
        shell.me().send(text);
        return Ok(());
    }
    if let Some(process) = shell.node.process_ref::<String>(pid) {
        process.send(text);
        return Ok(());
    }
    match shell.node.process_info(pid) {
        Some(info) => Err(Failure::new(format_args!(
            "{} receives no text: it runs {}",
            who.target,
            look::short(info.initial_call)
        ))),
        // A message to the dead is lost, and no error.
        None => Ok(()),
    }
}
