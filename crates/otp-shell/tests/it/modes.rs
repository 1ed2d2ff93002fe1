//! One command, a script, a file: the same grammar each time.

use crate::support::{run, script};
use std::fs;
use std::path::PathBuf;

/// A file that goes with the test.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("otp-shell-{}-{name}", std::process::id()));
        fs::write(&path, text).expect("a temporary file can be written");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("the name is text")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn one_command_begins_with_a_new_state() {
    assert_eq!(run(&["state"]).well(), "0\n");
    assert_eq!(run(&["--initial", "10", "state"]).well(), "10\n");
    assert_eq!(run(&["add", "5"]).well(), "");
}

#[test]
fn the_commands_of_a_script_share_their_state() {
    let input = "# a sum\n\nadd 10\n  add '1' # one\nadd \"5\"\r\nstate";
    assert_eq!(script(&[], input).well(), "16\n");
    assert_eq!(script(&["--initial", "4"], "state\n").well(), "4\n");
}

#[test]
fn nothing_to_do_is_done_at_once() {
    assert_eq!(script(&[], "").well(), "");
    assert_eq!(script(&[], "\n\n# nothing\n").well(), "");
}

#[test]
fn a_line_does_not_begin_with_the_path_of_a_command() {
    for word in ["old/state", "state.txt", "./state", "state/", "..", "''"] {
        let ran = script(&[], format!("{word} state\nstate\n"));
        let word = if word == "''" { "" } else { word };
        let error =
            format!("error: line 1: unrecognized subcommand '{word}'\n\nUsage: <COMMAND>\n");
        assert!(ran.err.starts_with(&error), "{}", ran.err);
        assert_eq!((ran.code, &*ran.out), (2, ""));
    }
}

#[test]
fn lines_can_be_given_as_options() {
    let args = ["-e", "add 2", "-e", "state", "-e", "add 1\nstate"];
    assert_eq!(run(&args).well(), "2\n3\n");
}

#[test]
fn lines_as_options_exclude_a_command() {
    let refused = run(&["-e", "state", "add"]);
    assert_eq!((refused.code, &*refused.out), (2, ""));
    let error = "error: the option -e cannot be used together with a command\n";
    assert!(refused.err.starts_with(error), "{}", refused.err);
}

#[test]
fn a_file_is_run_in_the_session_that_runs_it() {
    let inner = File::new("inner", "add 2\nstate\n");
    let outer = format!("add 1\nrun {}\nadd 1\n", inner.path());
    let outer = File::new("outer", &outer);
    assert_eq!(run(&["run", outer.path()]).well(), "3\n");
    let input = format!("run {}\nstate\n", outer.path());
    assert_eq!(script(&[], input).well(), "3\n4\n");
}

#[test]
fn an_echo_makes_a_transcript() {
    let args = ["--echo"];
    let out = script(&args, "# not shown\n  add 2  # shown\n\nstate\n").well();
    assert_eq!(out, "> add 2  # shown\n> state\n2\n");
}

#[test]
fn a_failing_command_stops_a_script() {
    let input = "add 1\n\nidle a\nidle a\nstate\n";
    let error = "error: line 4: name a is taken by <0.2.0>\n";
    assert_eq!(script(&[], input).fails(1, error), "");
    let out = script(&["--keep-going"], input).fails(1, error);
    assert_eq!(out, "1\n");
}

#[test]
fn a_line_that_makes_no_sense_stops_a_script_with_its_number() {
    let refused = script(&[], "state\nsta\nstate\n");
    assert_eq!((refused.code, &*refused.out), (2, "0\n"));
    let error = "error: line 2: unrecognized subcommand 'sta'\n";
    assert!(refused.err.starts_with(error), "{}", refused.err);

    let refused = script(&[], "add x\n");
    assert_eq!(refused.code, 2);
    let error = "error: line 1: invalid value 'x' for '[N]'";
    assert!(refused.err.starts_with(error), "{}", refused.err);
}

#[test]
fn a_script_that_goes_on_ends_with_its_first_failure() {
    let args = ["--keep-going"];
    let first_refused = script(&args, "nonsense\nawait nobody --limit 1ms\nstate\n");
    assert_eq!((first_refused.code, &*first_refused.out), (2, "0\n"));
    let first_failed = script(&args, "await nobody --limit 1ms\nnonsense\nstate\nexit\n");
    assert_eq!((first_failed.code, &*first_failed.out), (1, "0\n"));
}

