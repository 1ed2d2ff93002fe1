//! A callback has the name that it has elsewhere.
//! Says: or as one of `init`, `handle_call`, `handle_cast`, `handle_info`

use otp_core::prelude::*;

struct Counter(u64);

#[gen_server]
impl GenServer for Counter {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(0)))
    }

    async fn on_info(&mut self, _: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
        Next::NoReply
    }
}

fn main() {}
