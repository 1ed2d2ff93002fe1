//! A server names a kind of message and handles none of it.
//! Says: there is no `handle_cast`: write it, or leave the type out

use otp_core::prelude::*;

struct Counter(u64);

#[gen_server]
impl GenServer for Counter {
    type Args = u64;
    type Cast = u32;

    async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(first)))
    }
}

fn main() {}
