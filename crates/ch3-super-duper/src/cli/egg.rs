//! `egg`: exercise 3.5.

use super::value::reason;
use crate::api::Aftermath;
use crate::kitchen::api::{AlarmName, EggTimer, Length};
use clap::Subcommand;
use otp_core::ExitReason;
use otp_shell::{Failure, Shell};

#[derive(Debug, Subcommand)]
pub(super) enum EggCommand {
    /// Set an alarm
    #[command(after_help = "Example:\n  egg schedule eggs 5m")]
    Schedule {
        /// What for
        #[arg(value_parser = alarm)]
        name: AlarmName,
        /// How long from now: a number and a unit, such as 90s, 5m or 1h30m
        #[arg(value_parser = length)]
        length: Length,
    },
    /// Print the alarms that are pending
    #[command(after_help = "Example:\n  egg status")]
    Status,
    /// Have the egg timer stop for a reason of its own
    #[command(after_help = "Example:\n  egg stop we_broke_something")]
    Stop {
        /// Why: normal, shutdown or any text
        #[arg(default_value = "we_broke_something", value_parser = reason)]
        reason: ExitReason,
    },
}

pub(super) async fn run(command: EggCommand, shell: &mut Shell) -> Result<(), Failure> {
    let timer = EggTimer::default();
    let pid = timer.whereis().ok_or_else(|| {
        Failure::new("egg_timer does not run: start the tree with the option --with kitchen")
    })?;
    match command {
        EggCommand::Schedule { name, length } => {
            timer.schedule(name, length);
            Ok(())
        }
        EggCommand::Status => {
            let alarms = timer.status().await?;
            if alarms.is_empty() {
                return shell.print("no alarms");
            }
            for alarm in alarms {
                shell.print(alarm)?;
            }
            Ok(())
        }
        EggCommand::Stop { reason } => {
            let aftermath = Aftermath::of(pid).await;
            timer.stop_because(reason);
            aftermath.wait().await;
            Ok(())
        }
    }
}

fn alarm(text: &str) -> Result<AlarmName, String> {
    text.parse::<AlarmName>().map_err(|error| error.to_string())
}

fn length(text: &str) -> Result<Length, String> {
    text.parse::<Length>().map_err(|error| error.to_string())
}
