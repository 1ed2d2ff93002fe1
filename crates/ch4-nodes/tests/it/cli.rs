//! Tests of the program.

use assert_cmd::Command;

fn nodes(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ch4-nodes"));
    command.args(args);
    command
}

#[test]
fn an_invalid_address_is_refused() {
    let assert = nodes(&["say", "superman"]).assert().code(2);
    let error = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let expected = "expected a node and a name, such as b/superman";
    assert!(error.contains(expected), "{error}");
}

#[test]
fn help_has_an_example_for_every_command() {
    for command in ["start", "stop", "list", "add", "say", "die", "home"] {
        let assert = nodes(&[command, "--help"]).assert().success();
        let help = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        assert!(help.contains("Example:\n  "), "{command}: {help}");
    }
}

/// A character that crashes too often is not restarted. Its command reports this after a time limit.
#[test]
fn a_character_that_is_not_restarted_is_reported() {
    let die = ["-e", "die b/x"].repeat(4);
    let script = ["--log", "off", "-e", "start b", "-e", "add b/x hello"];
    let args = [&script[..], &die].concat();
    let assert = nodes(&args).assert().code(1);
    let error = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(error.contains("b/x was not restarted within 5s"), "{error}");
}
