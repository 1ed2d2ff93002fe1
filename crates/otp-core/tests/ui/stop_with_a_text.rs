//! A text where an exit reason is expected.
//! Says: call `Into::into` on this expression to convert

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
        let Call::Value(from) = call;
        from.reply(self.0).then(Next::Stop("done"))
    }
}

fn main() {}
