//! Callbacks that never yield: the effect on other processes, and on those that wait for the end.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use otp_core::StopError;
use otp_core::prelude::*;

use crate::puppet::{Puppet, down};
use crate::support::{Lab, act, echo, quiet, run};

// Each thread has work of its own; on a runtime with one thread they would all wait
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_blocks_its_thread_does_not_hold_up_the_others() {
    let (release, blocked) = mpsc::channel::<()>();
    let node = Node::new();
    let running = node.run(async move {
        let blocker = Lab::start(quiet()).await.unwrap();
        let others = [
            Lab::start(quiet()).await.unwrap(),
            Lab::start(quiet()).await.unwrap(),
        ];
        blocker.cast(act(move |_, _| {
            // Until the other end is dropped.
            let _ = blocked.recv();
            Next::NoReply
        }));
        for n in 0..1000 {
            for other in &others {
                assert_eq!(other.call(echo(n)).await, Ok(n));
            }
        }
        let soon = std::time::Duration::from_millis(1);
        let answer = blocker.call(echo(0)).timeout(soon).await;
        assert!(matches!(answer, Err(CallError::Timeout { .. })));
        drop(release);
        // It goes on where it was, and so does who asks it.
        assert_eq!(blocker.call(echo(1)).await, Ok(1));
    });
    running.await.unwrap();
}

/// Starts a server in the middle of a callback that runs on and on until `awaits`, and then awaits.
async fn spinner(node: &Node, awaits: Arc<AtomicBool>) -> ServerRef<Lab> {
    let server = Lab::options().name("spinner").on(node);
    let server = server.start(quiet()).await.expect("its init is plain");
    let spins = Arc::new(AtomicBool::new(false));
    let begun = spins.clone();
    server.cast(run(move |_| async move {
        begun.store(true, Ordering::Release);
        while !awaits.load(Ordering::Acquire) {
            spin_loop();
        }
        tokio::task::yield_now().await;
        unreachable!("it has been killed")
    }));
    while !spins.load(Ordering::Acquire) {
        tokio::task::yield_now().await;
    }
    server
}

// Dead for all others at once; those who are told are told when it has come to its end. The test is no process here: one
// that the thread was to run next would wait with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_never_yields_is_dead_for_others_at_once_and_ends_at_its_next_await() {
    let node = Node::new();
    let awaits = Arc::new(AtomicBool::new(false));
    let server = spinner(&node, awaits.clone()).await;
    let watcher = Puppet::new(&node);
    let monitor = watcher.monitors(server.pid()).await;

    node.exit(&server, ExitReason::Kill);
    assert!(!server.is_alive());
    assert!(!node.is_alive(server.pid()));
    assert_eq!(node.whereis("spinner"), None);
    assert_eq!(node.register("spinner", &watcher), Ok(()));
    let stopped = server.stop().await;
    assert!(matches!(stopped, Err(StopError::NoProcess { .. })));
    assert_eq!(watcher.seen().await, []);

    awaits.store(true, Ordering::Release);
    assert_eq!(server.wait().await, ExitReason::Killed);
    let told = [down(monitor, server.pid(), ExitReason::Killed)];
    assert_eq!(watcher.seen().await, told);
    assert_eq!(node.whereis("spinner"), Some(watcher.pid()));
}
