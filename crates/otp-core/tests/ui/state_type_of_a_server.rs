//! A server is written as if its state had a type of its own, as a machine's has.
//! Says: its state is `Self`

use otp_core::prelude::*;

struct Counter(u64);

#[gen_server]
impl GenServer for Counter {
    type State = u64;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(0)))
    }
}

fn main() {}
