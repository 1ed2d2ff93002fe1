//! A call is handled without an answer.
//! Says: expected `Reply<Counter>`

use otp_core::prelude::*;

struct Counter(u64);

enum Call {
    Value(ReplyTo<u64>),
}

#[gen_server]
impl GenServer for Counter {
    type Args = u64;
    type Call = Call;

    async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(first)))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Value(_from) => self.0 += 1,
        }
    }
}

fn main() {}
