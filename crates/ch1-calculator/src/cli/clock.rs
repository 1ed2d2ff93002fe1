//! `clock`: exercise 1.5.

use super::value::{name, period};
use crate::clock::api::{Chain, ClockServer};
use clap::{Args, Subcommand, ValueEnum};
use otp_shell::{Failure, Mode, Shell};
use std::time::Duration;

#[derive(Debug, Subcommand)]
pub(super) enum ClockCommand {
    /// Start a clock that prints the time once each period
    #[command(after_help = "Example:\n  clock start --every 10s")]
    Start {
        /// The period
        #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = period)]
        every: Duration,
        /// How it gets from one tick to the next
        #[arg(long, value_enum, default_value_t = ChainChoice::Rearm)]
        chain: ChainChoice,
        #[command(flatten)]
        which: Which,
    },
    /// Stop it
    #[command(after_help = "Example:\n  clock stop")]
    Stop {
        #[command(flatten)]
        which: Which,
    },
    /// Send it a tick by hand
    #[command(after_help = "Example:\n  clock tick")]
    Tick {
        #[command(flatten)]
        which: Which,
    },
    /// Print how often it has ticked
    #[command(after_help = "Example:\n  clock state")]
    State {
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, Args)]
pub(super) struct Which {
    /// The name of the clock
    #[arg(long, default_value = "clock", value_parser = name)]
    name: String,
}

/// [`Chain`], as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ChainChoice {
    /// Each tick cancels the timer and starts the next
    Rearm,
    /// Each tick starts the next timer and cancels none: a tick by hand doubles the chain
    Naive,
    /// One timer sends all ticks
    Interval,
}

impl From<ChainChoice> for Chain {
    fn from(choice: ChainChoice) -> Self {
        match choice {
            ChainChoice::Rearm => Self::Rearm,
            ChainChoice::Naive => Self::Naive,
            ChainChoice::Interval => Self::Interval,
        }
    }
}

pub(super) async fn run(command: ClockCommand, shell: &mut Shell) -> Result<(), Failure> {
    match command {
        ClockCommand::Start {
            every,
            chain,
            which,
        } => {
            let clock = ClockServer::named(which.name);
            let printer = shell.printer();
            let tell = move |tick| printer.line(tick);
            let pid = clock.start_link(every, chain.into(), tell).await?;
            shell.print(format_args!("started {pid}"))?;
            if shell.mode() == Mode::OneShot {
                // Nothing comes after this command, so the clock goes on until somebody has seen enough.
                shell.interrupted().await;
                clock.stop().await?;
                return Err(Failure::interrupted());
            }
            Ok(())
        }
        ClockCommand::Stop { which } => Ok(ClockServer::named(which.name).stop().await?),
        ClockCommand::Tick { which } => Ok(ClockServer::named(which.name).tick()?),
        ClockCommand::State { which } => {
            let ticks = ClockServer::named(which.name).state().await?;
            shell.print(ticks)
        }
    }
}