#[test]
fn a_failure_in_a_file_is_told_once_with_its_place() {
    let inner = File::new("failing", "state\nadd 18446744073709551615\nadd 1\nstate\n");
    let input = format!("run {}\nstate\n", inner.path());
    let error = format!(
        "error: line 3 of {}: the count would overflow\n",
        inner.path()
    );
    assert_eq!(script(&[], &*input).fails(1, &error), "0\n");
    let out = script(&["--keep-going"], input).fails(1, &error);
    assert_eq!(out, "0\n18446744073709551615\n18446744073709551615\n");
}

#[test]
fn a_file_that_cannot_be_read_is_a_failure() {
    let failed = run(&["run", "/nowhere/at/all"]);
    assert_eq!(failed.code, 1);
    let error = "error: cannot read /nowhere/at/all: ";
    assert!(failed.err.starts_with(error), "{}", failed.err);
    // A directory can be opened, but not read.
    let failed = run(&["run", "/", "--keep-going"]);
    assert_eq!(failed.code, 1);
    assert!(failed.err.contains("cannot read "), "{}", failed.err);
}

#[test]
fn a_script_that_runs_itself_comes_to_an_end() {
    let file = File::new("itself", "");
    fs::write(&file.0, format!("add 1\nrun {}\nstate\n", file.path())).expect("it can be written");
    let failed = run(&["run", file.path()]);
    assert_eq!((failed.code, &*failed.out), (1, ""));
    assert!(failed.err.contains("more than 16 deep"), "{}", failed.err);
}

#[test]
fn a_session_can_be_left_with_a_code() {
    assert_eq!(script(&[], "state\nexit\nstate\n").well(), "0\n");
    assert_eq!(script(&[], "exit 3\nstate\n").fails(3, ""), "");
    assert_eq!(run(&["exit", "4"]).fails(4, ""), "");
    let failing = "kill nobody\nexit";
    let error = "error: line 1: no process is registered as nobody\n";
    script(&["--keep-going"], failing).fails(1, error);
    script(&["--keep-going"], format!("{failing} 0")).fails(0, error);
    let inner = File::new("leaving", "exit 5\n");
    let input = format!("run {}\nstate\n", inner.path());
    assert_eq!(script(&["--keep-going"], input).fails(5, ""), "");
}

#[test]
fn help_lists_what_can_be_typed() {
    for out in [
        run(&["--help"]).well(),
        run(&["help"]).well(),
        script(&[], "help\n").well(),
    ] {
        for command in [
            "  add ",
            "  state ",
            "  processes ",
            "  trap_exit ",
            "  exit ",
        ] {
            assert!(out.contains(&format!("\n{command}")), "{command}: {out}");
        }
    }
    assert!(
        run(&["--help"])
            .well()
            .contains("Example:\n  demo-shell --initial 10 add 5")
    );
}

#[test]
fn every_command_of_the_shell_explains_itself_with_an_example() {
    let list = script(&[], "help\n").well();
    let (_, builtins) = list
        .split_once("Shell commands:\n")
        .expect("a list of them");
    let names = builtins
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<_> = names
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(names.len(), 25, "{names:?}");
    for name in names {
        for help in [
            run(&["help", name]).well(),
            run(&[name, "--help"]).well(),
            script(&[], format!("help {name}\n")).well(),
        ] {
            assert!(help.contains(&format!("Example:\n  {name}")), "{help}");
        }
    }
}

#[test]
fn colours_can_be_asked_for_where_there_is_no_terminal() {
    let coloured = |name: &str, value: &str| {
        let mut command = crate::support::demo(&["-e", "kill nobody"]);
        let output = command.env(name, value).output().expect("it runs");
        output.stderr.contains(&0x1b)
    };
    assert!(coloured("CLICOLOR_FORCE", "1"));
    assert!(!coloured("CLICOLOR_FORCE", "0"));
    assert!(!coloured("NO_COLOR", "1"));
}

#[test]
fn a_unit_in_the_wrong_case_is_a_slip() {
    for args in [&["sleep", "5M"][..], &["await", "nobody", "--limit", "5M"]] {
        let refused = run(args);
        assert_eq!((refused.code, &*refused.out), (2, ""));
        assert!(
            refused.err.contains("5m is five minutes"),
            "{}",
            refused.err
        );
    }
}

#[test]
fn version_is_a_number() {
    let version = concat!("demo-shell ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(run(&["--version"]).well(), version);
}
