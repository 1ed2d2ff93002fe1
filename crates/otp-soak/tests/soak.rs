//! The short form of the soak, and the program as a user starts it.

use std::time::Duration;

use assert_cmd::Command;
use otp_soak::{Plan, Soak, Stop};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

#[test]
fn two_seconds_of_everything_leave_nothing_behind() {
    let plan = Plan::new(Duration::from_secs(2), 7);
    let report = Soak::new(plan, Stop::default(), || ALLOCATOR.current_usage()).run();
    assert!(report.is_clean(), "{report}");
    // On a machine that gets to nothing this would say nothing.
    let done = report.operations.iter().filter(|(_, count)| *count > 0);
    assert!(done.count() > report.operations.len() / 2, "{report}");
}

#[test]
fn the_program_shows_its_seed_and_a_table() {
    let output = Command::cargo_bin("otp-soak")
        .expect("cargo has built the program")
        .args(["--for", "1s", "--seed", "11", "--drivers", "4"])
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    let text = String::from_utf8(output).expect("it writes text");
    for words in ["--seed 11", "left over", "clean: 4 of 4 rounds"] {
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn a_length_that_is_none_is_a_usage_error() {
    let mut command = Command::cargo_bin("otp-soak").expect("cargo has built the program");
    command.args(["--for", "long"]).assert().code(2);
}
