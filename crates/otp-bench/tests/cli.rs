//! The program as a user starts it. Unoptimised, so only the shape of what it says is looked at.

use std::fs;

use assert_cmd::Command;
use serde_json::Value;

fn bench(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("otp-bench").expect("cargo has built the program");
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Vec<u8> {
    let assert = bench(arguments).assert().success();
    assert.get_output().stdout.clone()
}

fn rows(arguments: &[&str]) -> Vec<Value> {
    let output = run(arguments);
    let document: Value = serde_json::from_slice(&output).expect("the output is JSON");
    document["rows"]
        .as_array()
        .expect("the rows are a list")
        .clone()
}

#[test]
fn a_workload_is_reported_as_a_line_with_its_limits() {
    let output = run(&["call", "--quick", "--rounds", "1", "--runtime", "ct"]);
    let text = String::from_utf8(output).unwrap();
    let line = text.lines().find(|line| line.starts_with("call")).unwrap();
    assert!(line.contains("1.00x     1.15x"), "{text}");
}

#[test]
fn memory_is_measured_by_a_child() {
    let rows = rows(&["idle", "--quick", "--rounds", "1", "--json"]);
    assert_eq!(rows.len(), 4);
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
fn the_children_of_a_dynamic_supervisor_are_judged_by_their_growth() {
    let rows = rows(&[
        "dynamic-terminate",
        "--quick",
        "--rounds",
        "1",
        "--runtime",
        "ct",
        "--json",
    ]);
    let growth = &rows[3];
    assert_eq!(growth["unit"], "factor");
    assert!(growth["verdict"].is_string(), "{growth}");
    assert!(
        rows[0]["verdict"].is_null(),
        "the BEAM does not take part: {}",
        rows[0]
    );
}

#[test]
fn a_report_is_drawn_as_a_picture() {
    let report = run(&["pairs", "--quick", "--rounds", "1", "--json"]);
    let file = env!("CARGO_TARGET_TMPDIR").to_owned() + "/report.json";
    fs::write(&file, report).unwrap();
    let picture = String::from_utf8(run(&["chart", &file])).unwrap();
    assert!(picture.starts_with("<svg "), "{picture}");
    assert!(picture.contains(">pairs</text>"), "{picture}");
}

#[test]
fn a_picture_needs_a_report() {
    let output = bench(&["chart", "no-such-file.json"]).assert().code(1);
    let told = String::from_utf8_lossy(&output.get_output().stderr);
    assert!(
        told.starts_with("error: cannot show no-such-file.json: "),
        "{told}"
    );
}

#[test]
fn a_sample_of_nobody_is_an_error() {
    let output = bench(&["sample", "nobody", "call", "ct", "10"])
        .assert()
        .code(1);
    let told = String::from_utf8_lossy(&output.get_output().stderr);
    assert!(
        told.starts_with("error: unknown contender \"nobody\""),
        "{told}"
    );
}

#[test]
fn an_unknown_runtime_is_a_usage_error() {
    bench(&["call", "--runtime", "st"]).assert().code(2);
}
