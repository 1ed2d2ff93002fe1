//! Exercise 1.2 at a prompt: the calculator of its solution, which handles `inc` as a plain message.

#[path = "../../../exercises/1.2-inc/solution.rs"]
#[allow(unreachable_pub)]
mod solution;

use clap::Subcommand;
use otp_core::ServerRef;
use otp_shell::{Failure, NoOptions, Program, Shell};
use solution::Calculator;
use std::process::ExitCode;

#[derive(Subcommand)]
enum Command {
    /// Start the calculator
    Start {
        /// The initial total
        total: i64,
    },
    /// Add N, by a cast
    Add {
        /// A whole number
        n: i64,
    },
    /// Multiply by N, by a cast
    Multiply {
        /// A whole number
        n: i64,
    },
    /// Add one, by a plain message
    Inc,
    /// Print the total
    State,
}

#[derive(Default)]
struct Session(Option<ServerRef<Calculator>>);

impl Program for Session {
    const NAME: &'static str = "inc";
    type Options = NoOptions;
    type Command = Command;

    fn new(_: &NoOptions) -> Self {
        Self::default()
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        if let Command::Start { total } = command {
            let calculator = self.0.insert(solution::start(total).await?);
            return shell.print(format_args!("started {}", calculator.pid()));
        }
        let calculator = self.0.as_ref();
        let calculator = calculator
            .ok_or_else(|| Failure::new("there is no calculator: type `start 0` first"))?;
        match command {
            Command::Start { .. } => {}
            Command::Add { n } => solution::add(calculator, n),
            Command::Multiply { n } => solution::multiply(calculator, n),
            Command::Inc => solution::inc(calculator),
            Command::State => {
                let total = solution::total(calculator).await?;
                shell.print(total)?;
            }
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
