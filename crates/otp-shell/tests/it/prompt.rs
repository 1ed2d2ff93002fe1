//! The prompt, through a pseudo-terminal.

use crate::pty::{State, Terminal};
use crate::support::{LIMIT, program};
use rexpect::session::spawn_command;
use std::process::Command;

#[test]
fn commands_are_typed_and_numbered() {
    let state = State::new("typed");
    let mut terminal = Terminal::open(&state.0);
    terminal.runs("add 5", 2);
    assert!(terminal.runs("state", 3).contains("\n5\r\n"));
    // An empty line is no command, a failure is one.
    terminal.types("\r");
    terminal.sees("demo(3)> ");
    let out = terminal.runs("kill nobody", 4);
    assert!(
        out.contains("error: no process is registered as nobody"),
        "{out}"
    );
    let out = terminal.runs("nonsense", 5);
    assert!(
        out.contains("error: unrecognized subcommand 'nonsense'"),
        "{out}"
    );
    assert!(terminal.runs("state", 6).contains("\n5\r\n"));
    for (line, number) in [("state\u{200b}", 7), ("kill egg\u{200b}", 8)] {
        let out = terminal.runs(line, number);
        assert!(out.contains("a zero-width space (U+200B)"), "{out}");
    }
    terminal.types("exit 3\r");
    terminal.ends(3);
}

#[test]
fn ctrl_d_leaves() {
    let state = State::new("left");
    let mut terminal = Terminal::open(&state.0);
    terminal.presses('d');
    terminal.ends(0);
}

