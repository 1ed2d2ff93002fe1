//! Monitors on several threads: no DOWN is lost and none comes twice.

use std::collections::HashMap;

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Target, process};

use crate::puppet::{Puppet, Seen, boom, down};

// MON-011
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_that_watch_each_other_while_dying_lose_no_down_and_get_no_double() {
    const PROCESSES: usize = 1000;
    const WATCHED_BY_EACH: usize = 10;

    let node = Node::new();
    let everyone: Vec<Puppet> = (0..PROCESSES).map(|_| Puppet::new(&node)).collect();
    // Not itself: a process gets no DOWN of itself.
    let subjects = |at: usize| {
        (1..=WATCHED_BY_EACH)
            .map(move |step| (at * 7 + step * 31) % PROCESSES)
            .filter(move |subject| *subject != at)
    };
    // Every second one is ended, by a process of its own, while others begin to watch it.
    let dies = |at: usize| at.is_multiple_of(2);
    for (at, watcher) in everyone.iter().enumerate() {
        for subject in subjects(at) {
            watcher.watches(&everyone[subject]);
        }
        if dies(at) {
            let doomed = watcher.pid();
            node.spawn(move |_: Mailbox<Never>| async move {
                for _ in 0..at % 5 {
                    tokio::task::yield_now().await;
                }
                process::exit(doomed, ExitReason::other(doomed));
            });
        }
    }
    for (at, puppet) in everyone.iter().enumerate() {
        if dies(at) {
            assert_eq!(puppet.ended().await, ExitReason::other(puppet.pid()));
        }
    }
    for (at, watcher) in everyone.iter().enumerate() {
        if dies(at) {
            continue;
        }
        let mut told = HashMap::new();
        for seen in watcher.seen().await {
            let Seen::Down(down) = seen else {
                panic!("a DOWN was expected: {seen:?}");
            };
            let Target::Pid(subject) = down.target else {
                panic!("a pid was watched: {:?}", down.target);
            };
            // `NoProcess` when the monitor came too late.
            let real = down.reason == ExitReason::other(subject);
            assert!(
                real || down.reason == ExitReason::NoProcess,
                "{}",
                down.reason
            );
            assert_eq!(told.insert(subject, down.monitor), None, "{subject} twice");
        }
        let (dead, mut alive): (Vec<usize>, Vec<usize>) = subjects(at).partition(|at| dies(*at));
        assert_eq!(told.len(), dead.len());
        assert!(
            dead.iter()
                .all(|at| told.contains_key(&everyone[*at].pid()))
        );
        alive.sort_unstable();
        let alive: Vec<Pid> = alive.iter().map(|at| everyone[*at].pid()).collect();
        assert_eq!(watcher.info().monitors, alive);
    }
}

// MON-011
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_demonitor_that_races_with_the_end_either_wins_or_finds_the_down() {
    let node = Node::new();
    for _ in 0..100 {
        let (watcher, subject) = (Puppet::new(&node), Puppet::new(&node));
        let mut monitors = Vec::new();
        for _ in 0..50 {
            monitors.push(watcher.monitors(&subject).await);
        }
        let (ready, won) = (Probe::new(), Probe::new());
        let (report, result) = (ready.clone(), won.clone());
        let all = monitors.clone();
        watcher.will(move |mailbox| {
            report.report(());
            // The first DOWN is here, and the others are on their way.
            while mailbox.is_empty() {
                std::hint::spin_loop();
            }
            for monitor in all {
                result.report(mailbox.demonitor(monitor));
            }
        });
        ready.next().await;
        node.exit(&subject, boom());
        assert_eq!(subject.ended().await, boom());
        let seen = watcher.seen().await;
        let mut lost = Vec::new();
        for (monitor, won) in monitors.into_iter().zip(won.drain()) {
            if !won {
                lost.push(down(monitor, &subject, boom()));
            }
        }
        assert_eq!(seen.len(), lost.len(), "{seen:?}");
        assert!(lost.iter().all(|down| seen.contains(down)), "{seen:?}");
    }
}
