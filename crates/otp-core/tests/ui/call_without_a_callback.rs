//! A server names a protocol of calls and does not handle it.
//! Says: there is no `handle_call`: write it, or leave the type out

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
}

async fn value(counter: ServerRef<Counter>) -> Result<u64, CallError> {
    counter.call(Call::Value).await
}

fn main() {}
