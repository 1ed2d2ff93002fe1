//! `counter`: exercise 1.4.

use super::value::name;
use crate::counter::api::CounterServer;
use clap::{Args, Subcommand};
use otp_shell::{Failure, Mode, Shell};

#[derive(Debug, Subcommand)]
pub(super) enum CounterCommand {
    /// Start a counter
    #[command(after_help = "Example:\n  counter start 40 --name b")]
    Start {
        /// The count to begin with
        #[arg(value_name = "N", default_value = "0")]
        count: u64,
        #[command(flatten)]
        which: Which,
    },
    /// Count one more
    #[command(after_help = "Example:\n  $ ch1-calculator counter inc\n  1")]
    Inc {
        #[command(flatten)]
        which: Which,
    },
    /// Print the count
    #[command(after_help = "Example:\n  $ ch1-calculator counter state\n  0")]
    State {
        #[command(flatten)]
        which: Which,
    },
    /// Have many clients count at once, and print the count after it
    #[command(
        after_help = "Example:\n  $ ch1-calculator counter stress --clients 10 --each 100\n  1000"
    )]
    Stress {
        /// How many clients, each a process
        #[arg(long, value_name = "N", default_value = "10")]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
        clients: u32,
        /// How often each of them counts
        #[arg(long, value_name = "N", default_value = "100")]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
        each: u32,
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, Args)]
pub(super) struct Which {
    /// The name of the counter; one that is not there is started
    #[arg(long, default_value = "counter", value_parser = name)]
    name: String,
}

impl Which {
    async fn counter(self) -> Result<CounterServer, Failure> {
        let counter = CounterServer::named(self.name);
        if !counter.is_running() {
            counter.start_link(0).await?;
        }
        Ok(counter)
    }
}

pub(super) async fn run(command: CounterCommand, shell: &mut Shell) -> Result<(), Failure> {
    match command {
        CounterCommand::Start { count, which } => {
            let pid = CounterServer::named(which.name).start_link(count).await?;
            shell.print(format_args!("started {pid}"))
        }
        CounterCommand::Inc { which } => {
            let counter = which.counter().await?;
            counter.inc();
            match shell.mode() {
                // It will not be there when somebody asks.
                Mode::OneShot => print(&counter, shell).await,
                Mode::Script | Mode::Interactive => Ok(()),
            }
        }
        CounterCommand::State { which } => print(&which.counter().await?, shell).await,
        CounterCommand::Stress {
            clients,
            each,
            which,
        } => {
            let counter = which.counter().await?;
            counter.stress(clients as usize, each as usize).await;
            print(&counter, shell).await
        }
    }
}

async fn print(counter: &CounterServer, shell: &mut Shell) -> Result<(), Failure> {
    let count = counter.state().await?;
    shell.print(count)
}
