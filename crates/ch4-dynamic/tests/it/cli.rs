//! The output and the exit codes of the program.

use assert_cmd::Command;
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ch4-dynamic");

fn dynamic(args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(args).timeout(Duration::from_secs(60));
    command
}

fn check(args: &[&str], stdin: &str, code: i32, stdout: &[&str], stderr: &str) {
    let assert = dynamic(args).write_stdin(stdin).assert().code(code);
    let output = assert.get_output();
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(out.lines().collect::<Vec<_>>(), stdout, "{args:?}");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains(stderr), "{args:?}: {error}");
}

#[test]
fn a_character_is_added_crashes_is_restarted_and_is_removed() {
    let script = "add-character yoshi \"hello\"\nsay yoshi\ndie yoshi\nsay yoshi\n\
                 remove-character yoshi\nchildren\n";
    for names in ["local", "global", "via"] {
        let args = ["--log", "off", "--names", names, "--characters", ""];
        let assert = dynamic(&args).write_stdin(script).assert().success();
        let output = assert.get_output();
        let out = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<&str> = out.lines().filter(|line| !line.contains('<')).collect();
        let expected = [
            "hello",
            "Mayday! yoshi goes down: boom",
            "hello",
            "no children",
        ];
        assert_eq!(lines, expected, "{names}");
    }
}

#[test]
fn one_command_prints_the_counts_of_a_supervisor() {
    let started = "start super_visor <0.3.0>";
    let none = "specs 0, active 0, supervisors 0, workers 0";
    let args = ["--characters", "", "count", "newcomers"];
    check(&args, "", 0, &[started, none], "");
    let args = ["--characters", "", "--supervisor", "static", "count"];
    check(&args, "", 0, &[started, none], "");
}

#[test]
fn who_asks_for_a_node_is_told_which_program_has_nodes() {
    let args = ["--node", "a@127.0.0.1", "--cookie", "secret"];
    let hint = "`cargo run -p ch4-nodes -- --node NAME`";
    check(&args, "", 2, &[], hint);
}

#[test]
fn an_invalid_argument_is_answered_with_a_valid_one() {
    check(
        &["--characters", "batman", "start"],
        "",
        2,
        &[],
        "unknown character: expected some of superdave, superman, supermario",
    );
    check(
        &["add-character", "yoshi", ""],
        "",
        2,
        &[],
        "expected a line of at least one character",
    );
    check(
        &["--max-restarts", "3", "start"],
        "",
        2,
        &[],
        "such as 3/5s or 0/1m",
    );
    check(
        &["--names", "by-heart", "start"],
        "",
        2,
        &[],
        "[possible values: local, global, via]",
    );
}

/// The project is linked with the shell, so it ends with the shell. A command in the next shell starts another project.
#[test]
fn a_new_shell_has_a_new_project() {
    let script = "start\nkill self\nstart\nkill self\nadd-character yoshi hello\nsay yoshi\n";
    let args = ["--log", "off", "--keep-going", "--characters", ""];
    let assert = dynamic(&args).write_stdin(script).assert().code(1);
    let output = assert.get_output();
    let out = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = out.lines().filter(|line| !line.contains('<')).collect();
    assert_eq!(lines, ["hello"]);
    let error = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<&str> = error.lines().collect();
    assert_eq!(errors.len(), 2, "{error}");
    assert!(
        errors
            .iter()
            .all(|line| line.ends_with("shell process exited with reason: killed")),
        "{error}"
    );
}

#[test]
fn help_has_an_example_for_every_command() {
    let commands: &[&[&str]] = &[
        &[],
        &["add-character"],
        &["learn"],
        &["children"],
        &["whereis"],
    ];
    for command in commands {
        let args: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        let assert = dynamic(&args).assert().success();
        let help = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        assert!(help.contains("Example:\n  "), "{args:?}: {help}");
    }
}
