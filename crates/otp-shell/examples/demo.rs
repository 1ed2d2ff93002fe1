//! A small program around the shell: a count, and processes to play with.
//!
//! `cargo run -p otp-shell --example demo` opens a prompt; the tests of this crate run it, too.

use clap::{Args, Subcommand};
use otp_core::{ExitReason, Mailbox, process};
use otp_shell::{Failure, Program, Shell};
use std::future::pending;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::sleep;

fn main() -> ExitCode {
    otp_shell::main::<Demo>()
}

struct Demo {
    count: u64,
}

#[derive(Debug, Clone, Args)]
struct Options {
    /// The count to begin with
    #[arg(long, value_name = "N", default_value = "0")]
    initial: u64,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Count N more
    Add {
        /// How many
        #[arg(default_value = "1")]
        n: u64,
    },
    /// Print the count
    State,
    /// Start a process that prints the texts it is sent
    Echo {
        /// Its name
        name: String,
        /// Link it with the shell
        #[arg(long)]
        link: bool,
    },
    /// Start a process that does nothing and takes no text
    Idle {
        /// Its name
        name: String,
    },
    /// Start a linked process that panics after a while
    Crash {
        /// How many milliseconds
        #[arg(default_value = "0")]
        millis: u64,
    },
    /// Start a process that prints LINES lines after a while
    Later {
        /// How many milliseconds
        millis: u64,
        /// What to print
        text: String,
        /// How many lines
        #[arg(long, default_value = "1")]
        lines: u32,
    },
    /// Panic right here
    Panic,
    /// Never come back
    Hang,
    /// Wait for Ctrl-C, and say goodbye
    Patient,
}

impl Program for Demo {
    const NAME: &'static str = "demo-shell";
    type Options = Options;
    type Command = Command;

    fn about(command: clap::Command) -> clap::Command {
        command
            .about("A count, and processes to play with")
            .version(env!("CARGO_PKG_VERSION"))
            .after_help("Example:\n  demo-shell --initial 10 add 5")
    }

    fn new(options: &Options) -> Self {
        Self {
            count: options.initial,
        }
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        match command {
            Command::Add { n } => {
                let count = self.count.checked_add(n);
                self.count = count.ok_or_else(|| Failure::new("the count would overflow"))?;
            }
            Command::State => shell.print(self.count)?,
            Command::Echo { name, link } => {
                let printer = shell.printer();
                let body = async move |mut mailbox: Mailbox<String>| -> ExitReason {
                    loop {
                        printer.line(mailbox.receive().await);
                    }
                };
                let echo = if link {
                    process::spawn_link(body)
                } else {
                    process::spawn(body)
                };
                process::register(name, &echo)?;
            }
            Command::Idle { name } => {
                let idle = process::spawn(async |_: Mailbox<u8>| pending::<()>().await);
                process::register(name, &idle)?;
            }
            Command::Crash { millis } => {
                process::spawn_link(async move |_: Mailbox<u8>| {
                    sleep(Duration::from_millis(millis)).await;
                    panic!("on purpose");
                });
            }
            Command::Later {
                millis,
                text,
                lines,
            } => {
                let printer = shell.printer();
                process::spawn(async move |_: Mailbox<u8>| {
                    sleep(Duration::from_millis(millis)).await;
                    for _ in 0..lines {
                        printer.line(&text);
                    }
                });
            }
            Command::Panic => panic!("typed at the prompt"),
            Command::Hang => pending().await,
            Command::Patient => {
                shell.print("waiting")?;
                shell.interrupted().await;
                shell.print("goodbye")?;
                return Err(Failure::interrupted());
            }
        }
        Ok(())
    }

    fn names(&self) -> Vec<String> {
        vec![format!("count-{}", self.count)]
    }
}
