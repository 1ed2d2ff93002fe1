//! Guarded partitions.

use otp_core::guard::Guard;
use otp_core::prelude::*;
use otp_core::{PartitionSupervisor, process};

use crate::room::{BACKOFF, until};

/// A server that tells its number.
struct Desk(u32);

#[gen_server]
impl GenServer for Desk {
    type Args = u32;
    type Call = ReplyTo<u32>;

    async fn init(number: u32, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(number)))
    }

    async fn handle_call(&mut self, from: ReplyTo<u32>, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(self.0)
    }
}

#[otp_core::test]
async fn the_address_of_a_guarded_partition_leads_to_its_child() {
    let desks = PartitionSupervisor::new("desks", |number| {
        let desk = ChildSpec::worker("desk", move || Desk::start_link(number as u32));
        // The second one is guarded once more.
        let guarded = desk.backoff(BACKOFF);
        if number == 0 {
            guarded
        } else {
            guarded.guarded(Guard::new())
        }
    });
    let desks = desks.partitions(2).start().await.expect("it starts");
    desks.supervisor().await_ready().await.expect("they run");
    for number in 0..2_u32 {
        let desk = ServerName::<Desk>::new(desks.route(u64::from(number)));
        let first = desk.call(|from| from).await.expect("it runs");
        let server = desk.whereis().expect("it runs");
        process::exit(&server, ExitReason::Kill);
        server.wait().await;
        assert!(desk.call(|from| from).await.is_err(), "it waits");
        until(async || desk.call(|from| from).await == Ok(first)).await;
    }
    desks.supervisor().stop().await.expect("it stops");
}
