//! Large messages to a GenServer.

use otp_core::prelude::*;
use tokio::runtime::Runtime;

use super::{Bytes, FLOOD, bytes};
use crate::cost::{Cost, Stopwatch};
use crate::server;

#[derive(Debug)]
struct Adder {
    total: u64,
}

#[derive(Debug)]
enum Call {
    Total(ReplyTo<u64>),
}

#[derive(Debug)]
enum Cast {
    Add(Bytes),
}

#[gen_server]
impl GenServer for Adder {
    type Call = Call;
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total: 0 }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Total(from) = call;
        from.reply(self.total)
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        let Cast::Add(bytes) = cast;
        self.total = self.total.wrapping_add(bytes[0].into());
        Next::NoReply
    }
}

pub(super) fn casts(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let server = Adder::start(())
            .await
            .expect("init of the benchmark's server cannot fail");
        let watch = Stopwatch::start();
        for _ in 0..operations / FLOOD {
            for n in 0..FLOOD {
                server.cast(Cast::Add(bytes(n)));
            }
            server
                .call(Call::Total)
                .await
                .expect("the benchmark's server runs and answers at once");
        }
        watch.stop()
    }))
}
