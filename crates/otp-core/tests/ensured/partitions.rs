//! Guarded partitions.

use std::time::Duration;

use otp_core::guard::Guard;
use otp_core::prelude::*;
use otp_core::{Child, PartitionSupervisor, PartitionSupervisorRef, process};
use tokio::time::{sleep, timeout};

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

/// A partition that takes two seconds to stop.
fn slow() -> ChildSpec {
    ChildSpec::worker("slow", async || {
        Child::from(process::spawn_link(async |mut mailbox: Mailbox<()>| {
            mailbox.trap_exit(|_| ());
            mailbox.receive().await;
            sleep(Duration::from_secs(2)).await;
        }))
    })
}

async fn run(desks: &PartitionSupervisorRef) -> Vec<bool> {
    let children = desks.supervisor().which_children().await;
    let children = children.expect("it lives");
    children.iter().rev().map(|it| it.pid().is_some()).collect()
}

#[otp_core::test]
async fn a_resize_that_was_dropped_is_finished_by_the_next_one() {
    for guarded in [true, false] {
        let desks = PartitionSupervisor::new("desks", move |_| match guarded {
            true => slow().backoff(BACKOFF),
            false => slow(),
        });
        let desks = desks.partitions(4).start().await.expect("it starts");
        for (then, running) in [
            (4, [true, true, true, true]),
            (1, [true, false, false, false]),
            (3, [true, true, true, false]),
        ] {
            desks.resize(4).await.expect("they start");
            desks.supervisor().await_ready().await.expect("they run");
            let dropped = timeout(Duration::from_secs(3), desks.resize(1)).await;
            assert!(dropped.is_err());
            sleep(Duration::from_secs(2)).await;
            assert_eq!(run(&desks).await, [true, true, false, false]);
            assert_eq!(desks.resize(then).await, Ok(1));
            assert_eq!(desks.partitions(), then);
            assert_eq!(run(&desks).await, running);
        }
        desks.supervisor().stop().await.expect("it stops");
    }
}

#[otp_core::test]
async fn temporary_partitions_are_stopped_by_one_resize_after_the_other() {
    let desks = PartitionSupervisor::new("desks", |_| slow().restart(Restart::Temporary));
    let desks = desks.partitions(4).start().await.expect("it starts");
    for (then, former) in [(3, 4), (2, 3), (1, 2), (1, 1)] {
        assert_eq!(desks.resize(then).await, Ok(former));
    }
    assert_eq!(run(&desks).await, [true]);
}

#[otp_core::test]
async fn of_two_resizes_at_a_time_the_second_one_begins_when_the_first_is_over() {
    for guarded in [true, false] {
        let desks = PartitionSupervisor::new("desks", move |_| match guarded {
            true => slow().backoff(BACKOFF),
            false => slow(),
        });
        let desks = desks.partitions(4).start().await.expect("it starts");
        for (first, second, running) in [
            (1, 4, [true, true, true, true]),
            (2, 1, [true, false, false, false]),
            (3, 2, [true, true, false, false]),
        ] {
            let before = desks.partitions();
            let (one, other) = tokio::join!(desks.resize(first), desks.resize(second));
            assert_eq!((one, other), (Ok(before), Ok(first)));
            assert_eq!(desks.partitions(), second);
            assert_eq!(run(&desks).await, running);
        }
        // One that is given up makes room for the next one.
        let (dropped, other) = tokio::join!(
            timeout(Duration::from_secs(1), desks.resize(1)),
            desks.resize(4)
        );
        assert!(dropped.is_err());
        assert_eq!(other, Ok(1));
        assert_eq!(run(&desks).await, [true; 4]);
        desks.supervisor().stop().await.expect("it stops");
    }
}
