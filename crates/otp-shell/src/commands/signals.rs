//! Links, monitors and exit signals, as the shell process sends and sets them.

use super::{Switch, Who};
use crate::failure::Failure;
use crate::shell::{Letter, Shell};
use otp_core::{ExitReason, Name, Target, process};

pub(super) fn kill(shell: &Shell, who: &Who, reason: ExitReason) -> Result<(), Failure> {
    process::exit(shell.target(&who.target)?, reason);
    Ok(())
}

/// A name that nobody has can be monitored, as in OTP: its DOWN comes at once.
pub(super) fn monitor(shell: &mut Shell, who: Who) -> Result<(), Failure> {
    let named = shell.node.whereis(who.target.clone()).is_some();
    let target = match shell.target(&who.target) {
        Ok(pid) if !named => Target::Pid(pid),
        _ => Target::Name(Name::local(who.target)),
    };
    shell.mailbox.monitor(target, Letter::Down);
    Ok(())
}

pub(super) fn link(shell: &Shell, who: &Who) -> Result<(), Failure> {
    shell.mailbox.link(shell.target(&who.target)?);
    Ok(())
}

pub(super) fn unlink(shell: &Shell, who: &Who) -> Result<(), Failure> {
    shell.mailbox.unlink(shell.target(&who.target)?);
    Ok(())
}

pub(super) fn trap_exit(shell: &mut Shell, switch: Switch) {
    match switch {
        Switch::On => shell.mailbox.trap_exit(Letter::Exit),
        Switch::Off => shell.mailbox.untrap_exit(),
    };
}
