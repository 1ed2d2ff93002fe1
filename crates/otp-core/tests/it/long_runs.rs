//! Very many of something: generations of processes, callbacks without a pause.

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::task::yield_now;

use crate::support::{self, Lab, act, in_process, quiet};

/// Each one starts the next and ends.
fn generation(left: u32, last: Probe<()>) {
    process::spawn(move |_: Mailbox<Never>| async move {
        match left {
            0 => last.report(()),
            _ => generation(left - 1, last),
        }
    });
}

// The list of a process's ancestors is as long as its line, and is freed with the last of them.
#[tokio::test(start_paused = true)]
async fn the_last_of_a_hundred_thousand_generations_ends_like_any_other() {
    let node = Node::new();
    let last = Probe::new();
    let first = last.clone();
    let starting = node.run(async move { generation(100_000, first) });
    starting.await.unwrap();
    last.next().await;
    while !node.processes().is_empty() {
        yield_now().await;
    }
    support::settle().await;
}

/// Goes on `left` times without a message in between.
fn again(left: u32) -> support::Order {
    act(move |_, _| match left {
        0 => Next::Stop(ExitReason::other("nobody was let in")),
        _ => Next::Continue(again(left - 1)),
    })
}

// KIL-001, SIG-003
#[tokio::test(start_paused = true)]
async fn a_server_that_goes_on_and_on_lets_others_have_their_turn() {
    in_process(async {
        let setup = quiet().then(Next::Continue(again(100_000)));
        let server = Lab::start(setup).await.unwrap();
        process::exit(&server, ExitReason::Kill);
        assert_eq!(server.wait().await, ExitReason::Killed);
    })
    .await;
}
