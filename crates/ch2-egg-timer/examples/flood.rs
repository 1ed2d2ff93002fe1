//! Backpressure: more work than a server has time for. With casts the work waits in its queue, with calls it waits with the
//! clients.
//!
//! The server begins behind a closed gate, and what arrives before the gate opens piles up in its mailbox. So the length of its
//! queue does not depend on chance.

use clap::{Subcommand, value_parser};
use otp_core::prelude::*;
use otp_core::{TimeLimit, process};
use otp_shell::{Failure, NoOptions, Program, Shell};
use std::process::ExitCode;

/// A piece of work whose sender waits until it is done, and a question.
#[derive(Debug)]
enum Call {
    /// Work.
    Work(ReplyTo<()>),
    /// What has been done so far.
    Tally(ReplyTo<Tally>),
}

/// A piece of work whose sender goes on at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Work;

/// What a worker has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    /// How many pieces of work it has handled.
    handled: usize,
    /// The most pieces that were with it at once: the one in hand, and those in the queue.
    longest: usize,
}

/// What the worker does before it looks at its mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WaitForGate;

/// The gate: a process. When it has ended, the gate is open.
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

/// What was seen of the worker's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flood {
    /// How many messages waited before the worker began.
    waiting: usize,
    /// The most pieces of work that were with the worker at once.
    longest: usize,
    /// How many pieces of work it has done.
    handled: usize,
    /// How many messages waited in the end.
    left: usize,
}

/// Casts `count` pieces of work to a worker that begins when all of them have been sent.
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

/// Lets each of some clients call a worker `count` times in a row. The worker begins when every client
/// has asked for the first time.
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

/// Starts a worker behind a closed gate. Both are linked to the current process, so that none of them stays
/// behind if something goes wrong.
async fn start() -> Result<(Gate, ServerRef<Worker>), StartError> {
    let gate: Gate = process::spawn_link(async |mut mailbox: Mailbox<()>| mailbox.receive().await);
    let worker = Worker::start_link(gate.clone()).await?;
    Ok((gate, worker))
}

/// A call in slow motion: the request goes out, and then the answer is waited for.
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
    /// Send the work as casts: the sender goes on at once
    Cast {
        /// How many pieces of work
        #[arg(value_parser = value_parser!(u16).range(..=10_000))]
        count: u16,
    },
    /// Send the work as calls: the sender waits until it is done
    Call {
        /// How many pieces of work for each client
        #[arg(value_parser = value_parser!(u16).range(..=10_000))]
        count: u16,
        /// How many clients
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
        let flood = flood.map_err(|reason| Failure::new(format_args!("the worker: {reason}")))?;
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
