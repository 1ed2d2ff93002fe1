//! Back-pressure: clients have more work than a server can do at once. Casts wait in the server's mailbox; with calls the
//! clients wait.
//!
//! The server begins when a gate opens, and the earlier messages wait in its mailbox. So the length of the queue is the same in
//! each run.

use clap::{Subcommand, value_parser};
use otp_core::prelude::*;
use otp_core::{TimeLimit, process};
use otp_shell::{Failure, NoOptions, Program, Shell};
use std::process::ExitCode;

/// Calls of the worker.
#[derive(Debug)]
enum Call {
    /// Handle an item of work.
    Work(ReplyTo<()>),
    /// The counts so far.
    Tally(ReplyTo<Tally>),
}

/// The cast of the worker: handle an item of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Work;

/// The counts of a worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    /// The number of items handled.
    handled: usize,
    /// The maximum number of items in progress and in the queue.
    longest: usize,
}

/// The continuation of `init`: wait until the gate opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WaitForGate;

/// The gate, a process. The gate is open when the process has ended.
type Gate = ProcessRef<()>;

/// The worker.
#[derive(Debug)]
struct Worker {
    gate: Gate,
    tally: Tally,
}

#[gen_server]
impl GenServer for Worker {
    type Args = Gate;
    type Call = Call;
    type Cast = Work;
    type Continue = WaitForGate;

    async fn init(gate: Gate, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let worker = Self {
            gate,
            tally: Tally::default(),
        };
        Ok(Init::state(worker).then(Next::Continue(WaitForGate)))
    }

    async fn handle_continue(&mut self, _: WaitForGate, _: &mut Context<Self>) -> Next<Self> {
        self.gate.wait().await;
        Next::NoReply
    }

    async fn handle_call(&mut self, call: Call, ctx: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Work(from) => {
                self.work(ctx);
                from.reply(())
            }
            Call::Tally(from) => from.reply(self.tally),
        }
    }

    async fn handle_cast(&mut self, _: Work, ctx: &mut Context<Self>) -> Next<Self> {
        self.work(ctx);
        Next::NoReply
    }
}

impl Worker {
    fn work(&mut self, ctx: &Context<Self>) {
        self.tally.handled += 1;
        self.tally.longest = self.tally.longest.max(ctx.message_queue_len() + 1);
    }
}

/// The result of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flood {
    /// The length of the queue before the worker began.
    waiting: usize,
    /// The maximum number of items in progress and in the queue.
    longest: usize,
    /// The number of items handled.
    handled: usize,
    /// The length of the queue at the end.
    left: usize,
}

/// Casts `count` items of work to a worker that begins after the last cast.
async fn casts(count: usize) -> Result<Flood, ExitReason> {
    let flood = async move |_: Mailbox<Asked>| {
        let (gate, worker) = start().await?;
        for _ in 0..count {
            worker.cast(Work);
        }
        let waiting = queue_len(&worker);
        gate.send(());
        finish(&worker, waiting, |_| waiting).await
    };
    process::node().run_with(flood).await?
}

/// Lets each client call a worker `count` times in a row. The worker begins when every client has sent its first request.
async fn calls(count: usize, clients: usize) -> Result<Flood, ExitReason> {
    let flood = async move |mut mailbox: Mailbox<Asked>| {
        let (gate, worker) = start().await?;
        let all: Vec<_> = (0..clients)
            .map(|_| client(worker.clone(), count, mailbox.me()))
            .collect();
        for _ in &all {
            mailbox.receive().await;
        }
        let waiting = queue_len(&worker);
        gate.send(());
        for client in all {
            client.wait().await;
        }
        finish(&worker, waiting, |tally| tally.longest).await
    };
    process::node().run_with(flood).await?
}

/// A client has sent its first request.
struct Asked;

/// Starts a worker with a closed gate. Both are linked to the current process, so they end if it fails.
async fn start() -> Result<(Gate, ServerRef<Worker>), StartError> {
    let gate: Gate = process::spawn_link(async |mut mailbox: Mailbox<()>| mailbox.receive().await);
    let worker = Worker::start_link(gate.clone()).await?;
    Ok((gate, worker))
}

/// A client that calls the worker in two steps: it sends the request, and then waits for the answer.
fn client(worker: ServerRef<Worker>, count: usize, flood: ProcessRef<Asked>) -> ProcessRef<Never> {
    process::spawn_link(async move |_: Mailbox<Never>| {
        for turn in 0..count {
            let request = worker.send_request(Call::Work);
            if turn == 0 {
                flood.send(Asked);
            }
            request.timeout(TimeLimit::Infinity).await?;
        }
        Ok::<_, CallError>(())
    })
}

async fn finish(
    worker: &ServerRef<Worker>,
    waiting: usize,
    longest: impl FnOnce(Tally) -> usize,
) -> Result<Flood, ExitReason> {
    let tally = worker
        .call(Call::Tally)
        .timeout(TimeLimit::Infinity)
        .await?;
    let left = queue_len(worker);
    worker.stop().await?;
    Ok(Flood {
        waiting,
        longest: longest(tally),
        handled: tally.handled,
        left,
    })
}

fn queue_len(worker: &ServerRef<Worker>) -> usize {
    let info = process::node().process_info(worker.pid());
    info.map_or(0, |info| info.message_queue_len)
}

#[derive(Subcommand)]
enum Command {
    /// Send the work as casts; the sender does not wait
    Cast {
        /// The number of items of work
        #[arg(value_parser = value_parser!(u16).range(..=10_000))]
        count: u16,
    },
    /// Send the work as calls; the sender waits for each answer
    Call {
        /// The number of items of work of each client
        #[arg(value_parser = value_parser!(u16).range(..=10_000))]
        count: u16,
        /// The number of clients
        #[arg(long, default_value = "1", value_parser = value_parser!(u16).range(1..=100))]
        clients: u16,
    },
}

struct Session;

impl Program for Session {
    const NAME: &'static str = "flood";
    type Options = NoOptions;
    type Command = Command;

    fn new(_: &NoOptions) -> Self {
        Self
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        let flood = match command {
            Command::Cast { count } => casts(count.into()).await,
            Command::Call { count, clients } => calls(count.into(), clients.into()).await,
        };
        let flood =
            flood.map_err(|reason| Failure::new(format_args!("the worker failed: {reason}")))?;
        let Flood {
            waiting,
            longest,
            handled,
            left,
        } = flood;
        shell.print(format_args!("queue before the worker begins: {waiting}"))?;
        shell.print(format_args!("queue at its longest: {longest}"))?;
        shell.print(format_args!("handled: {handled}, queue in the end: {left}"))
    }
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
