//! Commands of a session that the recorded sessions do not cover.

use crate::cli::calculator;

/// Runs a script, and checks its output, its errors and its exit code.
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
fn a_command_that_needs_a_calculator_names_the_command_that_starts_one() {
    for command in ["add 1", "fold add 1 2", "clear", "state", "busy 1ms"] {
        check(
            command,
            "",
            "error: line 1: no calculator: type `start 10` first\n",
            1,
        );
    }
}

#[test]
fn a_start_with_a_registered_name_starts_nothing() {
    for boundary in ["handmade", "otp"] {
        check(
            &format!(
                "start 1 --name calc\nstart 2 --boundary {boundary} --name calc\nsleep 50ms\nstate\nprocesses\n"
            ),
            "started <0.2.0>\n1\n<0.1.0>  shell  running  queue 0\n<0.2.0>  calc   waiting  queue 0\n",
            "error: line 2: the name is registered for <0.2.0>: choose another name\n",
            1,
        );
    }
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
fn an_invalid_argument_is_refused() {
    for (command, words) in [
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
    let commands = [["start"], ["busy"]];
    for command in commands {
        let output = calculator(&command).arg("--help").assert().success();
        let help = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        let mut lines = help.lines().skip_while(|line| *line != "Example:").skip(1);
        let example = lines.next().expect("an example").trim();
        match example.strip_prefix("$ ch1-calculator ") {
            // As the only command it prints the line below.
            Some(arguments) => {
                let answer = lines.next().expect("its output").trim();
                let arguments: Vec<&str> = arguments.split(' ').collect();
                let run = calculator(&arguments).assert().success();
                run.stdout(format!("{answer}\n")).stderr("");
            }
            // A command of a session may fail without a calculator, but it is valid.
            None => {
                let run = calculator(&["-e", example]).output().expect("it runs");
                assert_ne!(run.status.code(), Some(2), "{example}: {run:?}");
            }
        }
    }
}

/// The server made by hand accepts messages from all processes, and the shell accepts its answers.
#[test]
fn send_delivers_a_message_and_receive_prints_the_answer() {
    check(
        "start 10 --boundary handmade\nsend 0.2.0 add 5\nsend 0.2.0 state\nreceive\nsend 0.2.0 sqrt 4\n\
         alive 0.2.0\nreceive --limit 10ms\nkill 0.2.0\nawait calculator\nalive 0.2.0\n",
        "started <0.2.0>\nstate 15\ntrue\nfalse\n",
        "error: line 5: invalid message \"sqrt 4\": expected state, or an operation such as add 10\n\
         error: line 7: nothing was received within 10ms\n",
        2,
    );
}

#[test]
fn an_error_in_a_script_names_the_help_command() {
    check(
        "add five\n",
        "",
        "error: line 1: invalid value 'five' for '<N>': expected a decimal number, such as 12, -0.5 or 2e3\n\n\
         For more information, try 'help add'.\n",
        2,
    );
}
