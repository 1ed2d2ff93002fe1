//! What is kept of the lines that were typed.

use crate::pty::{State, Terminal, last_words, pipe_for_history};
use crate::support::program;
use rexpect::process::Signal;
use std::fs;
use std::process::Command;

#[test]
fn history_outlives_the_program() {
    let state = State::new("history");
    let mut terminal = Terminal::open(&state.0);
    terminal.runs("add 41", 2);
    terminal.runs("state", 3);
    // Killed, with no time to put anything in order.
    terminal.types("exit\r");
    terminal.ends(0);
    let kept = fs::read_to_string(state.0.join("demo-shell/history")).expect("a history");
    assert!(kept.ends_with("add 41\nstate\nexit\n"), "{kept}");

    let mut terminal = Terminal::open(&state.0);
    terminal.types("\x1b[A\x1b[A\x1b[A");
    terminal.sees("add 41");
    terminal.types("\r");
    terminal.sees("demo(2)> ");
    assert!(terminal.runs("state", 3).contains("\n41\r\n"));
    terminal.presses('d');
    terminal.ends(0);
}

#[test]
fn a_history_that_cannot_be_kept_is_kept_for_the_session() {
    let state = State::new("no-history");
    fs::write(&state.0, "a file, and no directory").expect("it can be written");
    let mut terminal = Terminal::spawn(&mut Command::new(program()), &state.0);
    terminal.sees("error: the history is not kept: ");
    terminal.sees("demo(1)> ");
    let out = terminal.runs("add 41", 2);
    assert!(!out.contains("history"), "{out}");
    terminal.types("\x1b[A");
    terminal.sees("add 41");
    terminal.types("\r");
    terminal.sees("demo(3)> ");
    assert!(terminal.runs("state", 4).contains("\n82\r\n"));
    terminal.presses('d');
    terminal.ends(0);
    fs::remove_file(&state.0).expect("it is still there");
}

#[test]
fn a_history_that_blocks_is_left_alone_and_told_once() {
    let state = State::new("pipe");
    pipe_for_history(&state);
    let mut command = Command::new(program());
    let mut terminal = Terminal::spawn(&mut command, &state.0);
    terminal.sees("error: the history is not kept: ");
    terminal.sees("it is no regular file");
    terminal.sees("demo(1)> ");
    let out = terminal.runs("add 1", 2) + &terminal.runs("state", 3);
    assert!(!out.contains("history"), "{out}");
    let program = terminal.0.process_mut();
    program.signal(Signal::SIGTERM).expect("it is there");
    last_words(terminal, 143);
}

#[test]
fn a_history_with_a_byte_that_is_no_text_and_without_its_last_end_loses_nothing() {
    let state = State::new("odd-history");
    let folder = state.0.join("demo-shell");
    fs::create_dir_all(&folder).expect("it can be made");
    let before = b"#V2\nadd 41\nsay \xff\nadd 1";
    fs::write(folder.join("history"), before).expect("it can be written");
    let mut terminal = Terminal::open(&state.0);
    terminal.types("\x1b[A\x1b[A\x1b[A");
    terminal.sees("add 41");
    terminal.types("\r");
    terminal.sees("demo(2)> ");
    assert!(terminal.runs("state", 3).contains("\n41\r\n"));
    terminal.presses('d');
    terminal.ends(0);
    let kept = fs::read(folder.join("history")).expect("a history");
    assert_eq!(kept, [before, &b"\nadd 41\nstate\n"[..]].concat());
}
