//! `schedule`: set alarms, and ring.

use super::kitchen::Kitchen;
use super::one_shot::{self, Heard, Outcome, Trouble};
use super::plan;
use super::screen::Screen;
use crate::boundary::{Action, OnRing};
use crate::core::{AlarmName, Length};
use otp_core::prelude::*;
use otp_shell::{Failure, Mode, Shell};

/// Set alarms; as the only command, wait until the last one has rung
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "ch2-egg-timer schedule [OPTIONS] <NAME> <DURATION> [<NAME> <DURATION>]...",
    after_help = "Example:\n  ch2-egg-timer schedule eggs 5m tea 3m30s --message 'take it out'"
)]
pub(super) struct Args {
    /// Names and durations in turn. A duration is made of numbers with units: 90s, 5m, 1h30m
    #[arg(required = true, value_name = "NAME DURATION")]
    alarms: Vec<String>,
    /// What to say when an alarm rings
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    message: Option<String>,
    /// Run an action that panics when an alarm rings, to see what becomes of the others
    #[arg(long, conflicts_with = "message")]
    panic: bool,
}

/// Sets the alarms: in the session's timer, or in one of their own that is waited for.
pub(super) async fn run(
    args: Args,
    kitchen: &mut Kitchen,
    shell: &mut Shell,
) -> Result<(), Failure> {
    let alarms = plan::alarms(&args.alarms).map_err(Failure::usage)?;
    let message = args.message.map(plan::message).transpose();
    let message = message.map_err(Failure::usage)?;
    let one_shot = shell.mode() == Mode::OneShot;
    if one_shot && args.panic {
        return Err(Failure::usage(
            "--panic is for sessions: expected a prompt or a script",
        ));
    }
    let on_ring = || match args.panic {
        true => OnRing::Run(Action::new(async || panic!("the alarm is on fire"))),
        false => OnRing::Tell(message.clone()),
    };
    let alarms = alarms
        .into_iter()
        .map(|(name, length)| (name, length, on_ring()))
        .collect();
    if one_shot {
        wait(alarms, shell).await
    } else {
        kitchen.schedule(alarms, shell).await
    }
}

/// Sets the alarms, and waits until the last one has rung.
async fn wait(alarms: Vec<(AlarmName, Length, OnRing)>, shell: &mut Shell) -> Result<(), Failure> {
    let interrupted = shell.interrupted();
    let body = move |mailbox: Mailbox<Heard>| {
        one_shot::run(mailbox, alarms, interrupted, Screen::stdout())
    };
    let ended = shell.node().run_with(body).await;
    match ended.unwrap_or_else(|reason| Err(Trouble::Stopped(reason)))? {
        Outcome::Done => Ok(()),
        Outcome::Interrupted => Err(Failure::interrupted()),
    }
}
