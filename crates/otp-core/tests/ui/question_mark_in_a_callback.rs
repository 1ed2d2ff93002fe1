//! A callback other than init uses `?`.
//! Says: write `-> Result<Next<Self>, Stop>`

use otp_core::prelude::*;

struct Counter(u64);

#[gen_server]
impl GenServer for Counter {
    type Args = u64;
    type Cast = String;

    async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(first)))
    }

    async fn handle_cast(&mut self, text: String, _: &mut Context<Self>) -> Next<Self> {
        self.0 += text.parse::<u64>()?;
        Next::NoReply
    }
}

fn main() {}
