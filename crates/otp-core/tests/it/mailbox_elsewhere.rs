//! A mailbox that has left its process, and outlives it.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::puppet::Puppet;
use crate::support::{in_process, panic_of, settle};

/// The mailbox of a process that has ended.
async fn left_behind(node: &Node) -> Mailbox<u32> {
    let mailbox = node.run_with(|mailbox: Mailbox<u32>| async move { mailbox });
    let mailbox = mailbox.await.expect("the process returns its mailbox");
    mailbox.me().send(1);
    mailbox
}

#[tokio::test(start_paused = true)]
async fn a_receive_with_a_limit_returns_at_once() {
    let mut mailbox = left_behind(&Node::new()).await;
    let begun = Instant::now();
    let limit = Duration::from_secs(3600);
    assert_eq!(mailbox.receive().timeout(limit).await, None);
    assert_eq!(mailbox.receive_match(|_| true).timeout(limit).await, None);
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_receive_without_a_limit_panics() {
    in_process(async {
        for selective in [false, true] {
            let mut mailbox = left_behind(&process::node()).await;
            let owner = mailbox.pid();
            let receiver = process::spawn(move |_: Mailbox<Never>| async move {
                match selective {
                    true => mailbox.receive_match(|_| true).await,
                    false => mailbox.receive().await,
                };
            });
            let message = panic_of(&receiver.wait().await).message.clone();
            assert_eq!(
                message,
                format!(
                    "the process {owner} of the mailbox has ended: \
                     `receive().timeout(TimeLimit::Infinity)` answers `None` then"
                )
            );
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_elsewhere_is_woken_by_the_end() {
    in_process(async {
        let (lend, lent) = oneshot::channel();
        let owner = process::spawn(|mailbox: Mailbox<u32>| async move {
            let _ = lend.send(mailbox);
            std::future::pending::<()>().await;
        });
        let mut mailbox = lent.await.unwrap();
        let borrower = process::spawn(|_: Mailbox<Never>| async move {
            assert_eq!(mailbox.receive().await, 1);
            let limit = Duration::from_secs(3600);
            assert_eq!(mailbox.receive().timeout(limit).await, None);
        });
        settle().await;
        owner.send(1);
        settle().await;
        let begun = Instant::now();
        process::exit(&owner, ExitReason::Kill);
        assert_eq!(borrower.wait().await, ExitReason::Normal);
        assert_eq!(begun.elapsed(), Duration::ZERO);
    })
    .await;
}

// It has no relations any more, so it makes none.
#[tokio::test(start_paused = true)]
async fn one_that_is_left_behind_links_and_monitors_nobody() {
    let node = Node::new();
    let mut mailbox = left_behind(&node).await;
    let other = Puppet::new(&node);
    mailbox.link(&other);
    mailbox.monitor(&other, |_| 1);
    settle().await;
    let info = other.info();
    assert!(
        info.links.is_empty() && info.monitored_by.is_empty(),
        "{info:?}"
    );
}
