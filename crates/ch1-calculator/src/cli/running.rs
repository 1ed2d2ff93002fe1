//! The calculator of a session, which is one of two kinds of servers.

use crate::api::{Calculator, Handmade, NoAnswer, Number, Op};
use clap::ValueEnum;
use otp_core::{CallError, ExitReason, Recipient};
use otp_shell::{Failure, Shell, plain};
use std::time::Duration;

/// The kind of server of a calculator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Boundary {
    /// The process made by hand, without a link to the shell
    Handmade,
    /// The GenServer, linked with the shell
    Otp,
}

pub(super) enum Running {
    Handmade(Handmade),
    Otp(Calculator),
}

impl Running {
    pub(super) async fn start(boundary: Boundary, initial: Number) -> Result<Self, Failure> {
        Ok(match boundary {
            Boundary::Handmade => Self::Handmade(Handmade::start(initial)),
            Boundary::Otp => Self::Otp(Calculator::start_link(initial).await?),
        })
    }

    pub(super) fn apply(&self, op: Op) {
        match self {
            Self::Handmade(it) => it.apply(op),
            Self::Otp(it) => it.apply(op),
        }
    }

    pub(super) async fn state(&self, wait: Duration, shell: &mut Shell) -> Result<Number, Failure> {
        match self {
            Self::Handmade(it) => {
                it.ask(total_recipient(shell));
                // Takes the first total in the mailbox, from any sender.
                let total = |text: &str| text.strip_prefix("state ")?.parse().ok();
                let answer = shell.receive(wait, total).await;
                Ok(answer.ok_or(NoAnswer(wait))?)
            }
            Self::Otp(it) => it.state(wait).await.map_err(|error| match error {
                CallError::Exited { reason, .. } => crashed(&reason),
                other => other.into(),
            }),
        }
    }

    pub(super) fn process(&self) -> Recipient<Duration> {
        match self {
            Self::Handmade(it) => it.process(),
            Self::Otp(it) => it.process(),
        }
    }
}

/// The shell's mailbox as the recipient of totals.
pub(super) fn total_recipient(shell: &Shell) -> Recipient<Number> {
    shell.me().recipient(|total| format!("state {total}"))
}

/// The message for the end of a calculator. Unlike the report, it does not name the place in the source.
pub(super) fn crashed(reason: &ExitReason) -> Failure {
    let reason = plain(reason);
    Failure::new(format_args!("the calculator has crashed: {reason}"))
}
