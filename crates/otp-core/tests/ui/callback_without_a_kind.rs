//! A server handles a kind of message that it does not name.
//! Says: add `type Cast = …;`

use otp_core::prelude::*;

struct Counter(u64);

#[gen_server]
impl GenServer for Counter {
    type Args = u64;

    async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(first)))
    }

    async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
        self.0 += n;
        Next::NoReply
    }
}

fn main() {}
