//! Ours: the same server as a GenServer, with every feature on.

use std::future::Future;

use otp_core::prelude::*;

use crate::looks;

/// What the server adds up.
#[derive(Debug)]
pub(crate) struct Adder {
    total: u64,
}

/// What it is asked.
#[derive(Debug)]
pub(crate) enum Call {
    Total(u64, ReplyTo<u64>),
}

/// What it is told.
#[derive(Debug)]
pub(crate) enum Cast {
    Add(u64),
}

#[gen_server]
impl GenServer for Adder {
    type Args = u64;
    type Call = Call;
    type Cast = Cast;

    async fn init(total: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Total(n, from) => {
                self.total = self.total.wrapping_add(n);
                from.reply(self.total)
            }
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        let Cast::Add(n) = cast;
        self.total = self.total.wrapping_add(n);
        Next::NoReply
    }
}

/// Starts a server, acknowledged.
pub(crate) async fn start() -> ServerRef<Adder> {
    Adder::start(0)
        .await
        .expect("init of the benchmark's server cannot fail")
}

/// A call with the limit of five seconds that a call has when nothing else is said.
pub(crate) async fn call(server: &ServerRef<Adder>, n: u64) -> u64 {
    server
        .call(|from| Call::Total(n, from))
        .await
        .expect("the benchmark's server runs and answers at once")
}

/// Runs a client as a process on a node of its own.
pub(crate) async fn run<F>(client: F) -> F::Output
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let node = Node::new();
    let _looks = looks::at(&node);
    node.run(client)
        .await
        .expect("a client of the benchmark does not crash")
}
