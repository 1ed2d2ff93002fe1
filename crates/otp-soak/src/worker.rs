//! The servers that everything happens to.

use std::sync::Arc;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;

use crate::ledger::Ledger;
use crate::listener::BLOW;

/// A server that does as it is told.
pub(crate) struct Worker {
    ledger: Arc<Ledger>,
    sum: u64,
}

/// How a worker begins.
#[derive(Clone)]
pub(crate) struct Args {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) traps: bool,
}

pub(crate) enum Call {
    /// Answers with the number.
    Echo(u64, ReplyTo<u64>),
    /// The same, after a while.
    Late(u64, Duration, ReplyTo<u64>),
    /// Drops the handle.
    Forget(ReplyTo<u64>),
}

pub(crate) enum Cast {
    Add(u64),
    /// Keeps the thread that the worker runs on.
    Block(Duration),
    Panic,
    Exit,
    Stop(ExitReason),
}

/// An answer whose time has come.
pub(crate) struct Answer(u64, ReplyTo<u64>);

#[gen_server]
impl GenServer for Worker {
    type Args = Args;
    type Call = Call;
    type Cast = Cast;
    type Info = Answer;

    async fn init(args: Args, context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(args.traps);
        args.ledger.worker_started();
        Ok(Init::state(Self {
            ledger: args.ledger,
            sum: 0,
        }))
    }

    async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Echo(n, from) => from.reply(n),
            Call::Late(n, delay, from) => {
                context.send_after(delay, Answer(n, from));
                Reply::later()
            }
            Call::Forget(from) => {
                drop(from);
                Reply::later()
            }
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Add(n) => self.sum = self.sum.wrapping_add(n),
            Cast::Block(time) => block(time),
            Cast::Panic => panic!("{BLOW}"),
            Cast::Exit => process::exit_self(ExitReason::other(BLOW)),
            Cast::Stop(reason) => return Next::Stop(reason),
        }
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Answer>, _: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(Answer(n, from)) => from.send(n),
            // A worker that traps exits hears of those whom operations have linked with it.
            Info::Timeout | Info::Down(_) | Info::Exit(_) => {}
        }
        Next::NoReply
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "this is the wrong thing to do, and what happens then is part of the soak"
)]
fn block(time: Duration) {
    std::thread::sleep(time);
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.ledger.worker_ended();
    }
}
