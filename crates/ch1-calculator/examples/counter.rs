//! Exercise 1.4 at a prompt: named counters of its solution, and many clients at once.

#[path = "../../../exercises/1.4-counter/solution.rs"]
#[allow(unreachable_pub)]
mod solution;

use clap::Subcommand;
use otp_core::prelude::*;
use otp_core::process;
use otp_shell::{Failure, NoOptions, Program, Shell};
use solution::Counter;
use std::collections::BTreeMap;
use std::process::ExitCode;

#[derive(Subcommand)]
enum Command {
    /// Start a counter
    Start {
        /// The counter's name
        name: String,
    },
    /// Add one to the count
    Inc {
        /// The counter's name
        name: String,
    },
    /// Print the count
    State {
        /// The counter's name
        name: String,
    },
    /// Let many clients add at once, then print the count
    Stress {
        /// The counter's name
        name: String,
        /// The number of clients; each is a process
        #[arg(long, default_value = "10", value_parser = clap::value_parser!(u32).range(..=10_000))]
        clients: u32,
        /// The number of additions of each client
        #[arg(long, default_value = "100", value_parser = clap::value_parser!(u32).range(..=10_000))]
        each: u32,
    },
}

#[derive(Default)]
struct Session(BTreeMap<String, ServerRef<Counter>>);

impl Program for Session {
    const NAME: &'static str = "counter";
    type Options = NoOptions;
    type Command = Command;

    fn new(_: &NoOptions) -> Self {
        Self::default()
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        match command {
            Command::Start { name } => {
                let counter = solution::start().await?;
                let pid = counter.pid();
                self.0.insert(name, counter);
                shell.print(format_args!("started {pid}"))
            }
            Command::Inc { name } => Ok(solution::inc(self.get(&name)?).await?),
            Command::State { name } => print(self.get(&name)?, shell).await,
            Command::Stress {
                name,
                clients,
                each,
            } => {
                let counter = self.get(&name)?;
                let clients: Vec<_> = (0..clients).map(|_| client(counter, each)).collect();
                for client in clients {
                    client.wait().await;
                }
                print(counter, shell).await
            }
        }
    }
}

impl Session {
    fn get(&self, name: &str) -> Result<&ServerRef<Counter>, Failure> {
        let counter = self.0.get(name);
        counter.ok_or_else(|| {
            Failure::new(format_args!(
                "there is no counter {name}: type `start {name}` first"
            ))
        })
    }
}

async fn print(counter: &ServerRef<Counter>, shell: &mut Shell) -> Result<(), Failure> {
    let count = solution::state(counter).await?;
    shell.print(count)
}

/// A process that adds one to the counter `times` times.
fn client(counter: &ServerRef<Counter>, times: u32) -> ProcessRef<Never> {
    let counter = counter.clone();
    process::spawn(async move |_: Mailbox<Never>| {
        for _ in 0..times {
            solution::inc(&counter).await?;
            // The clients take turns.
            tokio::task::yield_now().await;
        }
        Ok::<_, CallError>(())
    })
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
