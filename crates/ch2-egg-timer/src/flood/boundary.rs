//! A server with a queue that can be looked at.
//!
//! It begins behind a closed gate, and what arrives before the gate opens piles up in its mailbox. So the
//! length of its queue is no accident of who was faster.

use otp_core::prelude::*;

/// A piece of work whose sender waits until it is done, and a question.
#[derive(Debug)]
pub enum Call {
    /// Work.
    Work(ReplyTo<()>),
    /// What has been done so far.
    Tally(ReplyTo<Tally>),
}

/// A piece of work whose sender goes on at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work;

/// What a worker has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many pieces of work it has handled.
    pub handled: usize,
    /// The most pieces that were with it at once: the one in hand, and those in the queue.
    pub longest: usize,
}

/// What the worker does before it looks at its mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitForGate;

/// The gate: a process. When it has ended, the gate is open.
pub type Gate = ProcessRef<()>;

/// The worker.
#[derive(Debug)]
pub struct Worker {
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
