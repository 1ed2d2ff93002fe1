//! `ch2-egg-timer schedule`: set alarms, wait, ring.

use super::screen::Screen;
use super::session::{self, Failure, Outcome};
use super::{INTERRUPTED, USAGE, plan};
use crate::core::{AlarmName, Length};
use otp_core::Node;
use otp_shell::out;
use std::io;
use std::process::ExitCode;

/// Set alarms, and wait until the last one has rung
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
}

pub(super) fn main(args: Args) -> ExitCode {
    let alarms = plan::alarms(&args.alarms);
    let message = args.message.map(plan::message).transpose();
    let (alarms, message) = match alarms.and_then(|alarms| Ok((alarms, message?))) {
        Ok(plan) => plan,
        Err(error) => {
            out::error(&mut io::stderr(), error);
            return ExitCode::from(USAGE);
        }
    };
    match run(alarms, message) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(failure) => {
            out::error(&mut io::stderr(), failure);
            ExitCode::FAILURE
        }
    }
}

fn run(alarms: Vec<(AlarmName, Length)>, message: Option<String>) -> Result<Outcome, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .map_err(Failure::Runtime)?;
    let session = |mailbox| session::run(mailbox, alarms, message, Screen::stdout());
    let outcome = runtime.block_on(Node::new().run_with(session));
    runtime.shutdown_background();
    outcome.unwrap_or_else(|reason| Err(Failure::Stopped(reason)))
}
