//! Timers and the runtimes that they belong to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{process, timer};
use tokio::runtime::Builder;
use tokio::time::Instant;

use crate::clocks::{ends, one_thread, under_a_real_clock, under_each_clock, workers};
use crate::timers::{LATER, MS};

/// A process that has received a timer's message, on this node and the runtime of the caller.
async fn gets_a_timer(node: &Node) -> Result<&'static str, ExitReason> {
    node.run_with(|mut mailbox: Mailbox<&'static str>| async move {
        timer::send_after(mailbox.me(), 10 * MS, "ring");
        mailbox.receive().await
    })
    .await
}

#[test]
fn a_node_may_be_used_in_one_runtime_after_the_other() {
    static NODE: std::sync::LazyLock<Node> = std::sync::LazyLock::new(Node::new);

    under_each_clock(|| async {
        // Is left behind when the runtime ends.
        let left = NODE.run(async { timer::send_after("nobody", LATER, ()) });
        assert!(left.await.expect("it returns").read().is_some());
        assert_eq!(gets_a_timer(&NODE).await, Ok("ring"));
    });
}

#[test]
fn each_runtime_counts_by_its_own_clock() {
    let node = Node::new();
    let mut paused = Builder::new_current_thread();
    let paused = paused.enable_time().start_paused(true).build().unwrap();
    let real = one_thread();
    // A real clock would not come to this in the time of a test.
    let long = node.run_with(|mut mailbox: Mailbox<&'static str>| async move {
        timer::send_after(mailbox.me(), LATER, "late");
        mailbox.receive().await
    });
    // The node's first timer is on the real one, and is not there for the other.
    assert_eq!(real.block_on(gets_a_timer(&node)), Ok("ring"));
    assert_eq!(paused.block_on(long), Ok("late"));
    assert_eq!(real.block_on(gets_a_timer(&node)), Ok("ring"));
}

#[test]
fn a_timer_for_a_process_of_another_runtime_outlives_its_own() {
    let node = Node::new();
    let (first, second) = (workers(1), one_thread());
    let listener = {
        let _entered = second.enter();
        node.spawn(|mut mailbox: Mailbox<&'static str>| async move {
            // So that there are timers on this runtime, too.
            timer::send_after(mailbox.me(), LATER, "never");
            let first = mailbox.receive().await;
            ExitReason::other(first)
        })
    };
    second.block_on(tokio::task::yield_now());
    let to = listener.clone();
    let started = node.run(async move { timer::send_after(&to, 20 * MS, "ring") });
    let timer = first.block_on(started).unwrap();
    drop(first);
    assert!(timer.read().is_some(), "it is not gone with its runtime");
    ends(second, async move {
        assert_eq!(listener.wait().await, ExitReason::other("ring"));
        assert_eq!(timer.read(), None);
    });
}

#[test]
fn a_timer_to_a_name_waits_for_the_next_runtime() {
    let node = Node::new();
    let (first, second, third) = (one_thread(), workers(2), one_thread());
    // Its process has the name from the beginning, however late the timer is, and is polled at the end only.
    let listener = {
        let _entered = third.enter();
        node.spawn(|mut mailbox: Mailbox<&'static str>| async move {
            process::register("clock", mailbox.pid()).expect("the name is free");
            let heard = mailbox.receive().await;
            assert_eq!(mailbox.receive().timeout(50 * MS).await, None);
            ExitReason::other(heard)
        })
    };
    third.block_on(tokio::task::yield_now());
    assert!(node.whereis("clock").is_some());
    let timer = first.block_on(node.run(async { timer::send_after("clock", 20 * MS, "ring") }));
    let cancelled =
        first.block_on(node.run(async { timer::send_after("clock", 20 * MS, "never") }));
    drop(first);
    assert!(timer.unwrap().read().is_some());
    assert!(cancelled.unwrap().cancel().is_some());
    second.block_on(node.run(async {})).expect("it returns");
    ends(third, async move {
        assert_eq!(listener.wait().await, ExitReason::other("ring"));
    });
}

#[test]
fn timers_do_not_wait_for_the_process_that_started_the_earliest() {
    ends(workers(2), async {
        let done = Node::new().run(async {
            let rung = Arc::new(AtomicBool::new(false));
            // Looks after tokio's timers while the other thread is kept.
            process::spawn(|_: Mailbox<Never>| async {
                loop {
                    tokio::task::yield_now().await;
                }
            });
            let (rings, waits) = (rung.clone(), rung.clone());
            let listener = process::spawn(move |mut mailbox: Mailbox<()>| async move {
                timer::send_after(mailbox.me(), 20 * MS, ());
                mailbox.receive().await;
                rings.store(true, Ordering::Release);
            });
            for delay in [0, 1] {
                let waits = waits.clone();
                process::spawn(move |mailbox: Mailbox<()>| async move {
                    timer::send_after(mailbox.me(), delay * MS, ());
                    if delay == 1 {
                        // Keeps its thread until the timer of the other has fired.
                        while !waits.load(Ordering::Acquire) {
                            std::hint::spin_loop();
                        }
                    }
                });
            }
            listener.wait().await;
        });
        done.await.unwrap();
    });
}

