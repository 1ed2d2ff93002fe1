//! Exercise 1.4 at a prompt: counters of its solution, by name, and many clients at once.

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
        /// Its name
        name: String,
    },
    /// Count one more
    Inc {
        /// The counter's name
        name: String,
    },
    /// Print the count
    State {
        /// The counter's name
        name: String,
    },
    /// Let many clients count at once, and print the count after it
    Stress {
        /// The counter's name
        name: String,
        /// How many clients, each a process
        #[arg(long, default_value = "10", value_parser = clap::value_parser!(u32).range(..=10_000))]
        clients: u32,
        /// How often each of them counts
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
        counter.ok_or_else(|| Failure::new(format_args!("type `start {name}` first")))
    }
}

async fn print(counter: &ServerRef<Counter>, shell: &mut Shell) -> Result<(), Failure> {
    let count = solution::state(counter).await?;
    shell.print(count)
}

/// A process that counts so often.
fn client(counter: &ServerRef<Counter>, times: u32) -> ProcessRef<Never> {
    let counter = counter.clone();
    process::spawn(async move |_: Mailbox<Never>| {
        for _ in 0..times {
            solution::inc(&counter).await?;
            // All clients at once, not one after the other.
            tokio::task::yield_now().await;
        }
        Ok::<_, CallError>(())
    })
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
