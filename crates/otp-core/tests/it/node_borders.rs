//! Timers and the nodes that they belong to.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::timer;
use tokio::runtime::Handle;

use crate::puppet::{Order, Puppet};
use crate::support::{self, Event, Lab, in_process, lab, settle};

const MINUTE: Duration = Duration::from_secs(60);

// TIM-006
#[tokio::test(start_paused = true)]
async fn the_end_of_a_process_removes_a_timer_from_another_node_and_no_other() {
    let (here, there) = (Node::new(), Node::new());
    // Both are the first timers that their starters' nodes hear of.
    let own = Puppet::new(&there)
        .does(|mailbox| timer::send_after(mailbox.me(), MINUTE, Order::nothing()))
        .await;
    let target = there.spawn(|mut mailbox: Mailbox<u32>| async move {
        mailbox.receive().await;
    });
    let to = target.clone();
    let foreign = Puppet::new(&here)
        .does(move |_| timer::send_after(&to, MINUTE, 1))
        .await;
    there.exit(&target, ExitReason::Kill);
    target.wait().await;
    assert!(own.read().is_some(), "another process's timer was removed");
    assert_eq!(foreign.read(), None);
}

// TIM-005, TIM-009
#[tokio::test(start_paused = true)]
async fn no_timer_keeps_its_node() {
    let node = Node::new();
    let starting = node.run(async {
        timer::send_after("nobody", MINUTE, 1_u32);
        timer::send_interval("nobody", Duration::from_secs(1), 1_u32);
        timer::apply_after(MINUTE, async {});
    });
    starting.await.unwrap();
    drop(node);
    settle().await;
    settle().await;
    let tasks = Handle::current().metrics().num_alive_tasks();
    // The one that the process ran in rests.
    assert_eq!(tasks, 1, "the timers' task goes on");
}

// TIM-001, TIM-006
#[tokio::test(start_paused = true)]
async fn a_timer_may_aim_at_a_server_and_goes_with_it() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe)).await.unwrap();
        timer::send_after(&server, MINUTE, support::Order::Note(7));
        let later = timer::send_after(&server, 2 * MINUTE, support::Order::Note(8));
        assert_eq!(probe.next().await, Event::Init);
        assert_eq!(probe.next().await, Event::Message(7));
        assert_eq!(later.read(), Some(MINUTE));
        server.stop().await.unwrap();
        assert_eq!(later.read(), None);
    })
    .await;
}
