//! What a process still sees while messages come faster than it can take them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use otp_core::prelude::*;
use otp_core::{MailboxLimit, process};

use crate::clocks::{ends, one_thread, workers};
use crate::support::{Lab, Order, act, echo, quiet};

/// Sends until it is told to stop.
struct Flood {
    over: Arc<AtomicBool>,
    thread: thread::JoinHandle<()>,
}

impl Flood {
    fn begin(to: ProcessRef<u64>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let is_over = over.clone();
        let thread = thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                to.send(1);
                spin(Duration::from_micros(1));
            }
        });
        Self { over, thread }
    }

    fn end(self) {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().expect("it only sends");
    }
}

fn spin(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// Wants nothing, and takes longer to find out than a message takes to come.
fn nothing(_: &u64) -> bool {
    spin(Duration::from_micros(3));
    false
}

#[test]
fn a_selective_receive_looks_at_its_limit_under_a_flood() {
    for runtime in [one_thread(), workers(2)] {
        ends(runtime, async {
            let done = Node::new().run_with(|mut mailbox: Mailbox<u64>| async move {
                let flood = Flood::begin(mailbox.me());
                let limit = Duration::from_millis(20);
                let nothing = mailbox.receive_match(nothing).timeout(limit).await;
                assert_eq!(nothing, None, "while the flood goes on");
                flood.end();
            });
            done.await.expect("no assertion fails");
        });
    }
}

#[test]
fn a_selective_receive_looks_at_its_end_and_lets_others_run_under_a_flood() {
    for runtime in [one_thread(), workers(1), workers(2)] {
        ends(runtime, async {
            let done = Node::new().run(async {
                let picky = process::spawn(|mut mailbox: Mailbox<u64>| async move {
                    mailbox.receive_match(nothing).await;
                });
                let flood = Flood::begin(picky.clone());
                // On one thread this is one who waits for its turn.
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                process::exit(&picky, ExitReason::Kill);
                assert_eq!(picky.wait().await, ExitReason::Killed);
                flood.end();
            });
            done.await.expect("no assertion fails");
        });
    }
}

#[test]
fn a_server_that_always_has_something_to_do_goes_behind_those_who_have_little() {
    /// A cast that is followed by itself.
    fn again(count: Arc<AtomicU64>) -> Order {
        act(move |_, context| {
            count.fetch_add(1, Ordering::Relaxed);
            context.me().cast(again(count));
            Next::NoReply
        })
    }

    let within_a_limit = || Lab::options().mailbox_limit(MailboxLimit::refuse(1_000));
    for (runtime, options) in [
        (one_thread(), Lab::options()),
        (workers(1), Lab::options()),
        (one_thread(), within_a_limit()),
    ] {
        ends(runtime, async {
            let done = Node::new().run(async {
                let flooded = options.start(quiet()).await.expect("its init cannot fail");
                let quiet = Lab::start(quiet()).await.expect("its init cannot fail");
                let count = Arc::new(AtomicU64::new(0));
                for _ in 0..100 {
                    flooded.cast(again(count.clone()));
                }
                for n in 0..1_000 {
                    assert_eq!(quiet.call(echo(n)).await, Ok(n));
                }
                // Each call is two turns of others: at the end of the same line these would be 500 casts.
                let each = count.load(Ordering::Relaxed) / 1_000;
                assert!(each < 100, "{each} casts went before each call");
                process::exit(&flooded, ExitReason::Kill);
                flooded.wait().await;
            });
            done.await.expect("no assertion fails");
        });
    }
}
