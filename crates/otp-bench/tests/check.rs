//! The guard, with a valgrind that reports what the test wants to hear.
#![cfg(unix)]

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

/// A record by which ours takes as much as the floor.
const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fake/instructions.json");

/// The guard, where nothing is installed but what is in the folder.
fn check(folder: &str, file: &str) -> Command {
    let mut command = Command::cargo_bin("otp-bench").expect("cargo has built the program");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    command.env("PATH", folder).arg("check");
    command.arg("--file").arg(file);
    command
}

/// The same with a valgrind by which one of our operations takes so many of everything, and one of the floor's 100.
fn check_with(ours: u32, file: &str) -> Command {
    let mut command = check("tests/fake", file);
    command.env("OURS", ours.to_string());
    command
}

#[test]
fn what_is_within_a_tenth_of_the_record_passes() {
    let assert = check_with(109, RECORDED).assert().success();
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    let line = text.lines().find(|line| line.starts_with("call")).unwrap();
    let expected =
        "call            instructions             100      109    1.09      1.00    1.10  holds";
    assert_eq!(line, expected);
    assert!(text.contains("every ratio is within 1.1 "), "{text}");
}

#[test]
fn what_is_dearer_fails_in_each_workload() {
    let mut command = check_with(111, RECORDED);
    let assert = command.arg("--json").assert().code(1);
    let document: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    let rows = document["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 52);
    let missed = |row: &Value| row["verdict"] == "missed";
    assert!(rows.iter().all(missed), "{rows:?}");
}

#[test]
fn without_valgrind_it_says_what_to_install() {
    let assert = check("src", RECORDED).assert().code(2);
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(text.contains("apt-get install valgrind"), "{text}");
    let mut lenient = check("src", RECORDED);
    lenient.arg("--if-installed").assert().success();
}

#[test]
fn without_a_record_it_says_how_to_get_one() {
    let assert = check_with(100, "no-such-record.json").assert().code(1);
    let text = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert!(text.contains("cannot read no-such-record.json"), "{text}");
    assert!(text.contains("--record writes it"), "{text}");
}

#[test]
fn a_valgrind_that_fails_is_no_verdict() {
    let assert = check("tests/fake", RECORDED).assert().code(1);
    let text = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert!(
        text.contains("valgrind failed: exit status: 3\nno figure"),
        "{text}"
    );
}
