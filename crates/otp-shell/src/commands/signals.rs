//! Links, monitors and exit signals, as the shell process sends and sets them.

use super::{Switch, Who};
use crate::failure::Failure;
use crate::program::Program;
use crate::shell::{Letter, Shell};
use otp_core::{ExitReason, Name, Target, process};

pub(super) async fn kill<P: Program>(
    program: &mut P,
    shell: &mut Shell,
    who: &Who,
    reason: ExitReason,
) -> Result<(), Failure> {
    let pid = shell.find(program, &who.target).await?;
    match shell.home(pid) {
        Some(node) => node.exit(pid, reason),
        None => process::exit(pid, reason),
    }
    Ok(())
}

/// A name without a process can be monitored, as in OTP: its DOWN comes at once.
pub(super) async fn monitor<P: Program>(
    program: &mut P,
    shell: &mut Shell,
    who: Who,
) -> Result<(), Failure> {
    let named = shell.node.whereis(who.target.clone()).is_some();
    let target = match shell.find(program, &who.target).await {
        Ok(pid) if !named => Target::Pid(pid),
        _ => Target::Name(Name::local(who.target)),
    };
    shell.mailbox.monitor(target, Letter::Down);
    Ok(())
}

pub(super) async fn link<P: Program>(
    program: &mut P,
    shell: &mut Shell,
    who: &Who,
) -> Result<(), Failure> {
    let pid = shell.find(program, &who.target).await?;
    shell.mailbox.link(pid);
    Ok(())
}

pub(super) async fn unlink<P: Program>(
    program: &mut P,
    shell: &mut Shell,
    who: &Who,
) -> Result<(), Failure> {
    let pid = shell.find(program, &who.target).await?;
    shell.mailbox.unlink(pid);
    Ok(())
}

pub(super) fn trap_exit(shell: &mut Shell, switch: Switch) {
    match switch {
        Switch::On => shell.mailbox.trap_exit(Letter::Exit),
        Switch::Off => shell.mailbox.untrap_exit(),
    };
}
