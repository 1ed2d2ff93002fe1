//! The calculator of a session, whichever server it is.

use super::command::Boundary;
use crate::api::{Calculator, Handmade, NoAnswer, Number, Op};
use otp_core::{CallError, ExitReason, Pid, Recipient};
use otp_shell::{Failure, Shell};
use std::time::Duration;

#[derive(Debug, Clone)]
pub(super) enum Running {
    Handmade(Handmade),
    Otp(Calculator),
}

impl Running {
    /// Starts one as the course does: a GenServer with a link, a process made by hand without.
    pub(super) async fn start(boundary: Boundary, initial: Number) -> Result<Self, Failure> {
        Ok(match boundary {
            Boundary::Handmade => Self::Handmade(Handmade::start(initial)),
            Boundary::Otp => Self::Otp(Calculator::start_link(initial).await?),
        })
    }

    /// Starts one for a single operation, whose crash must not be the shell's.
    pub(super) async fn start_alone(boundary: Boundary, initial: Number) -> Result<Self, Failure> {
        match boundary {
            Boundary::Handmade => Self::start(boundary, initial).await,
            Boundary::Otp => Ok(Self::Otp(Calculator::start(initial).await?)),
        }
    }

    pub(super) fn apply(&self, op: Op) {
        match self {
            Self::Handmade(it) => it.apply(op),
            Self::Otp(it) => it.apply(op),
        }
    }

    pub(super) async fn state(
        &self,
        limit: Duration,
        shell: &mut Shell,
    ) -> Result<Number, Failure> {
        match self {
            Self::Handmade(it) => {
                it.ask(asker(shell));
                // The first total in the mailbox, whoever has sent it.
                let total = |text: &str| text.strip_prefix("state ")?.parse().ok();
                let answer = shell.receive(limit, total).await;
                Ok(answer.ok_or(NoAnswer(limit))?)
            }
            Self::Otp(it) => it.state(limit).await.map_err(|error| match error {
                CallError::Exited { reason, .. } => crashed(&reason),
                other => other.into(),
            }),
        }
    }

    pub(super) fn busy(&self, time: Duration) {
        match self {
            Self::Handmade(it) => it.busy(time),
            Self::Otp(it) => it.busy(time),
        }
    }

    pub(super) async fn stop(&self) -> Result<(), Failure> {
        match self {
            Self::Handmade(it) => it.stop(),
            Self::Otp(it) => it.stop().await?,
        }
        Ok(())
    }

    pub(super) fn pid(&self) -> Pid {
        match self {
            Self::Handmade(it) => it.pid(),
            Self::Otp(it) => it.pid(),
        }
    }

    pub(super) async fn ended(&self) -> ExitReason {
        match self {
            Self::Handmade(it) => it.ended().await,
            Self::Otp(it) => it.ended().await,
        }
    }
}

/// The shell's mailbox, for the totals of a calculator made by hand.
pub(super) fn asker(shell: &Shell) -> Recipient<Number> {
    shell.me().recipient(|total| format!("state {total}"))
}

/// The end of a calculator, for users: without the place in the source that the report names.
pub(super) fn crashed(reason: &ExitReason) -> Failure {
    let reason = match reason {
        ExitReason::Panic(panic) => panic.message.clone(),
        other => other.to_string(),
    };
    Failure::new(format_args!("the calculator has crashed: {reason}"))
}
