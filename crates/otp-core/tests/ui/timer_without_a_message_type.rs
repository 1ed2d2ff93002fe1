//! A timer of a server that has no type for its messages.
//! Says: `send_after` sends the server a message: add `type Info = …;`

use otp_core::prelude::*;

struct Counter(u64);

enum Call {
    Value(ReplyTo<u64>),
}

#[gen_server]
impl GenServer for Counter {
    type Call = Call;

    async fn init((): (), context: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        context.send_after(std::time::Duration::from_secs(1), "tick");
        Ok(Init::state(Self(0)))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Value(from) = call;
        from.reply(self.0)
    }
}

fn main() {}
