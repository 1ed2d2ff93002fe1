//! Something that belongs to one thread is held while a callback waits.
//! Says: await occurs here, with `total` maybe used later

use std::rc::Rc;
use std::time::Duration;

use otp_core::prelude::*;

struct Counter(u64);

#[gen_server]
impl GenServer for Counter {
    type Args = u64;
    type Cast = u64;

    async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(first)))
    }

    async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
        let total = Rc::new(self.0 + n);
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.0 = *total;
        Next::NoReply
    }
}

fn main() {}
