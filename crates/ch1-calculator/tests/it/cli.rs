//! The output and the exit codes of the program.

use assert_cmd::Command;
use std::{io::Read, process::Stdio, time::Instant};

pub(crate) fn calculator(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ch1-calculator"));
    // With this variable a report ends with a backtrace.
    command.args(arguments).env_remove("RUST_BACKTRACE");
    command
}

/// The program prints this total, and nothing else.
#[track_caller]
fn check(arguments: &[&str], total: &str) {
    let run = calculator(arguments).assert().success();
    run.stdout(format!("{total}\n")).stderr("");
}

/// The program is a usage error: it starts nothing, and its message contains these words.
#[track_caller]
fn check_usage(arguments: &[&str], words: &str) {
    let output = calculator(arguments)
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
fn every_operation_prints_the_total_after_it() {
    check(&["--initial", "10", "subtract", "4"], "6");
    check(&["add", "1.5"], "1.5");
    check(&["--initial", "10", "multiply", "4"], "40");
    check(&["--initial", "10", "divide", "4"], "2.5");
    check(&["--initial", "2.5", "negate"], "-2.5");
    check(&["inc"], "1");
    check(&["dec"], "-1");
    check(&["--initial", "10", "clear"], "0");
    check(&["--initial", "10.0", "state"], "10");
    check(&["--initial", "10", "fold", "subtract", "1", "2", "3"], "4");
    check(&["--initial", "10", "fold", "inc", "1", "2", "3"], "13");
    check(&["--initial", "10", "fold", "add"], "10");
}

#[test]
fn numbers_are_exact() {
    check(&["--initial", "0.1", "add", "0.2"], "0.3");
    check(
        &["--initial", "9223372036854775807", "add", "1"],
        "9223372036854775808",
    );
    check(
        &["--initial", "1", "divide", "3"],
        "0.333333333333333333333333333333",
    );
    check(
        &["--initial", "1", "fold", "divide", "3", "7"],
        "0.047619047619047619047619047619",
    );
}

#[test]
fn negative_numbers_need_no_quoting() {
    check(&["add", "-5"], "-5");
    check(&["add", "-.5"], "-0.5");
    check(&["add", "-5e-1"], "-0.5");
    check(&["--initial", "-3", "subtract", "-5"], "2");
    check(&["--initial=-3", "state"], "-3");
    check(&["fold", "add", "-1", "2", "-3.5"], "-2.5");
}

#[test]
fn options_may_stand_behind_the_operation() {
    check(&["subtract", "4", "--initial", "10"], "6");
    check(&["fold", "subtract", "4", "--initial", "10"], "6");
}

// S6, S11
#[test]
fn division_by_zero_crashes_the_calculator_and_says_so_at_once() {
    let began = Instant::now();
    let output = calculator(&["--initial", "10", "divide", "0"])
        .assert()
        .code(1)
        .stdout("")
        .get_output()
        .clone();
    assert!(
        began.elapsed().as_secs() < 4,
        "it should not wait for an answer"
    );

    let stderr = String::from_utf8(output.stderr).expect("text");
    assert!(
        stderr.contains(" [error] "),
        "a report comes first: {stderr}"
    );
    assert!(stderr.contains("division by zero"), "{stderr}");
    assert!(
        stderr.ends_with("\nerror: the calculator has crashed: division by zero\n"),
        "{stderr}"
    );
    assert!(!stderr.contains('\x1b'), "no colours on a pipe: {stderr}");
}

// S9
#[test]
fn the_report_of_the_gen_server_shows_its_last_message_and_state() {
    let output = calculator(&["--initial", "10", "divide", "0"])
        .output()
        .expect("it runs");
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert!(stderr.contains("Divide(0)"), "{stderr}");
    assert!(stderr.contains("State: 10"), "{stderr}");
}

#[test]
fn a_division_by_zero_within_a_fold_crashes_too() {
    let output = calculator(&["--initial", "10", "fold", "divide", "2", "0", "5"])
        .assert()
        .code(1)
        .stdout("")
        .get_output()
        .clone();
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert!(
        stderr.ends_with("error: the calculator has crashed: division by zero\n"),
        "{stderr}"
    );
}

#[test]
fn a_result_with_too_many_digits_is_an_overflow() {
    let arguments = ["--initial", "1e900", "fold", "multiply", "1e90", "1e90"];
    let output = calculator(&arguments)
        .assert()
        .code(1)
        .stdout("")
        .get_output()
        .clone();
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert!(
        stderr.ends_with(
            "error: the calculator has crashed: overflow: the result needs more than 1000 digits\n"
        ),
        "{stderr}"
    );
}

// S8
#[test]
fn an_invalid_number_is_refused_before_a_start() {
    let expected = "expected a decimal number, such as 12, -0.5 or 2e3";
    check_usage(&["add", "boom"], &format!("'boom' for '<N>': {expected}"));
    check_usage(&["add", ""], expected);
    check_usage(&["add", "-x"], expected);
    check_usage(&["--initial", "1,5", "inc"], expected);
    check_usage(
        &["fold", "add", "1", "two"],
        &format!("'two' for '[N]...': {expected}"),
    );
    check_usage(
        &["add", "1e999999999"],
        "'1e999999999' for '<N>': expected at most 1000 digits",
    );
    check_usage(
        &["--initial", "1e-999999999", "inc"],
        "expected at most 1000 digits",
    );
}

#[test]
fn an_invalid_command_line_is_refused() {
    check_usage(&["sqrt", "4"], "unrecognized subcommand 'sqrt'");
    check_usage(&["add"], "<N>");
    check_usage(&["negate", "4"], "unexpected argument '4'");
    check_usage(&["add", "1", "2"], "unexpected argument '2'");
    check_usage(&["fold", "clear", "1"], "invalid value 'clear'");
    check_usage(
        &["start", "--boundary", "none"],
        "[possible values: handmade, otp]",
    );
    check_usage(
        &["--log", "loud", "inc"],
        "[possible values: off, error, warn, info, debug]",
    );
}

#[test]
fn no_command_at_all_is_a_script_on_standard_input() {
    calculator(&[]).assert().success().stdout("").stderr("");
    calculator(&[])
        .write_stdin("start 10\nadd 1\nadd 5\nstate\n")
        .assert()
        .success()
        .stdout("started <0.2.0>\n16\n")
        .stderr("");
}

#[test]
fn help_and_version_are_answered_on_standard_output() {
    let commands = [
        "add", "subtract", "multiply", "divide", "negate", "inc", "dec", "clear", "state", "fold",
    ];
    for command in commands {
        let output = calculator(&[command, "--help"])
            .assert()
            .success()
            .stderr("");
        let help = String::from_utf8(output.get_output().stdout.clone()).expect("text");
        assert!(
            help.contains("Example:\n  $ ch1-calculator"),
            "{command}: {help}"
        );
        assert!(help.contains(&format!(" {command}")), "{command}: {help}");
    }
    let output = calculator(&["--help"]).assert().success().stderr("");
    let help = String::from_utf8(output.get_output().stdout.clone()).expect("text");
    assert!(
        help.contains("Example:\n  $ ch1-calculator --initial 10 subtract 4\n  6"),
        "{help}"
    );

    let version = format!("ch1-calculator {}\n", env!("CARGO_PKG_VERSION"));
    calculator(&["--version"])
        .assert()
        .success()
        .stdout(version)
        .stderr("");
}

#[test]
fn every_example_in_the_help_texts_is_true() {
    let commands = [
        "add", "subtract", "multiply", "divide", "negate", "inc", "dec", "clear", "state", "fold",
    ];
    for command in commands {
        let output = calculator(&[command, "--help"]).output().expect("it runs");
        let help = String::from_utf8(output.stdout).expect("text");
        let mut lines = help.lines().skip_while(|line| *line != "Example:").skip(1);
        let example = lines.next().expect("an example").trim();
        let answer = lines.next().expect("its output").trim();
        let arguments: Vec<&str> = example
            .strip_prefix("$ ch1-calculator ")
            .expect("a command")
            .split(' ')
            .collect();
        check(&arguments, answer);
    }
}

#[test]
fn a_closed_standard_output_is_no_failure() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_ch1-calculator"))
        .arg("inc")
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            let mut stderr = String::new();
            child
                .stderr
                .take()
                .expect("piped")
                .read_to_string(&mut stderr)?;
            assert_eq!(stderr, "");
            child.wait()
        })
        .expect("it runs");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn with_a_closed_standard_error_only_the_reports_are_lost() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_ch1-calculator"))
        .args(["divide", "0"])
        .stdout(Stdio::null())
        .stderr(writer)
        .status()
        .expect("it runs");
    assert_eq!(status.code(), Some(1));
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_is_a_failure() {
    for argument in ["inc", "--help", "--version"] {
        let full = std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("linux has it");
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_ch1-calculator"))
            .arg(argument)
            .stdout(full)
            .stderr(Stdio::piped())
            .output()
            .expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{argument}");
        let stderr = String::from_utf8(output.stderr).expect("text");
        assert!(
            stderr.starts_with("error: cannot write the output: "),
            "{stderr}"
        );
    }
}
