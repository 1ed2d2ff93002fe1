//! What the shell process sends and receives.

use crate::support::script;

#[test]
fn a_text_to_oneself_waits_in_the_mailbox() {
    let input = "send self hello you\nsend self -- --limit\nsend 0.1.0 'a  b'\nflush\nflush\n";
    assert_eq!(script(&[], input).well(), "hello you\n--limit\na  b\n");
}

#[test]
fn a_text_goes_to_whoever_receives_text() {
    let input = "echo bob\nsend bob hello\nsend <0.2.0> you\nsend bob bye\nawait bob --gone\n";
    assert_eq!(script(&[], input).well(), "hello\nyou\n");
}

#[test]
fn who_receives_no_text_is_named_with_what_it_runs() {
    let ran = script(&[], "idle bob\nsend bob hello\n");
    assert_eq!(ran.code, 1);
    let error = "error: line 2: bob receives no text: it runs ";
    assert!(ran.err.starts_with(error), "{}", ran.err);
}

#[test]
fn a_text_to_the_dead_is_lost() {
    let input = "echo bob\nkill bob\nsend 0.2.0 hello\nstate\n";
    assert_eq!(script(&[], input).well(), "0\n");
}

#[test]
fn a_monitored_end_is_a_message() {
    let input = "idle bob\nmonitor bob\nmonitor 0.2.0\nkill bob boom\nawait bob --gone\nflush\n";
    let out = script(&["--keep-going"], input).out;
    let mut lines: Vec<_> = out.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["DOWN from <0.2.0>: boom", "DOWN from bob: boom"]);
}

#[test]
fn a_name_that_nobody_has_can_be_monitored() {
    let out = script(&[], "monitor bob\nflush\n").well();
    assert_eq!(out, "DOWN from bob: no process\n");
}

#[test]
fn the_dead_can_be_monitored() {
    let input = "idle bob\nkill bob\nawait bob --gone\nmonitor 0.2.0\nflush\n";
    assert_eq!(script(&[], input).well(), "DOWN from <0.2.0>: no process\n");
}

#[test]
fn trapped_exits_are_messages() {
    for name in ["trap_exit", "trap-exit"] {
        let input = format!(
            "{name} on\ninfo self\necho bob --link\nsend self first\nkill bob boom\nkill self over\nsend self last\n\
             await bob --gone\nflush\n"
        );
        let out = script(&[], input).well();
        assert!(out.contains("trap_exit     on\n"), "{out}");
        let mut letters: Vec<_> = out.lines().skip_while(|line| *line != "first").collect();
        letters.sort_unstable();
        let expected = [
            "EXIT from <0.1.0>: over",
            "EXIT from <0.2.0>: boom",
            "first",
            "last",
        ];
        assert_eq!(letters, expected);
    }
}

#[test]
fn exits_are_no_longer_trapped_when_that_is_switched_off() {
    let ran = script(&[], "trap_exit on\ntrap_exit off\nkill self boom\nstate\n");
    let died = "** (EXIT from <0.1.0>) shell process exited with reason: boom\n";
    assert_eq!(ran.fails(1, died), "");
}

#[test]
fn no_trap_holds_a_kill() {
    let ran = script(&[], "trap_exit on\nkill self\nstate\n");
    let died = "** (EXIT from <0.1.0>) shell process exited with reason: killed\n";
    assert_eq!(ran.fails(1, died), "");
}

#[test]
fn the_number_of_a_timer_is_a_whole_number() {
    for wrong in ["tea", "-1", "1.5", "''"] {
        let ran = script(&[], format!("cancel-timer -- {wrong}\n"));
        assert_eq!(ran.code, 2);
        let expected = "for '<TIMER>': expected a whole number\n";
        assert!(ran.err.contains(expected), "{}", ran.err);
    }
}
