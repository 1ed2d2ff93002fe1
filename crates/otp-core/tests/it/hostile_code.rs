//! Code of the user's that runs as a process ends, and panics or looks around in it.

use std::error::Error;
use std::fmt;
use std::future::pending;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{ProcessRef, process, timer};

use crate::puppet::{Puppet, down};
use crate::support::{Lab, in_process, panic_of, quiet, settle};

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("bomb");
    }
}

/// A process that takes bombs and never looks at them.
fn magazine(node: &Node) -> ProcessRef<Bomb> {
    node.spawn(|mailbox: Mailbox<Bomb>| async move {
        let _mailbox = mailbox;
        pending::<()>().await;
    })
}

/// Kills the process, and checks that its watcher is told.
async fn kill(node: &Node, process: ProcessRef<Bomb>) {
    let watcher = Puppet::new(node);
    let monitor = watcher.monitors(process.pid()).await;
    node.exit(&process, ExitReason::Kill);
    settle().await;
    assert_eq!(
        watcher.seen().await,
        [down(monitor, process.pid(), ExitReason::Killed)]
    );
    assert_eq!(process.wait().await, ExitReason::Killed);
}

// SIG-005, KIL-001
#[tokio::test(start_paused = true)]
async fn any_number_of_queued_messages_may_panic_as_they_are_dropped() {
    let node = Node::new();
    let process = magazine(&node);
    for _ in 0..3 {
        process.send(Bomb);
    }
    kill(&node, process).await;
}

// TIM-006, KIL-004
#[tokio::test(start_paused = true)]
async fn any_number_of_messages_of_timers_may_panic_as_they_are_dropped() {
    let node = Node::new();
    let process = magazine(&node);
    let starter = Puppet::new(&node);
    for _ in 0..3 {
        let to = process.clone();
        starter
            .does(move |_| timer::send_after(&to, Duration::from_secs(3600), Bomb))
            .await;
    }
    kill(&node, process).await;
}

/// A reason that cannot be shown.
#[derive(PartialEq)]
struct Unspeakable;

impl fmt::Debug for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("unspeakable")
    }
}

// TRM-002, TRM-011
#[tokio::test(start_paused = true)]
async fn a_server_ends_with_a_reason_that_cannot_be_shown() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let reason = ExitReason::other(Unspeakable);
        let stopped = server.stop_with(reason).await;
        assert!(stopped.is_ok(), "it ended with another reason");
    })
    .await;
}

/// Becomes a reason that names the process it became one in.
struct Signed;

impl From<Signed> for Box<dyn Error + Send + Sync> {
    fn from(_: Signed) -> Self {
        ExitReason::other(process::current()).into()
    }
}

// EXR-001
#[tokio::test(start_paused = true)]
async fn what_a_process_returns_becomes_its_reason_inside_of_it() {
    let process = Node::new().spawn(|_: Mailbox<Never>| async { Err::<(), _>(Signed) });
    assert_eq!(process.wait().await, ExitReason::other(process.pid()));
}

/// Panics when it becomes a reason.
struct Shy;

impl From<Shy> for Box<dyn Error + Send + Sync> {
    fn from(_: Shy) -> Self {
        panic!("shy")
    }
}

// EXR-001
#[tokio::test(start_paused = true)]
async fn a_process_whose_reason_panics_as_it_is_made_ends_with_the_panic() {
    let process = Node::new().spawn(|_: Mailbox<Never>| async { Err::<(), _>(Shy) });
    let reason = process.wait().await;
    assert_eq!(panic_of(&reason).message, "shy");
}