#[test]
fn ctrl_c_clears_the_line() {
    let state = State::new("cleared");
    let mut terminal = Terminal::open(&state.0);
    terminal.types("add 7");
    terminal.sees("add 7");
    terminal.presses('c');
    terminal.sees("demo(1)> ");
    assert!(terminal.runs("state", 2).contains("\n0\r\n"));
    terminal.presses('d');
    terminal.ends(0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_byte_that_is_no_text_costs_its_line_only() {
    let state = State::new("no-text");
    let mut command = Command::new(program());
    command
        .env("XDG_STATE_HOME", &state.0)
        .env("NO_COLOR", "1")
        .env("TERM", "xterm");
    let mut terminal = otp_tests::terminals::Terminal::open(&command);
    terminal.sees("demo(1)> ");
    terminal.types("add 7\r");
    terminal.sees("demo(2)> ");
    terminal.types(b"add 5\xff\r");
    terminal.sees("\nerror: the line is not valid UTF-8");
    terminal.sees("demo(2)> ");
    terminal.types("state\r");
    terminal.sees("\n7\r\n");
    terminal.types("exit\r");
    assert_eq!(terminal.ends().0, 0);
}

#[test]
fn ctrl_c_interrupts_a_command_and_no_more() {
    let state = State::new("interrupted");
    let mut terminal = Terminal::open(&state.0);
    terminal.runs("add 5", 2);
    // The line before tells that the next one is running: it was typed ahead.
    terminal.types("patient\r");
    terminal.sees("waiting");
    terminal.presses('c');
    terminal.sees("goodbye");
    terminal.sees("error: interrupted");
    terminal.sees("demo(3)> ");
    assert!(terminal.runs("state", 4).contains("\n5\r\n"));
    terminal.types("unending\r");
    terminal.sees("waiting");
    terminal.presses('c');
    terminal.sees("error: interrupted");
    terminal.sees("demo(5)> ");
    assert!(terminal.runs("state", 6).contains("\n5\r\n"));
    terminal.presses('d');
    terminal.ends(0);
}

#[test]
fn tab_completes_commands_flags_and_live_names() {
    let state = State::new("completed");
    let mut terminal = Terminal::open(&state.0);
    terminal.runs("idle superdave", 2);
    terminal.types("wher\tsuper\t");
    terminal.sees("whereis superdave ");
    terminal.types("\r");
    terminal.sees("<0.2.0>");
    terminal.sees("demo(3)> ");
    terminal.types("kill superdave\r");
    terminal.sees("demo(4)> ");
    // The name is free now.
    terminal.types("whereis sup\ter\r");
    terminal.sees("undefined");
    terminal.sees("demo(5)> ");
    terminal.types("await nobody --lim\t1ms\r");
    terminal.sees("gave up waiting for nobody after 1ms");
    terminal.sees("demo(6)> ");
    terminal.types("whereis cou\t");
    terminal.sees("whereis count-0 ");
    terminal.presses('c');
    terminal.sees("demo(6)> ");
    terminal.presses('d');
    terminal.ends(0);
}

#[test]
fn lines_that_are_pasted_are_commands_one_after_the_other() {
    let state = State::new("pasted");
    let mut terminal = Terminal::open(&state.0);
    terminal.types("\x1b[200~add 1\r\nadd 2\r\nstate\x1b[201~\r");
    terminal.sees("\n3\r\n");
    terminal.sees("demo(4)> ");
    terminal.presses('d');
    terminal.ends(0);
}

#[test]
fn what_is_typed_ahead_is_not_lost() {
    let state = State::new("ahead");
    let mut terminal = Terminal::open(&state.0);
    terminal.types("add 1\radd 2\rsleep 50ms\rstate\rexit 4\r");
    terminal.sees("\n3\r\n");
    terminal.ends(4);
}

#[test]
fn tab_completes_names_with_spaces_and_letters_of_all_scripts() {
    let state = State::new("names");
    let mut terminal = Terminal::open(&state.0);
    terminal.runs("idle 'soft eggs'", 2);
    terminal.runs("idle œufs", 3);
    for (typed, completed, next) in [
        ("whereis so\t", "whereis soft\\ eggs ", 4),
        ("whereis 'soft e\t", "whereis 'soft eggs' ", 5),
        ("whereis œ\t", "whereis œufs ", 6),
    ] {
        terminal.types(typed);
        terminal.sees(completed);
        terminal.types("\r");
        let out = terminal.sees(&format!("demo({next})> "));
        assert!(out.contains("\n<0."), "{out:?}");
    }
    terminal.presses('d');
    terminal.ends(0);
}

#[test]
fn what_comes_by_itself_stands_above_the_line_that_is_typed() {
    let state = State::new("above");
    let mut terminal = Terminal::open(&state.0);
    terminal.runs(&format!("later 'ring eggs' --lines 3 {}", state.when()), 2);
    terminal.types("sta");
    terminal.sees("sta");
    state.now();
    for _ in 0..3 {
        terminal.sees("ring eggs\r\n");
    }
    terminal.sees("demo(2)> sta");
    terminal.types("te\r");
    terminal.sees("\n0\r\n");
    terminal.sees("demo(3)> ");
    terminal.presses('d');
    terminal.ends(0);
}

#[test]
fn a_crash_while_a_line_is_half_typed_leaves_the_line_to_the_next_shell() {
    let state = State::new("crashed");
    let mut terminal = Terminal::open(&state.0);
    terminal.runs("add 5", 2);
    terminal.runs(&format!("crash {}", state.when()), 3);
    terminal.types("sta");
    terminal.sees("sta");
    state.now();
    terminal.sees("[error] Process <0.2.0> terminating");
    terminal.sees("** (EXIT from <0.1.0>) shell process exited with reason: panicked: on purpose");
    terminal.sees("demo(1)> sta");
    terminal.types("te\r");
    terminal.sees("\n0\r\n");
    terminal.sees("demo(2)> ");
    assert!(terminal.runs("whereis nobody", 3).contains("undefined"));
    terminal.presses('d');
    terminal.ends(0);
}

#[test]
fn colours_are_for_those_who_want_them() {
    let state = State::new("coloured");
    let mut terminal = Terminal::open(&state.0);
    let out = terminal.runs("kill nobody", 2);
    assert!(out.contains("error: no process"), "{out:?}");
    terminal.presses('d');
    terminal.ends(0);

    let mut command = Command::new(program());
    command
        .env("XDG_STATE_HOME", &state.0)
        .env("TERM", "xterm")
        .env_remove("NO_COLOR");
    let limit = u64::try_from(LIMIT.as_millis()).expect("a minute");
    let mut terminal = Terminal(spawn_command(command, Some(limit)).expect("a terminal"));
    terminal.sees("\x1b[1;36mdemo(1)> \x1b[0m");
    terminal.types("kill nobody\r");
    terminal.sees("\x1b[1;31merror:\x1b[0m no process");
    terminal.sees("demo(2)> ");
    terminal.presses('d');
    terminal.ends(0);
}
