//! A callback is written as a plain function.
//! Says: write `async fn handle_cast`

use otp_core::prelude::*;

struct Counter(u64);

#[gen_server]
impl GenServer for Counter {
    type Cast = u64;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(0)))
    }

    fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
        self.0 += n;
        Next::NoReply
    }
}

fn main() {}
