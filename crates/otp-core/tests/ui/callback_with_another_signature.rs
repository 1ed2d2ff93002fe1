//! A callback takes its context by value.
//! Says: change the parameter type to match the trait

use otp_core::prelude::*;

struct Counter(u64);

#[gen_server]
impl GenServer for Counter {
    type Cast = u64;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(0)))
    }

    async fn handle_cast(&mut self, n: u64, _: Context<Self>) -> Next<Self> {
        self.0 += n;
        Next::NoReply
    }
}

fn main() {}
