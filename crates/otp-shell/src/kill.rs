//! The command `kill` of programs that have a supervisor.

use crate::aftermath::Aftermath;
use crate::failure::Failure;
use crate::shell::Shell;
use crate::value::reason;
use clap::Args;
use otp_core::{ExitReason, Pid, process};

/// An exit signal for a process. The command waits for what supervisors do about its end.
#[derive(Debug, Args)]
pub struct Kill {
    /// A name, a pid such as 0.42.0, or self
    #[arg(value_name = "NAME|PID")]
    target: String,
    /// Why: normal, shutdown, kill or any text
    #[arg(default_value = "kill", value_parser = reason)]
    reason: ExitReason,
}

impl Kill {
    /// Sends it: to the process that `find` knows by the name, or to the one that is registered as it or has the pid.
    ///
    /// # Errors
    ///
    /// There is no such process.
    pub async fn run(
        self,
        find: impl FnOnce(&str) -> Option<Pid>,
        shell: &mut Shell,
    ) -> Result<(), Failure> {
        let pid = match find(&self.target) {
            Some(pid) => pid,
            None => shell.target(&self.target)?,
        };
        Aftermath::of_attempt(pid, async { process::exit(pid, self.reason) }).await;
        Ok(())
    }
}
