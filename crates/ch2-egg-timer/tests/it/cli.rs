//! The output and the exit codes of the program.

use assert_cmd::Command;
use std::io::{BufRead, BufReader, Read};
use std::process::{self, Stdio};
use std::time::Duration;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_ch2-egg-timer");

fn egg_timer(args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(args).timeout(Duration::from_secs(20));
    command
}

fn stdout(mut command: Command) -> Vec<String> {
    let output = command.assert().success().get_output().clone();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout)
        .expect("text")
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn alarms_are_set_in_order_and_ring_by_expiry() {
    let lines = stdout(egg_timer(&[
        "schedule", "tea", "200ms", "eggs", "0s", "toast", "100ms",
    ]));
    let (set, rung) = lines.split_at(3);
    for (line, begin) in set.iter().zip([
        "set tea 200ms, rings at ",
        "set eggs 0s, rings at ",
        "set toast 100ms, rings at ",
    ]) {
        let time = line.strip_prefix(begin).unwrap_or_else(|| panic!("{line}"));
        let time = time
            .rsplit(' ')
            .next()
            .expect("a time, perhaps with a date before it");
        assert!(
            time.len() == 8 && time.split(':').all(|part| part.parse::<u8>().is_ok()),
            "{line}"
        );
    }
    assert_eq!(rung, ["ring eggs", "ring toast", "ring tea"]);
}

#[test]
fn a_message_follows_the_name() {
    for args in [
        ["schedule", "soft eggs", "0s", "--message", "take them out"],
        ["schedule", "--message", "take them out", "soft eggs", "0s"],
    ] {
        assert_eq!(
            stdout(egg_timer(&args)).last().map(String::as_str),
            Some("ring soft eggs take them out")
        );
    }
}

#[test]
fn a_message_may_begin_with_a_hyphen() {
    for message in ["-5 minutes late", "-hurry", "--> now"] {
        assert_eq!(
            stdout(egg_timer(&["schedule", "eggs", "0s", "--message", message])).last(),
            Some(&format!("ring eggs {message}"))
        );
    }
}

#[test]
fn an_invalid_argument_schedules_nothing_and_is_answered_with_a_valid_one() {
    fn check(args: &[&str], error: &str) {
        let mut command = egg_timer(&["schedule"]);
        let output = command
            .args(args)
            .assert()
            .code(2)
            .stdout("")
            .get_output()
            .clone();
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            format!("error: {error}\n"),
            "{args:?}"
        );
    }

    let example = "expected a number and a unit, such as 90s, 5m or 1h30m";
    check(
        &["eggs", "0s", "tea", "5x"],
        &format!(r#"invalid duration "5x": {example}"#),
    );
    check(&["eggs", ""], &format!(r#"invalid duration "": {example}"#));
    check(
        &["eggs", "0s", "tea"],
        &format!(r#"missing duration after "tea": {example}"#),
    );
    check(
        &["eggs", "5"],
        r#"invalid duration "5": expected a unit after the number: 5s, 5m or 5h"#,
    );
    for long in [
        "11y",
        "99999999999999999999999s",
        "18446744073709551615s1000ms",
    ] {
        check(
            &["eggs", long],
            &format!("invalid duration {long:?}: expected at most ten years (10y)"),
        );
    }
    check(
        &["eggs", "0s", "eggs", "0s"],
        r#"name "eggs" is given twice: expected a different name for each alarm"#,
    );
    check(
        &["", "0s"],
        r#"invalid name "": expected at least one visible character, such as eggs"#,
    );
    check(
        &["eggs", "1h", "30m"],
        r#"invalid name "30m": expected a name in place of a duration (a duration of several parts is one word, such as 1h30m)"#,
    );
}

#[test]
fn a_command_line_without_alarms_is_a_usage_error() {
    for args in [
        &["schedule"][..],
        &["schedule", "eggs", "-5m"],
        &["boil"],
        &["schedule", "eggs", "0s", "--mesage", "x"],
        &["schedule", "eggs", "0s", "--message", "a\nb"],
    ] {
        let output = egg_timer(args)
            .assert()
            .code(2)
            .stdout("")
            .get_output()
            .clone();
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("try '--help'"),
            "{args:?}"
        );
    }
}

#[test]
fn a_message_with_control_characters_is_refused_and_shown_escaped() {
    let refused = r"invalid value 'a\u{7}b\u{1b}[2J' for '--message <TEXT>'";
    let message = "a\u{7}b\u{1b}[2J";
    let arguments = egg_timer(&["schedule", "eggs", "0s", "--message", message]);
    let mut script = egg_timer(&[]);
    script.write_stdin(format!("schedule eggs 0s --message '{message}'\n"));
    for mut command in [arguments, script] {
        let output = command.assert().code(2).stdout("").get_output().clone();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(refused), "{error}");
    }
}

#[test]
fn without_a_command_the_program_does_nothing() {
    assert_eq!(stdout(egg_timer(&[])), [""; 0]);
}

/// As the only command there is no timer that could answer.
#[test]
fn a_command_that_needs_a_timer_names_the_commands_that_start_one() {
    for args in [
        &["status"][..],
        &["cancel", "eggs"],
        &["stop"],
        &["stop", "why"],
    ] {
        egg_timer(args)
            .assert()
            .code(1)
            .stdout("")
            .stderr("error: there is no egg timer: type `start` or `schedule` first\n");
    }
}

#[test]
fn help_has_an_example_and_version_a_number() {
    for args in [&["--help"][..], &["schedule", "--help"]] {
        assert!(
            stdout(egg_timer(args))
                .iter()
                .any(|line| line.starts_with("  ch2-egg-timer schedule eggs 5m"))
        );
    }
    assert_eq!(
        stdout(egg_timer(&["--version"])),
        [concat!("ch2-egg-timer ", env!("CARGO_PKG_VERSION"))]
    );
}

#[test]
fn the_program_runs_in_every_time_zone() {
    for zone in [
        "",
        ":",
        "nonsense",
        "UTC+24:59:59",
        "EST5EDT,M3.2.0,M11.1.0",
        "/dev/null",
        "\u{1}",
    ] {
        let mut command = egg_timer(&["schedule", "eggs", "0s"]);
        command.env("TZ", zone);
        assert_eq!(
            stdout(command).last().map(String::as_str),
            Some("ring eggs"),
            "TZ={zone:?}"
        );
    }
}

/// Starts the program with its output in pipes.
pub(crate) fn spawn(args: &[&str]) -> process::Child {
    let mut command = process::Command::new(PROGRAM);
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    otp_tests::signals::stop_programs();
    command.spawn().expect("the program starts")
}

pub(crate) fn text(stream: Option<impl Read>) -> String {
    let mut text = String::new();
    stream
        .expect("a pipe")
        .read_to_string(&mut text)
        .expect("text");
    text
}

#[test]
fn a_closed_standard_output_ends_the_program_without_an_error() {
    let mut child = spawn(&["schedule", "eggs", "0s", "tea", "100ms", "cathedral", "10y"]);
    let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .expect("a line, as soon as it is printed");
    assert!(line.starts_with("set eggs 0s, rings at "), "{line}");
    drop(reader);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    assert_eq!(text(child.stderr), "");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("a full device");
    let mut command = process::Command::new(PROGRAM);
    let output = command
        .args(["schedule", "eggs", "0s"])
        .stdout(full)
        .output()
        .expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).expect("text");
    assert!(
        error.starts_with("error: cannot write the output: "),
        "{error}"
    );
}
