//! A call variant that has no place for an answer.
//! Says: pass the name of a variant with a `ReplyTo`

use otp_core::prelude::*;

struct Counter(u64);

enum Call {
    Clear,
}

#[gen_server]
impl GenServer for Counter {
    type Args = u64;
    type Call = Call;

    async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(first)))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Clear = call;
        self.0 = 0;
        Reply::later()
    }
}

async fn clear(counter: ServerRef<Counter>) -> Result<(), CallError> {
    counter.call(Call::Clear).await
}

fn main() {}
