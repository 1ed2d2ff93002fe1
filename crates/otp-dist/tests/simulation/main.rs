//! Histories of three nodes over a network that is simulated, without sockets and without the time that passes.
//!
//! Everything is drawn from a seed: what actors send, monitor, link and end, when hosts are cut off, crash and come back. A checker
//! judges what each actor has seen. `OTP_SEED=7 OTP_HISTORIES=1` plays one of them again; `just simulate` plays many.
//!
//! `breaks/` has patches, each of which breaks otp-dist in one way. `just breaks` makes one after the other, and the simulation has to find it.

mod actor;
mod checker;
mod network;
mod registry;
mod world;

use std::env;
use std::process::Command;

fn number(name: &str, default: u64) -> u64 {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is {text:?}: expected a number")),
        Err(_) => default,
    }
}

// DST-029
#[test]
fn no_history_has_a_fault() {
    let first = number("OTP_SEED", 1);
    let count = number("OTP_HISTORIES", 200);
    let mut counts = [0; 3];
    for seed in first..first + count {
        let outcome = world::play(seed);
        let faults = outcome.faults.join("\n");
        // Of one alone everything is shown.
        let trace = match count {
            1 => outcome.trace.join("\n"),
            _ => String::new(),
        };
        assert!(
            faults.is_empty(),
            "again by OTP_SEED={seed} OTP_HISTORIES=1:\n{trace}\n{faults}"
        );
        for (count, of_one) in counts.iter_mut().zip(outcome.counts) {
            *count += of_one;
        }
    }
    let [crashes, cuts, messages] = counts;
    println!("{count} histories: {crashes} crashes, {cuts} cuts, {messages} messages");
}

// DST-017
#[test]
fn a_sender_waits_for_a_node_that_reads_nothing() {
    for seed in 1..20 {
        let faults = world::flood(seed).faults.join("\n");
        assert!(faults.is_empty(), "seed {seed}: {faults}");
    }
}

#[test]
fn every_break_can_be_made() {
    let breaks = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/simulation/breaks");
    for file in std::fs::read_dir(breaks).expect("it is there") {
        let path = file.expect("it can be read").path();
        if path.extension().is_none_or(|it| it != "patch") {
            continue;
        }
        let mut git = Command::new("git");
        git.args(["apply", "--check"]).arg(&path);
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let applied = git.current_dir(root).status().expect("there is git");
        assert!(applied.success(), "{} does not fit", path.display());
    }
}

// DST-029
#[test]
fn a_seed_plays_the_same_history_again() {
    for seed in 1..50 {
        let [first, again] = [(); 2].map(|()| world::play(seed).trace);
        let differs = first.iter().zip(&again).find(|(a, b)| a != b);
        assert!(first == again, "seed {seed}: {differs:?}");
    }
}
