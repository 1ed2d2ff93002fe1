//! The commands of a session, where the recorded ones say nothing: what is refused, and what is left behind.

use crate::cli::calculator;

/// Types a script; returns what was printed, on both outputs, and the exit code.
#[track_caller]
fn check(script: &str, stdout: &str, stderr: &str, code: i32) {
    let output = calculator(&["--keep-going"])
        .write_stdin(script)
        .assert()
        .code(code)
        .get_output()
        .clone();
    assert_eq!(String::from_utf8_lossy(&output.stdout), stdout);
    assert_eq!(String::from_utf8_lossy(&output.stderr), stderr);
}

#[test]
fn without_a_calculator_every_command_that_needs_one_says_how_to_start_one() {
    for command in [
        "add 1",
        "fold add 1 2",
        "clear",
        "state",
        "stop",
        "call inc",
        "busy 1ms",
    ] {
        check(
            command,
            "",
            "error: line 1: no calculator: start one first, with a command such as `start 10`\n",
            1,
        );
    }
}

#[test]
fn after_stop_there_is_no_calculator_and_its_name_is_free() {
    for boundary in ["handmade", "otp"] {
        check(
            &format!(
                "start 1 --boundary {boundary} --name calc\nstop\nsleep 50ms\nwhereis calc\nstate\n\
                 start 2 --boundary {boundary} --name calc\nstate\n"
            ),
            "started <0.2.0>\nundefined\nstarted <0.3.0>\n2\n",
            "error: line 5: no calculator: start one first, with a command such as `start 10`\n",
            1,
        );
    }
}

#[test]
fn a_name_that_is_taken_starts_nothing_and_leaves_the_calculator_alone() {
    for boundary in ["handmade", "otp"] {
        check(
            &format!(
                "start 1 --name calc\nstart 2 --boundary {boundary} --name calc\nsleep 50ms\nstate\nprocesses\n"
            ),
            "started <0.2.0>\n1\n<0.1.0>  shell  running  queue 0\n<0.2.0>  calc   waiting  queue 0\n",
            "error: line 2: name calc is taken by <0.2.0>\n",
            1,
        );
    }
}

#[test]
fn a_session_begins_as_the_options_of_the_program_say() {
    for (boundary, who) in [("handmade", "start"), ("otp", "Calculator")] {
        let output = calculator(&["--initial", "7", "--boundary", boundary])
            .write_stdin("start\nprocesses\nstate\n")
            .assert()
            .success()
            .get_output()
            .clone();
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(stdout.ends_with("\n7\n"), "{stdout}");
        assert!(stdout.contains(&format!("<0.2.0>  {who}")), "{stdout}");
    }
}

#[test]
fn a_calculator_made_by_hand_answers_no_calls() {
    check(
        "start 1 --boundary handmade\ncall add 1\nstate\n",
        "started <0.2.0>\n1\n",
        "error: line 2: a calculator made by hand answers no calls: take one with the boundary otp\n",
        1,
    );
}

#[test]
fn a_crash_within_a_fold_is_told_to_the_caller() {
    let output = calculator(&["--keep-going"])
        .write_stdin("start 10 --unlinked\ncall fold divide 2 0 5\n")
        .assert()
        .code(1)
        .get_output()
        .clone();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        stderr.ends_with("\nerror: line 2: the calculator has crashed: division by zero\n"),
        "{stderr}"
    );
}

#[test]
fn many_commands_are_done_in_order() {
    let mut script = String::from("start 0\n");
    for _ in 0..2000 {
        script.push_str("inc\n");
    }
    script.push_str("state\n");
    check(&script, "started <0.2.0>\n2000\n", "", 0);
}

#[test]
fn the_small_programs_are_kept_apart_by_their_names() {
    check(
        "stack push a\nstack push b --name other\nstack state\nstack state --name other\n\
         counter inc --name stack\nstack start\n",
        "[\"a\"]\n[\"b\"]\n",
        "error: line 5: already started as <0.2.0>\nerror: line 6: already started as <0.2.0>\n",
        1,
    );
}

#[test]
fn what_cannot_be_counted_or_waited_for_is_refused() {
    for (command, words) in [
        ("counter stress --clients 0", "0 is not in 1..=10000"),
        ("counter stress --each 10001", "10001 is not in 1..=10000"),
        ("counter start -1", "unexpected argument '-1'"),
        (
            "clock start --every 0s",
            "'0s' for '--every <DURATION>': expected at least 1ms",
        ),
        (
            "clock start --every soon",
            "'soon' for '--every <DURATION>': expected numbers with units",
        ),
        (
            "state --limit 5",
            "'5' for '--limit <DURATION>': expected numbers with units",
        ),
        (
            "start 1 --name ''",
            "'' for '--name <NAME>': expected a name of at least one character",
        ),
        (
            "start 1 --boundary none",
            "[possible values: handmade, otp]",
        ),
        ("forge boom", "'boom' for '<N>': expected a decimal number"),
        ("stack pop 3", "unexpected argument '3'"),
    ] {
        let output = calculator(&["-e", command])
            .assert()
            .code(2)
            .stdout("")
            .get_output()
            .clone();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(stderr.contains(words), "{command}: {stderr}");
    }
}

#[test]
fn every_example_in_the_help_texts_of_sessions_is_a_command() {
    let commands = [
        &["start"][..],
        &["stop"],
        &["call"],
        &["busy"],
        &["forge"],
        &["stack", "start"],
        &["stack", "push"],
        &["stack", "pop"],
        &["stack", "state"],
        &["counter", "start"],
        &["counter", "inc"],
        &["counter", "state"],
        &["counter", "stress"],
        &["clock", "start"],
        &["clock", "stop"],
        &["clock", "tick"],
        &["clock", "state"],
    ];
    for command in commands {
        let output = calculator(command).arg("--help").assert().success();
        let help = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        let mut lines = help.lines().skip_while(|line| *line != "Example:").skip(1);
        let example = lines.next().expect("an example").trim();
        match example.strip_prefix("$ ch1-calculator ") {
            // Alone it prints what stands below.
            Some(arguments) => {
                let answer = lines.next().expect("its output").trim();
                let arguments: Vec<&str> = arguments.split(' ').collect();
                let run = calculator(&arguments).assert().success();
                run.stdout(format!("{answer}\n")).stderr("");
            }
            // In a session it may fail for want of something to work on, but it is understood.
            None => {
                let run = calculator(&["-e", example]).output().expect("it runs");
                assert_ne!(run.status.code(), Some(2), "{example}: {run:?}");
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_clock_alone_ticks_until_it_is_interrupted() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let mut clock = Command::new(env!("CARGO_BIN_EXE_ch1-calculator"))
        .args(["clock", "start", "--every", "20ms"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut lines = BufReader::new(clock.stdout.take().expect("piped")).lines();
    for begin in ["started <0.2.0>", "tick 1: ", "tick 2: "] {
        let line = lines.next().expect("a line").expect("text");
        assert!(line.starts_with(begin), "{line}");
    }
    let pid = clock.id().to_string();
    let kill = Command::new("kill").args(["-INT", &pid]).status();
    assert!(kill.expect("unix has it").success());
    assert_eq!(clock.wait().expect("it ends").code(), Some(130));
}
