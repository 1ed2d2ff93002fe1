//! Messages from the future to the shell itself: `send-after` and its kin.

use crate::core::{InvalidLength, Length};
use otp_core::{Name, TimerRef, timer};
use otp_shell::{Failure, Shell};
use std::time::Duration;

/// Send a text to the shell after a while; flush shows what has come
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  send-after 5s hello")]
pub(super) struct Args {
    /// When, such as 500ms, 5s or 1m30s from now
    duration: String,
    /// What to say
    text: String,
    /// Send it to whoever has this name by then, not to the shell
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
}

/// Send a text to the shell again and again; flush shows what has come
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  send-interval 1s tick")]
pub(super) struct IntervalArgs {
    /// How often, such as every 500ms or 5s
    duration: String,
    /// What to say
    text: String,
}

/// The timers of a session, by number.
#[derive(Default)]
pub(super) struct Timers(Vec<TimerRef>);

impl Timers {
    pub(super) fn send_after(&mut self, args: Args, shell: &Shell) -> Result<(), Failure> {
        let delay = duration(&args.duration)?;
        let timer = match args.to {
            None => shell.me().send_after(delay, args.text),
            Some(name) => timer::send_after(Name::local(name), delay, args.text),
        };
        self.keep(timer, shell)
    }

    pub(super) fn send_interval(
        &mut self,
        args: IntervalArgs,
        shell: &Shell,
    ) -> Result<(), Failure> {
        let period = duration(&args.duration)?;
        let timer = shell.me().send_interval(period, args.text);
        self.keep(timer, shell)
    }

    pub(super) fn cancel(&self, number: usize, shell: &Shell) -> Result<(), Failure> {
        match self.get(number)?.cancel() {
            Some(left) => shell.print(format_args!("cancelled, {} left", round(left))),
            None => shell.print("too late"),
        }
    }

    pub(super) fn read(&self, number: usize, shell: &Shell) -> Result<(), Failure> {
        match self.get(number)?.read() {
            Some(left) => shell.print(format_args!("{} left", round(left))),
            None => shell.print("too late"),
        }
    }

    fn keep(&mut self, timer: TimerRef, shell: &Shell) -> Result<(), Failure> {
        self.0.push(timer);
        shell.print(format_args!("timer {}", self.0.len()))
    }

    fn get(&self, number: usize) -> Result<&TimerRef, Failure> {
        let index = number.checked_sub(1);
        index.and_then(|index| self.0.get(index)).ok_or_else(|| {
            Failure::new(format_args!(
                "there is no timer {number}: send-after and send-interval print the numbers"
            ))
        })
    }
}

/// Parsed here and not by clap, whose error would name the duration twice.
fn duration(text: &str) -> Result<Duration, Failure> {
    let length: Length = text
        .parse()
        .map_err(|error: InvalidLength| Failure::usage(error))?;
    Ok(length.duration())
}

/// Milliseconds are fine enough for people.
fn round(left: Duration) -> humantime::FormattedDuration {
    let millis = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
    humantime::format_duration(Duration::from_millis(millis))
}
