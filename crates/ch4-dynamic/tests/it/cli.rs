//! The program: what it prints, and how it ends.

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
fn a_newcomer_is_added_dies_comes_back_and_is_removed() {
    let story = "add-character yoshi \"hello\"\nsay yoshi\ndie yoshi\nsay yoshi\n\
                 remove-character yoshi\nchildren\n";
    for names in ["local", "global", "via"] {
        let args = ["--log", "off", "--names", names, "--characters", ""];
        let assert = dynamic(&args).write_stdin(story).assert().success();
        let output = assert.get_output();
        let out = String::from_utf8_lossy(&output.stdout);
        let told: Vec<&str> = out.lines().filter(|line| !line.contains('<')).collect();
        let story = [
            "hello",
            "Mayday! yoshi goes down: boom",
            "hello",
            "no children",
        ];
        assert_eq!(told, story, "{names}");
    }
}

#[test]
fn the_children_of_a_supervisor_can_be_asked_for_in_one_command() {
    let started = "start super_visor <0.3.0>";
    let nobody = "specs 0, active 0, supervisors 0, workers 0";
    let args = ["--characters", "", "count", "newcomers"];
    check(&args, "", 0, &[started, nobody], "");
    let args = ["--characters", "", "--supervisor", "static", "count"];
    check(&args, "", 0, &[started, nobody], "");
}

#[test]
fn what_makes_no_sense_is_refused_with_what_would_be_right() {
    check(
        &["--characters", "batman", "start"],
        "",
        2,
        &[],
        "nobody knows what they say",
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

/// The shell that the project is linked with dies, and the next one starts another project, at once.
#[test]
fn a_new_shell_begins_anew() {
    let script = "start\nkill self\nstart\nkill self\nadd-character yoshi hello\nsay yoshi\n";
    let args = ["--log", "off", "--keep-going", "--characters", ""];
    let assert = dynamic(&args).write_stdin(script).assert().code(1);
    let output = assert.get_output();
    let out = String::from_utf8_lossy(&output.stdout);
    let told: Vec<&str> = out.lines().filter(|line| !line.contains('<')).collect();
    assert_eq!(told, ["hello"]);
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
