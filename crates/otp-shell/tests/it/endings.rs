//! How a program with a prompt ends by a signal, and what else can be interrupted.

use crate::pty::{State, Terminal, last_words, pipe_for_history};
use crate::support::program;
use rexpect::process::Signal;
use std::fs;
use std::process::Command;

#[test]
fn a_terminal_that_goes_away_takes_the_program_along() {
    let state = State::new("gone");
    let mut terminal = Terminal::open(&state.0);
    terminal.types("half a line");
    terminal.sees("half a line");
    let program = terminal.0.process_mut();
    program.signal(Signal::SIGHUP).expect("it is there");
    terminal.ends(129);
}

#[test]
fn a_signal_to_end_is_told_once_and_is_no_line_at_the_prompt() {
    for (signal, name, code) in [
        (Signal::SIGTERM, "SIGTERM", 143),
        (Signal::SIGHUP, "SIGHUP", 129),
    ] {
        let state = State::new(name);
        let mut terminal = Terminal::open(&state.0);
        terminal.types("half a line");
        terminal.sees("half a line");
        let program = terminal.0.process_mut();
        program.signal(signal).expect("it is there");
        let rest = last_words(terminal, code);
        let message = format!("error: interrupted by {name}\r\n");
        assert!(rest.ends_with(&message), "{rest:?}");
        assert_eq!(rest.matches(name).count(), 1, "{rest:?}");
        assert!(!rest.contains("demo("), "{rest:?}");
    }
}

#[test]
fn a_signal_to_end_ends_the_program_and_not_only_what_runs() {
    for (command, said) in [("unending", ""), ("patient", "goodbye\r\n")] {
        let state = State::new(&format!("ended-{command}"));
        let mut terminal = Terminal::open(&state.0);
        terminal.types(&format!("{command}\r"));
        terminal.sees("waiting\r\n");
        let program = terminal.0.process_mut();
        program.signal(Signal::SIGTERM).expect("it is there");
        let rest = last_words(terminal, 143);
        assert_eq!(rest, format!("{said}error: interrupted by SIGTERM\r\n"));
    }
}

#[test]
fn a_script_that_blocks_can_be_interrupted() {
    let state = State::new("blocks");
    let pipes = State::new("blocks-pipe");
    let pipe = pipe_for_history(&pipes);
    let mut terminal = Terminal::open(&state.0);
    // The line before tells that the next one is running: it was typed ahead.
    let script = pipes.0.join("script");
    fs::write(
        &script,
        format!("echo a\nsend a waiting\nrun {}\n", pipe.display()),
    )
    .expect("a script");
    terminal.types(&format!("run {}\r", script.display()));
    terminal.sees("waiting");
    terminal.presses('c');
    terminal.sees("error: line 3 of ");
    terminal.sees("script: interrupted");
    terminal.sees("demo(2)> ");
    terminal.presses('d');
    terminal.ends(0);
}

#[test]
fn a_signal_from_elsewhere_ends_a_waiting_prompt_and_gives_the_terminal_back() {
    let state = State::new("signalled");
    let mut shell = Command::new("sh");
    let script = "\"$0\"; echo left with $?; stty -a";
    shell.args(["-c", script]).arg(program());
    let mut terminal = Terminal::run(shell, &state.0);
    terminal.runs(&format!("terminate {}", state.when()), 2);
    terminal.types("half a line");
    terminal.sees("half a line");
    state.now();
    terminal.sees("left with 143");
    // With a hyphen before it, it would be off.
    terminal.sees(" icanon");
    terminal.ends(0);
}
