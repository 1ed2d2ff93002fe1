//! The program, as a program.

use assert_cmd::Command;

fn nodes(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ch4-nodes"));
    command.args(args);
    command
}

#[test]
fn an_address_that_is_none_is_refused() {
    let assert = nodes(&["say", "superman"]).assert().code(2);
    let error = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let right = "expected a node and a name, such as b/superman";
    assert!(error.contains(right), "{error}");
}

#[test]
fn help_has_an_example_for_every_command() {
    for command in ["start", "stop", "list", "add", "say", "die", "home"] {
        let assert = nodes(&[command, "--help"]).assert().success();
        let help = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        assert!(help.contains("Example:\n  "), "{command}: {help}");
    }
}

/// A character that crashes too often is not started again: its command says so, and does not wait for ever.
#[test]
fn a_character_that_does_not_come_back_is_told() {
    let die = ["-e", "die b/x"].repeat(4);
    let script = ["--log", "off", "-e", "start b", "-e", "add b/x hello"];
    let args = [&script[..], &die].concat();
    let assert = nodes(&args).assert().code(1);
    let error = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(error.contains("b/x is not back after 5s"), "{error}");
}
