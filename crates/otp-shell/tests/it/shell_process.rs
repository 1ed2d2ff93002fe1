//! The shell is a process: what ends it, and what does not.

use crate::support::{run, script};

#[test]
fn a_panic_is_the_failure_of_its_command() {
    let ran = script(
        &["--keep-going"],
        "add 3\npanic\nstate\nwhereis self\nprocesses\n",
    );
    assert_eq!(ran.code, 1);
    let out = "3\nundefined\n<0.1.0>  shell  running  queue 0\n";
    assert_eq!(ran.out, out);
    let error = "error: line 2: the command panicked: typed at the prompt (";
    assert!(ran.err.starts_with(error), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);

    let ran = run(&["panic"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.starts_with("error: the command panicked: "),
        "{}",
        ran.err
    );
}

#[test]
fn a_crash_of_a_linked_process_is_the_shells() {
    // The sleep is never slept: the crash ends it.
    let ran = script(&["--log", "error"], "add 3\ncrash\nsleep 1h\nstate\n");
    assert_eq!((ran.code, &*ran.out), (1, ""));
    let died = "** (EXIT from <0.1.0>) shell process exited with reason: panicked: on purpose (";
    assert!(ran.err.contains(died), "{}", ran.err);
    assert!(
        ran.err.contains("[error] Process <0.2.0> terminating"),
        "{}",
        ran.err
    );
}

#[test]
fn a_script_that_goes_on_does_so_with_a_new_shell() {
    // The crash comes while the first shell sleeps, or just before, and then the second one does.
    let input = "add 3\ncrash\nsleep 1s\nstate\ntree\n";
    let ran = script(&["--keep-going"], input);
    assert_eq!((ran.code, &*ran.out), (1, "0\n<0.3.0> shell\n"));
}

#[test]
fn a_shell_that_dies_between_two_lines_is_told_too() {
    let ran = script(&[], "kill self boom\nstate\n");
    let died = "** (EXIT from <0.1.0>) shell process exited with reason: boom\n";
    assert_eq!(ran.fails(1, died), "");
}

#[test]
fn one_command_that_ends_the_shell_has_failed() {
    let died = "** (EXIT from <0.1.0>) shell process exited with reason: boom\n";
    assert_eq!(run(&["kill", "self", "boom"]).fails(1, died), "");
}

#[test]
fn a_kill_by_hand_needs_no_link() {
    for (reason, shown) in [("", "killed"), ("kill", "killed"), ("shutdown", "shutdown")] {
        let ran = script(&["--keep-going"], format!("kill self {reason}\nstate\n"));
        let died = format!("** (EXIT from <0.1.0>) shell process exited with reason: {shown}\n");
        assert_eq!(ran.fails(1, &died), "0\n");
    }
}

#[test]
fn links_work_both_ways() {
    let input = "echo bob\nlink bob\ninfo bob\nunlink bob\nkill bob boom\nwhereis bob\nstate\n";
    let out = script(&[], input).well();
    assert!(out.contains("\nlinks         <0.1.0>\n"), "{out}");
    assert!(out.ends_with("undefined\n0\n"), "{out}");

    let ran = script(
        &["--keep-going"],
        "echo bob --link\nkill self boom\nawait bob --limit 1ms\nwhereis bob\n",
    );
    assert_eq!(ran.code, 1);
    assert!(ran.out.ends_with("undefined\n"), "{}", ran.out);
}

#[test]
fn a_link_with_the_dead_is_an_error() {
    let ran = script(&[], "idle bob\nkill bob\nawait bob --back --limit 1ms\n");
    assert_eq!(ran.code, 1);
    let ran = script(&[], "idle bob\nkill bob\nlink 0.2.0\nstate\n");
    let error = "error: line 3: the command has exited: no process\n";
    assert_eq!(ran.fails(1, error), "");
}

#[test]
fn processes_are_listed_and_drawn() {
    let out = script(
        &[],
        "idle bob\necho a-longer-name --link\nprocesses\ntree\n",
    )
    .well();
    assert_eq!(
        out,
        "<0.1.0>  shell          running  queue 0\n\
         <0.2.0>  bob            waiting  queue 0\n\
         <0.3.0>  a-longer-name  waiting  queue 0\n\
         <0.1.0> shell\n\
         ├─ <0.2.0> bob (not linked)\n\
         └─ <0.3.0> a-longer-name\n"
    );
}

#[test]
fn info_tells_what_can_be_seen_of_a_process() {
    let out = script(
        &[],
        "idle bob\nmonitor bob\ninfo bob\ninfo self\ninfo <0.2.0>\n",
    )
    .well();
    let (bob, rest) = out.split_once("pid           <0.1.0>\n").expect("both");
    for line in [
        "pid           <0.2.0>",
        "name          bob",
        "label         none",
        "status        waiting",
        "queue         0",
        "trap_exit     off",
        "links         none",
        "monitors      none",
        "monitored by  <0.1.0>",
        "ancestors     <0.1.0>",
    ] {
        assert!(bob.lines().any(|shown| shown == line), "{line}: {bob}");
    }
    assert!(bob.contains("\ninitial call  "), "{bob}");
    assert!(rest.contains("label         shell\n"), "{rest}");
    assert!(rest.contains("monitors      <0.2.0>\n"), "{rest}");
    assert!(rest.ends_with(bob), "a pid is as good as a name: {out}");
}

#[test]
fn who_is_not_there_cannot_be_looked_at() {
    let error = "error: no process is registered as bob\n";
    for command in ["info", "kill", "link", "unlink"] {
        assert_eq!(run(&[command, "bob"]).fails(1, error), "", "{command}");
    }
    let error = "error: no process has had the pid 0.7.0\n";
    assert_eq!(run(&["info", "0.7.0"]).fails(1, error), "");
    let error = "error: line 3: process <0.2.0> is dead\n";
    assert_eq!(
        script(&[], "idle bob\nkill bob\ninfo 0.2.0\n").fails(1, error),
        ""
    );
}
