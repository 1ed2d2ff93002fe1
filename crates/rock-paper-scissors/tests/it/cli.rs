//! The output and the exit codes of the program.

use assert_cmd::Command;
use std::time::Duration;

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rock-paper-scissors"));
    command.args(args).timeout(Duration::from_secs(60));
    command
}

#[test]
fn an_invalid_argument_is_answered_with_a_valid_one() {
    for (args, expected) in [
        (
            &["tournament", "1", "--crash", "2/1"][..],
            "expected a fraction between 0 and 1, such as 1/10",
        ),
        (&["tournament", "0"], "0 is not in 1..=1000000"),
        (&["duel", "lizard"], "expected rock, paper or scissors"),
        (&["join", ""], "expected a name of at least one character"),
    ] {
        let assert = program(args).assert().code(2).stdout("");
        let error = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(error.contains(expected), "{args:?}: {error}");
    }
}

/// The lobby is linked with the shell, so it ends with the shell. A command in the next shell opens another lobby.
#[test]
fn a_new_shell_has_a_new_lobby() {
    let script = "join ann\nopen\nkill self\njoin ann\nkill self\njoin ann\ngames\n";
    let args = ["--log", "off", "--keep-going"];
    let assert = program(&args).write_stdin(script).assert().code(1);
    assert
        .stdout("ann waits\nann waits\nann waits\nann waits\n")
        .stderr(
            "error: line 2: the lobby is open already: `close` closes it\n\
             ** (EXIT from <0.1.0>) shell process exited with reason: killed\n\
             ** (EXIT from <0.8.0>) shell process exited with reason: killed\n",
        );
}

#[test]
fn a_tournament_prints_a_table_that_counts_every_game() {
    for policy in ["temporary", "transient", "saved"] {
        let args = [
            "--log",
            "off",
            "tournament",
            "200",
            "--crash",
            "1/5",
            "--policy",
            policy,
        ];
        let assert = program(&args).assert().success();
        let out = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        let rows: Vec<(&str, u32)> = out
            .lines()
            .map(|line| {
                let (kind, games) = line.split_once(' ').expect("a row has two columns");
                (kind, games.trim().parse().expect("the second is a number"))
            })
            .collect();
        let names = [
            "decided",
            "drawn",
            "forfeited",
            "aborted",
            "disputed",
            "stranded",
        ];
        assert_eq!(
            rows.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
            names
        );
        assert_eq!(
            rows.iter().map(|(_, games)| games).sum::<u32>(),
            200,
            "{policy}: {out}"
        );
        assert_eq!(
            rows[4..],
            [("disputed", 0), ("stranded", 0)],
            "{policy}: {out}"
        );
        assert_eq!(rows[3].1 > 0, policy == "temporary", "{policy}: {out}");
    }
}

#[test]
fn duels_with_the_same_seed_are_equal() {
    let duel = || {
        let assert = program(&["duel", "rock", "--seed", "7"]).assert().success();
        String::from_utf8_lossy(&assert.get_output().stdout).into_owned()
    };
    let first = duel();
    assert!(first.starts_with("you: rock, computer: "), "{first}");
    assert_eq!(duel(), first);
}

#[test]
fn help_has_an_example_for_every_command() {
    let commands: &[&[&str]] = &[
        &[],
        &["open"],
        &["join"],
        &["crash", "game"],
        &["tournament"],
    ];
    for command in commands {
        let args: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        let assert = program(&args).assert().success();
        let help = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        assert!(help.contains("Example:\n  "), "{args:?}: {help}");
    }
}
