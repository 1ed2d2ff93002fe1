//! A child is started while its specification is written, and not by its supervisor.
//! Says: in a closure with no arguments: `|| { /* code */ }`

use otp_core::prelude::*;

struct Counter(u64);

enum Call {
    Value(ReplyTo<u64>),
}

#[gen_server]
impl GenServer for Counter {
    type Args = u64;
    type Call = Call;
    type Cast = u64;

    async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(first)))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Value(from) = call;
        from.reply(self.0)
    }

    async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
        self.0 += n;
        Next::NoReply
    }
}

fn spec() -> ChildSpec {
    ChildSpec::worker("counter", Counter::start_link(0))
}

fn main() {}
