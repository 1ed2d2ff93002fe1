//! Exercise 1.3 at a prompt: the stack of its solution.

#[path = "../../../exercises/1.3-stack/solution.rs"]
#[allow(unreachable_pub)]
mod solution;

use clap::Subcommand;
use otp_core::ServerRef;
use otp_shell::{Failure, NoOptions, Program, Shell};
use solution::{Empty, Stack};
use std::process::ExitCode;

#[derive(Subcommand)]
enum Command {
    /// Start a stack
    Start,
    /// Put an item on the top
    Push {
        /// The item, a text
        item: String,
    },
    /// Remove the item at the top and print it
    Pop,
    /// Print all items, the top first
    State,
}

#[derive(Default)]
struct Session(Option<ServerRef<Stack>>);

impl Program for Session {
    const NAME: &'static str = "stack";
    type Options = NoOptions;
    type Command = Command;

    fn new(_: &NoOptions) -> Self {
        Self::default()
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        if let Command::Start = command {
            let stack = self.0.insert(solution::start().await?);
            return shell.print(format_args!("started {}", stack.pid()));
        }
        let stack = self.0.as_ref();
        let stack = stack.ok_or_else(|| Failure::new("there is no stack: type `start` first"))?;
        match command {
            Command::Start => Ok(()),
            Command::Push { item } => {
                solution::push(stack, &item);
                Ok(())
            }
            Command::Pop => match solution::pop(stack).await? {
                Ok(item) => shell.print(item),
                Err(Empty) => Err(Failure::new("the stack is empty")),
            },
            Command::State => {
                let items = solution::state(stack).await?;
                shell.print(format_args!("{items:?}"))
            }
        }
    }
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
