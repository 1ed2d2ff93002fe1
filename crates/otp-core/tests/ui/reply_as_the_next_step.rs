//! A call answered as in Elixir: `{:reply, answer, state}`.
//! Says: answer with `from.reply(answer)`, and add the next step with `.then(Next::…)`

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
        let Call::Value(_from) = call;
        Next::Reply(self.0)
    }
}

fn main() {}
