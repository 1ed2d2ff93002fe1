//! The program as a user starts it. Unoptimised, so only the shape of what it says is looked at.

use assert_cmd::Command;
use serde_json::Value;

fn bench(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("otp-bench").expect("cargo has built the program");
    command.args(arguments);
    command
}

fn rows(arguments: &[&str]) -> Vec<Value> {
    let output = bench(arguments)
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    let document: Value = serde_json::from_slice(&output).expect("the output is JSON");
    document["rows"]
        .as_array()
        .expect("the rows are a list")
        .clone()
}

#[test]
fn a_workload_is_reported_as_a_line_with_its_limits() {
    let output = bench(&["call", "--quick", "--rounds", "1", "--runtime", "ct"])
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    let text = String::from_utf8(output).unwrap();
    let line = text.lines().find(|line| line.starts_with("call")).unwrap();
    assert!(line.contains("1.00x     1.15x"), "{text}");
}

#[test]
fn memory_is_measured_by_a_child() {
    let rows = rows(&["idle", "--quick", "--rounds", "1", "--json"]);
    assert_eq!(rows.len(), 2);
    for row in rows {
        for contender in row["contenders"].as_array().unwrap() {
            let bytes = contender["amount"]["median"].as_f64().unwrap();
            // A task with a channel is more than a hundred bytes, however it is built.
            assert!(bytes > 100.0, "{row}");
        }
    }
}

#[test]
fn both_runtimes_are_measured_unless_one_is_asked_for() {
    let rows = rows(&["start", "--quick", "--rounds", "1", "--json"]);
    let runtimes: Vec<_> = rows
        .iter()
        .map(|row| row["runtime"].as_str().unwrap())
        .collect();
    assert_eq!(runtimes, ["ct", "mt"]);
}

#[test]
fn an_unknown_runtime_is_a_usage_error() {
    bench(&["call", "--runtime", "st"]).assert().code(2);
}
