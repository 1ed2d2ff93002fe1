//! A process that was not made for a server enters its loop.
//! Says: expected `Mailbox<Envelope<Counter>>`
// GST-012

use otp_core::gen_server::enter_loop;
use otp_core::prelude::*;
use otp_core::process;

struct Counter(u64);

#[gen_server]
impl GenServer for Counter {
    type Args = u64;

    async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(first)))
    }
}

fn become_a_counter() {
    process::spawn(|mailbox: Mailbox<String>| async {
        enter_loop(mailbox, Counter(1), Next::NoReply, None).await
    });
}

fn main() {}
