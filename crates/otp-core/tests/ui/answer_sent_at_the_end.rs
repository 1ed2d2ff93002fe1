//! A call that is answered at once with `send`, whose result is no `Reply`.
//! Says: end with `from.reply(answer)`, or with `Reply::later()` after `from.send(answer)`

use otp_core::prelude::*;

struct Counter(u64);

enum Call {
    Value(ReplyTo<u64>),
}

#[gen_server]
impl GenServer for Counter {
    type Call = Call;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(0)))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Value(from) => from.send(self.0),
        }
    }
}

fn main() {}
