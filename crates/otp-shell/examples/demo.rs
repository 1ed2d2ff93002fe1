//! A small program around the shell: a count, and processes to play with.
//!
//! `cargo run -p otp-shell --example demo` opens a prompt; the tests of this crate run it, too.

use clap::{Args, Subcommand};
use otp_core::{ExitReason, Mailbox, process};
use otp_shell::{Failure, Program, Shell};
use std::future::pending;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::sleep;

fn main() -> ExitCode {
    otp_shell::main::<Demo>()
}

struct Demo {
    count: u64,
    /// The lines that are printed when the user leaves.
    farewell: u32,
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
    /// Start a process that prints the texts it is sent, and ends with "bye"
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
    /// Start a process that ends after a while
    Mortal {
        /// Its name
        name: String,
        #[command(flatten)]
        when: When,
        /// Take the name after the while, and live on
        #[arg(long)]
        late: bool,
    },
    /// Start a linked process that panics after a while
    Crash(When),
    /// Start a process that prints LINES lines after a while
    Later {
        /// What to print
        text: String,
        #[command(flatten)]
        when: When,
        /// How many lines
        #[arg(long, default_value = "1")]
        lines: u32,
    },
    /// Start a process that sends the program SIGTERM after a while
    Terminate(When),
    /// Panic right here
    Panic,
    /// Never come back
    Hang,
    /// Say so, and never come back
    Unending,
    /// Wait for Ctrl-C, and say goodbye
    Patient,
    /// Wait for Ctrl-C, and take no notice
    Stubborn,
    /// Print so many lines when the user leaves
    Farewell {
        /// How many
        #[arg(default_value = "1")]
        lines: u32,
    },
}

/// How long a while is.
#[derive(Debug, Args)]
struct When {
    /// At least so many milliseconds
    #[arg(long, default_value = "0")]
    after: u64,
    /// Until there is this file
    #[arg(long)]
    when: Option<PathBuf>,
}

impl When {
    async fn wait(self) {
        sleep(Duration::from_millis(self.after)).await;
        while self.when.as_ref().is_some_and(|file| !file.exists()) {
            sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Program for Demo {
    const NAME: &'static str = "demo-shell";
    const ABOUT: &'static str = "A count, and processes to play with";
    const EXAMPLE: &'static str = "Example:\n  demo-shell --initial 10 add 5";
    type Options = Options;
    type Command = Command;

    fn new(options: &Options) -> Self {
        Self {
            count: options.initial,
            farewell: 0,
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
                let body = async move |mut mailbox: Mailbox<String>| {
                    loop {
                        match mailbox.receive().await {
                            text if text == "bye" => return ExitReason::Normal,
                            text => printer.line(text),
                        }
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
            Command::Mortal { name, when, late } => {
                let mortal = process::spawn({
                    let name = name.clone();
                    async move |mailbox: Mailbox<u8>| {
                        when.wait().await;
                        if late {
                            process::register(name, mailbox.pid()).expect("a free name");
                            pending::<()>().await;
                        }
                    }
                });
                if !late {
                    process::register(name, &mortal)?;
                }
            }
            Command::Crash(when) => {
                process::spawn_link(async move |_: Mailbox<u8>| {
                    when.wait().await;
                    panic!("on purpose");
                });
            }
            Command::Later { text, when, lines } => {
                let printer = shell.printer();
                process::spawn(async move |_: Mailbox<u8>| {
                    when.wait().await;
                    for _ in 0..lines {
                        printer.line(&text);
                    }
                });
            }
            Command::Terminate(when) => {
                process::spawn(async move |_: Mailbox<u8>| {
                    when.wait().await;
                    let program = std::process::id().to_string();
                    let mut kill = std::process::Command::new("kill");
                    kill.args(["-TERM", &program]).status().map(drop)
                });
            }
            Command::Farewell { lines } => self.farewell = lines,
            Command::Panic => panic!("typed at the prompt"),
            Command::Hang => pending().await,
            Command::Unending => {
                shell.print("waiting")?;
                pending::<()>().await;
            }
            Command::Stubborn => {
                shell.print("waiting")?;
                shell.interrupted().await;
                shell.print("no")?;
                pending::<()>().await;
            }
            Command::Patient => {
                shell.print("waiting")?;
                shell.interrupted().await;
                shell.print("goodbye")?;
                return Err(Failure::interrupted());
            }
        }
        Ok(())
    }

    async fn wait_for(&mut self, name: &str, shell: &mut Shell) -> Option<Result<(), Failure>> {
        match name {
            "count" => Some(shell.print(format_args!("counted to {}", self.count))),
            "positive" if self.count == 0 => Some(Err(Failure::new("the count is not positive"))),
            _ => None,
        }
    }

    async fn leave(&mut self, shell: &mut Shell) -> Result<(), Failure> {
        (0..self.farewell).try_for_each(|_| shell.print("farewell"))
    }

    fn names(&self) -> Vec<String> {
        vec![format!("count-{}", self.count)]
    }
}
