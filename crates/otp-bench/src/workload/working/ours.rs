//! Such a server as a GenServer.

use otp_core::prelude::*;

use super::work;

#[derive(Debug)]
pub(in crate::workload) struct Worker {
    micros: u64,
}

#[derive(Debug)]
pub(in crate::workload) enum Call {
    Ask(ReplyTo<()>),
}

#[derive(Debug)]
pub(in crate::workload) enum Cast {
    Work,
}

#[gen_server]
impl GenServer for Worker {
    type Args = u64;
    type Call = Call;
    type Cast = Cast;

    async fn init(micros: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { micros }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Ask(from) = call;
        work(self.micros);
        from.reply(())
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        let Cast::Work = cast;
        work(self.micros);
        Next::NoReply
    }
}

/// Starts a server that works for so long at each message.
pub(in crate::workload) async fn start(micros: u64) -> ServerRef<Worker> {
    Worker::start(micros)
        .await
        .expect("init of the benchmark's server cannot fail")
}

pub(in crate::workload) async fn ask(server: &ServerRef<Worker>) {
    server
        .call(Call::Ask)
        .await
        .expect("the benchmark's server runs and answers");
}
