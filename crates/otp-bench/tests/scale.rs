//! Few servers in place of a million: that they live and die, and that it is reported.

use assert_cmd::Command;
use serde_json::Value;

fn scale(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("otp-bench").expect("cargo has built the program");
    command.arg("scale").args(arguments);
    command
}

#[test]
fn every_phase_is_reported_on_both_runtimes_beside_the_floor() {
    let mut command = scale(&["--servers", "101", "--rounds", "1", "--json"]);
    let assert = command.assert().success().stderr("");
    let document: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    let runs = document["runs"].as_array().unwrap();
    let names: Vec<_> = runs
        .iter()
        .map(|run| {
            (
                run["runtime"].as_str().unwrap(),
                run["side"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            ("ct", "ours"),
            ("ct", "floor"),
            ("mt", "ours"),
            ("mt", "floor")
        ]
    );
    for run in runs {
        let phases = run["phases"].as_array().unwrap();
        let operations: Vec<_> = phases
            .iter()
            .map(|phase| phase["operations"].as_u64().unwrap())
            .collect();
        assert_eq!(operations, [101, 101, 50, 51]);
        let costs = |phase: &Value| phase["wall"]["median"].as_f64().unwrap() > 0.0;
        assert!(phases.iter().all(costs), "{run}");
        assert!(run["phases"][0]["growth"].is_null());
    }
}

#[test]
fn the_table_says_what_was_checked() {
    let mut command = scale(&["--servers", "1000", "--rounds", "1", "--runtime", "ct"]);
    let assert = command.assert().success();
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    let stop = text.lines().find(|line| line.starts_with("stop")).unwrap();
    assert_eq!(stop.split_whitespace().nth(1), Some("500"), "{text}");
    assert!(
        text.contains("each server answered and each death was seen"),
        "{text}"
    );
}

#[test]
fn half_of_one_server_cannot_be_killed() {
    scale(&["--servers", "1"]).assert().code(2);
}
