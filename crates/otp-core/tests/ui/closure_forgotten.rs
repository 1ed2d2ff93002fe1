//! A call with a value in it, made as if the server filled in where its answer goes.
//! Says: or a closure (`|from| Call::Add(2, from)`)

use otp_core::prelude::*;

struct Counter(u64);

enum Call {
    Add(u64, ReplyTo<u64>),
}

#[gen_server]
impl GenServer for Counter {
    type Args = u64;
    type Call = Call;

    async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(first)))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Add(n, from) = call;
        self.0 += n;
        from.reply(self.0)
    }
}

async fn add_two(counter: ServerRef<Counter>) -> Result<u64, CallError> {
    counter.call(Call::Add(2)).await
}

fn main() {}
