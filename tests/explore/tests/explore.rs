//! Every system in a few hundred orders; `just explore` plays more. `OTP_SEED` plays one.

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use otp_core::explore::{Failure, explore, replay};
use otp_core::prelude::*;
use otp_core::process;
use otp_explore_tests::{ALL, System};

/// How many orders each system is played in.
const SEEDS: u64 = 300;

#[track_caller]
fn check(name: &str) {
    check_seeds(name, SEEDS);
}

#[track_caller]
fn check_seeds(name: &str, seeds: u64) {
    let system = System::find(name).expect("there is such a system");
    if let Ok(text) = env::var("OTP_SEED") {
        let seed = text.parse();
        let seed = seed.unwrap_or_else(|_| panic!("OTP_SEED is {text:?}: expected a number"));
        system
            .explore([seed])
            .unwrap_or_else(|found| panic!("{found}"));
        return;
    }
    let explored = system.explore(0..seeds);
    let explored = explored.unwrap_or_else(|found| panic!("{found}"));
    // A schedule that is the same each time would explore nothing.
    assert!(explored.traces * 10 > explored.runs * 9, "{explored:?}");
}

// LNK-001, LNK-002, LNK-003, LNK-004, LNK-009
#[test]
fn links() {
    check("links");
}

// MON-001, MON-003, MON-006, MON-008
#[test]
fn monitors() {
    check("monitors");
}

// NAM-002, NAM-004, NAM-005
#[test]
fn names() {
    check("names");
}

// CAL-008, TRM-001
#[test]
fn stops() {
    check("stops");
}

// TIM-001, TIM-002
#[test]
fn timers() {
    check("timers");
}

// TSK-001
#[test]
fn tasks() {
    check("tasks");
}

// REG-001
#[test]
fn registry() {
    check("registry");
}

// SUP-017, CAL-008, NAM-005
#[test]
fn restarts() {
    check("restarts");
}

// SUP-017, SUP-020
#[test]
fn trees() {
    check("trees");
}

// DSU-001
#[test]
fn dynamic() {
    check("dynamic");
}

// DST-001, DST-002, DST-003, DST-004, DST-014
#[test]
fn cluster() {
    // A minute of three nodes' lives takes longer than the others.
    check_seeds("cluster", SEEDS / 3);
}

#[test]
fn a_seed_is_an_order() {
    for system in ALL {
        for seed in 0..10 {
            let first = (system.replay)(seed);
            assert!(first.is_ok());
            assert_eq!(first, (system.replay)(seed), "{}, seed {seed}", system.name);
        }
    }
}

/// Two that read, rest and write: with bad luck one of them is lost.
async fn careless(mut mailbox: Mailbox<u32>) {
    let count = Arc::new(AtomicU32::new(0));
    for _ in 0..2 {
        let (count, root) = (count.clone(), mailbox.me());
        process::spawn(move |mut mailbox: Mailbox<()>| async move {
            mailbox.me().send(());
            let read = count.load(Ordering::Relaxed);
            mailbox.receive().await;
            // This message it finds in its mailbox, and may be interrupted before it.
            count.store(read + 1, Ordering::Relaxed);
            root.send(1);
        });
    }
    for _ in 0..2 {
        mailbox.receive().await;
    }
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[test]
fn a_fault_is_found_and_its_seed_plays_it_again() {
    let found = (0..100).find_map(|seed| Some((seed, replay(seed, careless).err()?)));
    let (seed, failure) = found.expect("some order shows it");
    assert!(
        matches!(failure, Failure::Ended(ExitReason::Panic(_))),
        "{failure}"
    );
    for _ in 0..3 {
        assert_eq!(replay(seed, careless).unwrap_err(), failure);
    }
    assert!(
        (0..100).any(|seed| replay(seed, careless).is_ok()),
        "others do not"
    );
}

#[test]
#[should_panic(expected = "the system fails with seed 0: it waits for something that never comes")]
fn a_system_that_waits_for_ever_fails() {
    explore(0..1, |mut mailbox: Mailbox<()>| async move {
        mailbox.receive().await;
    });
}

#[test]
fn a_system_without_an_end_fails() {
    let failure = replay(0, |mut mailbox: Mailbox<()>| async move {
        loop {
            mailbox.me().send(());
            mailbox.receive().await;
        }
    });
    assert_eq!(failure, Err(Failure::Endless));
}
