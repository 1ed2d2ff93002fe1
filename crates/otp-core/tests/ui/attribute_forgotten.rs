//! A server leaves out what it does not use, and has no attribute that adds it.
//! Says: missing `Args`, `Call`, `Info`, `Continue`

use otp_core::prelude::*;

struct Counter(u64);

impl GenServer for Counter {
    type Cast = u64;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(0)))
    }

    async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
        self.0 += n;
        Next::NoReply
    }
}

fn main() {}
