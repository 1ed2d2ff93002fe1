//! `init` returns the state alone.
//! Says: expected `Init<Counter>`

use otp_core::prelude::*;

struct Counter(u64);

#[gen_server]
impl GenServer for Counter {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Self(0))
    }
}

fn main() {}
