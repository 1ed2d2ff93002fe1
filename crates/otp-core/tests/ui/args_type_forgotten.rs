//! A server's `init` takes an argument whose type the server does not name.
//! Says: add `type Args = u64;`

use otp_core::prelude::*;

struct Counter(u64);

#[gen_server]
impl GenServer for Counter {
    type Call = ReplyTo<u64>;

    async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(first)))
    }

    async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(self.0)
    }
}

fn main() {}
