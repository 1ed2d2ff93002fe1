//! Exercise 1.1 at a prompt: the calculator of its solution, which changes its sign. Its core also works in a process made by hand.

#[path = "../../../exercises/1.1-negate/solution.rs"]
#[allow(unreachable_pub)]
mod solution;

use ch1_calculator::core::Number;
use clap::{Args, Subcommand};
use otp_core::{Mailbox, ProcessRef, Recipient, ServerRef, process};
use otp_shell::{Failure, NoOptions, Program, Shell};
use solution::{Calculator, Op, apply, negate, send, start, total};
use std::process::ExitCode;
use std::time::Duration;

#[derive(Subcommand)]
enum Command {
    /// Start the calculator
    Start(Start),
    /// Add N
    Add(Number),
    /// Subtract N
    Subtract(Number),
    /// Divide by N
    Divide(Number),
    /// Change the sign of the total
    Negate,
    /// Print the total
    State,
}

#[derive(Args)]
struct Start {
    /// The total to begin with
    #[arg(allow_hyphen_values = true)]
    total: Number,
    /// In a process made by hand
    #[arg(long)]
    handmade: bool,
}

enum Request {
    Apply(Op),
    State(Recipient<Number>),
}

async fn by_hand(mut mailbox: Mailbox<Request>, mut total: Number) {
    loop {
        match mailbox.receive().await {
            Request::Apply(op) => total = apply(total, op),
            Request::State(asker) => asker.send(total.clone()),
        }
    }
}

enum Running {
    ByHand(ProcessRef<Request>),
    Server(ServerRef<Calculator>),
}

impl Running {
    fn apply(&self, op: Op) {
        match self {
            Self::ByHand(process) => process.send(Request::Apply(op)),
            Self::Server(server) => send(server, op),
        }
    }
}

#[derive(Default)]
struct Session(Option<Running>);

impl Session {
    async fn start(&mut self, it: Start, shell: &mut Shell) -> Result<(), Failure> {
        let (running, pid) = if it.handmade {
            let process = process::spawn(move |mailbox| by_hand(mailbox, it.total));
            let pid = process.pid();
            (Running::ByHand(process), pid)
        } else {
            let server = start(it.total).await?;
            let pid = server.pid();
            (Running::Server(server), pid)
        };
        self.0 = Some(running);
        shell.print(format_args!("started {pid}"))
    }
}

impl Program for Session {
    const NAME: &'static str = "negate";
    type Options = NoOptions;
    type Command = Command;

    fn new(_: &NoOptions) -> Self {
        Self::default()
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        if let Command::Start(it) = command {
            return self.start(it, shell).await;
        }
        let calculator = self.0.as_ref();
        let calculator = calculator.ok_or_else(|| Failure::new("type `start 0` first"))?;
        match (command, calculator) {
            (Command::Start(_), _) => {}
            (Command::Add(n), it) => it.apply(Op::Add(n)),
            (Command::Subtract(n), it) => it.apply(Op::Subtract(n)),
            (Command::Divide(n), it) => it.apply(Op::Divide(n)),
            (Command::Negate, Running::ByHand(process)) => process.send(Request::Apply(Op::Negate)),
            (Command::Negate, Running::Server(server)) => negate(server),
            (Command::State, Running::ByHand(process)) => {
                process.send(Request::State(
                    shell.me().recipient(|total: Number| total.to_string()),
                ));
                let total = shell.receive(Duration::from_secs(5), |text| Some(text.to_owned()));
                let total = total.await.ok_or_else(|| Failure::new("no answer"))?;
                shell.print(total)?;
            }
            (Command::State, Running::Server(server)) => {
                let total = total(server).await?;
                shell.print(total)?;
            }
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
