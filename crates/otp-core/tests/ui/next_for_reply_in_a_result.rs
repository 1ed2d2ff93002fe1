//! A call that returns a `Result` decides what comes next in place of answering.
//! Says: expected `Reply<Counter>`, found `Next<_>`

use otp_core::prelude::*;

struct Counter(u64);

#[gen_server]
impl GenServer for Counter {
    type Args = u64;
    type Call = ReplyTo<u64>;

    async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(first)))
    }

    async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Result<Reply<Self>, Stop> {
        from.send("seven".parse()?);
        Ok(Next::NoReply)
    }
}

fn main() {}
