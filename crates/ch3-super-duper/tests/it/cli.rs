//! The output and the exit codes of the program.

use assert_cmd::Command;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ch3-super-duper"));
    // With this variable a report ends with a backtrace.
    command.args(arguments).env_remove("RUST_BACKTRACE");
    command
}

/// The lines of standard output, with `<pid>` for each pid, and the exit code.
fn run(arguments: &[&str]) -> (Vec<String>, i32) {
    let output = program(arguments).output().expect("the program is there");
    let text = String::from_utf8(output.stdout).expect("it prints text");
    let lines = text.lines().map(without_pids).collect();
    (lines, output.status.code().expect("no signal ends it"))
}

fn without_pids(line: &str) -> String {
    let mut words = line.split('<');
    let mut plain = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (_, rest) = word.split_once('>').expect("a pid is closed");
        plain.push_str("<pid>");
        plain.push_str(rest);
    }
    plain
}

/// The program is a usage error: it starts nothing, and its message contains these words.
#[track_caller]
fn check_usage(arguments: &[&str], words: &str) {
    let output = program(arguments)
        .assert()
        .code(2)
        .stdout("")
        .get_output()
        .clone();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        stderr.contains(words),
        "{stderr:?} should contain {words:?}"
    );
}

#[test]
fn one_command_starts_the_tree_and_stops_it() {
    let (lines, code) = run(&["--strategy", "one-for-all", "die", "superdave"]);
    assert_eq!(
        lines,
        [
            "start super_visor <pid>",
            "start superdave <pid>",
            "start superman <pid>",
            "start supermario <pid>",
            "before: supermario <pid>, superman <pid>, superdave <pid>",
            "Mayday! superdave goes down: boom",
            "restart superdave <pid>",
            "restart superman <pid>",
            "restart supermario <pid>",
            "after:  supermario <pid>, superman <pid>, superdave <pid>",
            "stopped super_visor",
        ]
    );
    assert_eq!(code, 0);
}

#[test]
fn options_stand_before_the_command_or_behind_it() {
    let before = run(&["--restart", "temporary", "kill", "superman"]);
    assert_eq!(before, run(&["kill", "superman", "--restart", "temporary"]));
    assert!(
        before
            .0
            .contains(&"after:  supermario <pid>, superdave <pid>".to_owned())
    );
}

#[test]
fn a_crash_loop_ends_the_program_with_1_and_a_report() {
    let output = program(&["die", "superman", "--times", "4"])
        .assert()
        .code(1);
    let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(stderr.contains("Child superman of Supervisor super_visor caused shutdown"));
    assert!(stderr.contains("reached_max_restart_intensity"));
    assert!(
        stderr.ends_with("shell process exited with reason: shutdown\n"),
        "{stderr}"
    );
    // Three crashes are within the limit.
    program(&["die", "superman", "--times", "3"])
        .assert()
        .code(0);
    let none = ["--max-restarts", "0/5s", "die", "superman"];
    program(&none).assert().code(1);
}

#[test]
fn a_command_that_fails_stops_the_tree() {
    let (lines, code) = run(&["--trap", "say", "batman"]);
    assert_eq!(code, 1);
    assert_eq!(
        lines[4..],
        [
            "Mayday! supermario goes down: shutdown",
            "Mayday! superman goes down: shutdown",
            "Mayday! superdave goes down: shutdown",
            "stopped super_visor",
        ]
    );
}

#[test]
fn only_characters_can_be_told_to_die() {
    let script = ["-e", "app start", "-e", "die super_visor"];
    let output = program(&script).assert().code(1);
    let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert_eq!(
        stderr,
        "error: line 2: super_visor understands no such message\n"
    );
    let script = ["-e", "app start", "-e", "die 0.3.0", "-e", "say superdave"];
    program(&script).assert().code(1);
    let script = ["-e", "app start", "-e", "stop super_visor"];
    program(&script).assert().code(1);
}

#[test]
fn the_log_level_selects_the_reports_on_standard_error() {
    let quiet = program(&["--log", "off", "die", "superman"])
        .assert()
        .code(0);
    quiet.stderr("");
    let loud = program(&["--log", "info", "app", "start"]).assert().code(0);
    let stderr = String::from_utf8_lossy(&loud.get_output().stderr).into_owned();
    assert_eq!(
        stderr.matches("of Supervisor super_visor started").count(),
        3
    );
}

#[test]
fn an_invalid_argument_is_refused() {
    check_usage(&["--strategy", "one-for-some", "children"], "one-for-one");
    check_usage(
        &["--restart", "always", "children"],
        "permanent, transient, temporary",
    );
    check_usage(
        &["--shutdown", "soon", "children"],
        "expected a duration such as 5s, brutal-kill",
    );
    check_usage(&["--max-restarts", "3", "children"], "such as 3/5s");
    check_usage(&["--max-restarts", "3/0s", "children"], "such as 3/5s");
    check_usage(&["die"], "<NAME>");
    check_usage(&["die", ""], "expected a name");
    check_usage(&["die", "superman", "--times", "0"], "0 is not in 1..=1000");
    check_usage(&["spawn", "fly"], "unrecognized subcommand");
}

#[test]
fn a_brutal_kill_leaves_no_last_words() {
    let (lines, code) = run(&["--trap", "--shutdown", "brutal-kill", "app", "start"]);
    assert_eq!(lines[4..], ["stopped super_visor"]);
    assert_eq!(code, 0);
}

#[test]
fn every_command_has_an_example() {
    let commands = [
        "add",
        "children",
        "count",
        "delete",
        "die",
        "kill",
        "remove",
        "restart",
        "say",
        "spawn",
        "spawn-link",
        "spawn-monitor",
        "spec",
        "start",
        "stop",
        "terminate",
    ];
    for command in commands {
        let (lines, code) = run(&[command, "--help"]);
        assert_eq!(code, 0);
        assert!(lines.iter().any(|line| line == "Example:"), "{command}");
    }
    for (group, command) in [("app", "start"), ("app", "stop"), ("spawn", "wait")] {
        let (lines, _) = run(&[group, command, "--help"]);
        assert!(
            lines.iter().any(|line| line == "Example:"),
            "{group} {command}"
        );
    }
}

/// The tree runs until a signal, and then stops in order.
#[cfg(unix)]
#[test]
fn a_service_is_stopped_by_a_signal() {
    otp_tests::signals::stop_programs();
    for name in ["-INT", "-TERM"] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_ch3-super-duper"))
            .args(["--trap", "app", "run"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program is there");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut lines = lines.map(|line| without_pids(&line.expect("a line")));
        assert!(lines.any(|line| line == "start supermario <pid>"));
        let kill = std::process::Command::new("kill")
            .args([name, &child.id().to_string()])
            .status();
        assert!(kill.expect("there is a kill program").success());
        assert_eq!(
            lines.collect::<Vec<_>>(),
            [
                "Mayday! supermario goes down: shutdown",
                "Mayday! superman goes down: shutdown",
                "Mayday! superdave goes down: shutdown",
                "stopped super_duper",
            ]
        );
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
    }
    let none = ["--characters", "batman", "--log", "off", "app", "run"];
    program(&none).assert().code(1);
}