#[test]
fn the_first_timer_of_a_node_does_not_wait_for_its_starter() {
    ends(workers(2), async {
        let rung = Arc::new(AtomicBool::new(false));
        let rings = rung.clone();
        let done = Node::new().run(async move {
            process::spawn(|_: Mailbox<Never>| async {
                loop {
                    tokio::task::yield_now().await;
                }
            });
            let listener = process::spawn(move |mut mailbox: Mailbox<()>| async move {
                mailbox.receive().await;
                rings.store(true, Ordering::Release);
            });
            timer::send_after(&listener, Duration::ZERO, ());
            while !rung.load(Ordering::Acquire) {
                std::hint::spin_loop();
            }
        });
        done.await.unwrap();
    });
}

/// Takes longer to clone than the period of its interval.
#[derive(Debug)]
struct SlowClone;

impl Clone for SlowClone {
    fn clone(&self) -> Self {
        let begun = std::time::Instant::now();
        while begun.elapsed() < 2 * MS {
            std::hint::spin_loop();
        }
        Self
    }
}

#[test]
fn an_interval_that_cannot_keep_up_leaves_others_their_turn() {
    under_a_real_clock(|| async {
        let done = Node::new().run_with(|mut mailbox: Mailbox<SlowClone>| async move {
            timer::send_interval(mailbox.me(), MS, SlowClone);
            let others = Arc::new(AtomicU32::new(0));
            let count = others.clone();
            process::spawn(move |mut mailbox: Mailbox<()>| async move {
                loop {
                    // Neither processes nor other timers are kept waiting for ever.
                    timer::send_after(mailbox.me(), MS, ());
                    mailbox.receive().await;
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
            while others.load(Ordering::Relaxed) < 5 {
                mailbox.receive().await;
            }
        });
        done.await.unwrap();
    });
}

// TIM-001, TIM-004
#[test]
fn timers_of_all_lengths_fire_in_order_and_never_early() {
    under_each_clock(|| async {
        let done = Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
            let begun = Instant::now();
            for delay in [7, 1, 5, 0, 3, 9, 2, 8, 6, 4] {
                timer::send_at(mailbox.me(), begun + delay * MS, delay);
            }
            for delay in 0..10 {
                assert_eq!(mailbox.receive().await, delay);
                assert!(begun.elapsed() >= delay * MS);
            }
        });
        done.await.unwrap();
    });
}

// TIM-008
#[test]
fn a_timer_of_zero_or_of_the_past_needs_no_tick() {
    under_each_clock(|| async {
        let done = Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
            for n in 0..100 {
                let timer = timer::send_after(mailbox.me(), Duration::ZERO, n);
                assert_eq!(mailbox.receive().await, n);
                assert_eq!(timer.cancel(), None);
            }
        });
        done.await.unwrap();
    });
}

#[tokio::test(start_paused = true)]
async fn an_interval_longer_than_the_clock_does_no_harm() {
    let done = Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
        for period in [Duration::MAX, Duration::from_secs(u64::MAX / 4)] {
            timer::send_interval(mailbox.me(), period, "never");
        }
        timer::send_after(mailbox.me(), LATER, "later");
        assert_eq!(mailbox.receive().await, "later");
    });
    assert_eq!(done.await, Ok(()));
}

#[test]
fn a_node_that_goes_drops_each_message_whatever_the_others_do() {
    struct Bomb(Arc<AtomicU32>);
    impl Drop for Bomb {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
            panic!("on purpose");
        }
    }

    crate::collector::keep_listening();
    let dropped = Arc::new(AtomicU32::new(0));
    let runtime = one_thread();
    let node = Node::new();
    let bombs: Vec<Bomb> = (0..3).map(|_| Bomb(dropped.clone())).collect();
    let started = node.run(async {
        for bomb in bombs {
            timer::send_after("nobody", LATER, bomb);
        }
    });
    runtime.block_on(started).unwrap();
    drop(node);
    drop(runtime);
    assert_eq!(dropped.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_tagged_timer_to_a_name_keeps_neither_node_nor_message() {
    let held = Arc::new(());
    let node = Node::new();
    let message = held.clone();
    let started = node.run(async move {
        timer::start_timer("nobody", LATER, move |timer| (timer, message));
    });
    assert_eq!(started.await, Ok(()));
    drop(node);
    tokio::task::yield_now().await;
    assert_eq!(Arc::strong_count(&held), 1);
}

#[tokio::test(start_paused = true)]
async fn a_tagged_timer_whose_message_panics_is_taken_back() {
    crate::collector::keep_listening();
    let node = Node::new();
    let started = node.run(async move {
        timer::start_timer("nobody", LATER, |_| -> () { panic!("on purpose") });
    });
    assert!(started.await.is_err());
    assert_eq!(node.system_info().timers, 0);
}
