//! Exercise 2.1 at a prompt: the calculator of chapter 1, with calls in place of casts.

use ch1_calculator::core::{Number, Op, apply};
use clap::Subcommand;
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;
use otp_shell::{Failure, NoOptions, Program, Shell};
use std::process::ExitCode;

struct Calculator {
    total: Number,
}

enum Call {
    Apply(Op, ReplyTo<()>),
    State(ReplyTo<Number>),
}

#[gen_server]
impl GenServer for Calculator {
    type Args = Number;
    type Call = Call;

    async fn init(total: Number, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Apply(op, from) => {
                self.total = apply(self.total.clone(), op);
                // The answer comes after the work, so the caller knows that the work is done.
                from.reply(())
            }
            Call::State(from) => from.reply(self.total.clone()),
        }
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(self.total.to_string());
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        match message {
            MessageView::Call(Call::Apply(op, _)) => Some(format!("{op:?}")),
            MessageView::Call(Call::State(_)) => Some("State".to_owned()),
            MessageView::Cast(_) | MessageView::Info(_) => None,
        }
    }
}

#[derive(Subcommand)]
#[command(allow_hyphen_values = true)]
enum Command {
    /// Start the calculator, linked with the shell
    Start {
        /// The initial total
        total: Number,
    },
    /// Add N to the total
    Add {
        /// A decimal number
        n: Number,
    },
    /// Subtract N from the total
    Subtract {
        /// A decimal number
        n: Number,
    },
    /// Multiply the total by N
    Multiply {
        /// A decimal number
        n: Number,
    },
    /// Divide the total by N
    Divide {
        /// A decimal number
        n: Number,
    },
    /// Set the total to zero
    Clear,
    /// Print the total
    State,
}

#[derive(Default)]
struct Session(Option<ServerRef<Calculator>>);

impl Program for Session {
    const NAME: &'static str = "calls";
    type Options = NoOptions;
    type Command = Command;

    fn new(_: &NoOptions) -> Self {
        Self::default()
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        let op = match command {
            Command::Start { total } => {
                let calculator = self.0.insert(Calculator::start_link(total).await?);
                return shell.print(format_args!("started {}", calculator.pid()));
            }
            Command::State => {
                let total = self.get()?.call(Call::State).await.map_err(failure)?;
                return shell.print(total);
            }
            Command::Add { n } => Op::Add(n),
            Command::Subtract { n } => Op::Subtract(n),
            Command::Multiply { n } => Op::Multiply(n),
            Command::Divide { n } => Op::Divide(n),
            Command::Clear => Op::Clear,
        };
        let done = self.get()?.call(|from| Call::Apply(op, from)).await;
        done.map_err(failure)?;
        shell.print("ok")
    }

    async fn wait_for(&mut self, name: &str, _: &mut Shell) -> Option<Result<(), Failure>> {
        let calculator = self.0.as_ref().filter(|_| name == "calculator")?;
        calculator.wait().await;
        Some(Ok(()))
    }
}

impl Session {
    fn get(&self) -> Result<&ServerRef<Calculator>, Failure> {
        let calculator = self.0.as_ref();
        calculator.ok_or_else(|| Failure::new("there is no calculator: type `start 0` first"))
    }
}

/// The message for a failed call. Unlike the report, it does not name the place of a panic in the source.
fn failure(error: CallError) -> Failure {
    match error {
        CallError::Exited {
            reason: ExitReason::Panic(panic),
            ..
        } => Failure::new(format_args!(
            "the calculator has crashed: {}",
            panic.message
        )),
        other => other.into(),
    }
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
