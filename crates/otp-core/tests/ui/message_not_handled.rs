//! A message was added to the protocol and not to the server.
//! Says: pattern `Cast::Clear` not covered

use otp_core::prelude::*;

struct Counter(u64);

enum Cast {
    Add(u64),
    Clear,
}

#[gen_server]
impl GenServer for Counter {
    type Args = u64;
    type Cast = Cast;

    async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(first)))
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Add(n) => self.0 += n,
        }
        Next::NoReply
    }
}

fn main() {}
