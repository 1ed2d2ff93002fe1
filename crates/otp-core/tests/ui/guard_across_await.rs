//! A lock of the standard library is held while a callback waits.
//! Says: await occurs here, with `mut total` maybe used later

use std::sync::{Arc, Mutex};
use std::time::Duration;

use otp_core::prelude::*;

struct Counter(Arc<Mutex<u64>>);

#[gen_server]
impl GenServer for Counter {
    type Cast = u64;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(Arc::new(Mutex::new(0)))))
    }

    async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
        let mut total = self.0.lock().expect("no other thread panics");
        tokio::time::sleep(Duration::from_secs(1)).await;
        *total += n;
        Next::NoReply
    }
}

fn main() {}
