//! Messages from the future: `send-after` and its kin.

use super::duration;
use crate::failure::Failure;
use crate::shell::Shell;
use crate::value::Text;
use otp_core::{Name, TimerRef, timer};
use std::time::Duration;

/// A text, and when it is sent.
#[derive(Debug, clap::Args)]
pub(crate) struct Later {
    /// How long from now, and from one to the next: 500ms, 5s, 1m30s
    #[arg(value_parser = duration)]
    duration: Duration,
    /// What to say
    text: Text,
}

pub(super) fn send_after(
    shell: &mut Shell,
    what: Later,
    to: Option<String>,
) -> Result<(), Failure> {
    let timer = match to {
        None => shell
            .me()
            .send_after(what.duration, String::from(what.text)),
        Some(name) => timer::send_after(Name::local(name), what.duration, String::from(what.text)),
    };
    keep(shell, timer)
}

pub(super) fn send_interval(shell: &mut Shell, what: Later) -> Result<(), Failure> {
    let timer = shell
        .me()
        .send_interval(what.duration, String::from(what.text));
    keep(shell, timer)
}

pub(super) fn cancel(shell: &Shell, number: usize) -> Result<(), Failure> {
    match get(shell, number)?.cancel() {
        Some(left) => shell.print(format_args!("cancelled, {} left", round(left))),
        None => shell.print("too late"),
    }
}

pub(super) fn read(shell: &Shell, number: usize) -> Result<(), Failure> {
    match get(shell, number)?.read() {
        Some(left) => shell.print(format_args!("{} left", round(left))),
        None => shell.print("too late"),
    }
}

fn keep(shell: &mut Shell, timer: TimerRef) -> Result<(), Failure> {
    shell.timers.push(timer);
    shell.print(format_args!("timer {}", shell.timers.len()))
}

fn get(shell: &Shell, number: usize) -> Result<&TimerRef, Failure> {
    let index = number.checked_sub(1);
    let timer = index.and_then(|index| shell.timers.get(index));
    timer.ok_or_else(|| {
        Failure::new(format_args!(
            "there is no timer {number}: send-after and send-interval print the numbers"
        ))
    })
}

/// Milliseconds are fine enough for people.
fn round(left: Duration) -> humantime::FormattedDuration {
    let millis = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
    humantime::format_duration(Duration::from_millis(millis))
}
