//! A first step with a value, in a server that has no type for it.
//! Says: `Next::Continue` needs the type of its value: add `type Continue = …;`

use otp_core::prelude::*;

struct Counter(u64);

enum Call {
    Value(ReplyTo<u64>),
}

#[gen_server]
impl GenServer for Counter {
    type Call = Call;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(0)).then(Next::Continue("load")))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Value(from) = call;
        from.reply(self.0)
    }
}

fn main() {}
