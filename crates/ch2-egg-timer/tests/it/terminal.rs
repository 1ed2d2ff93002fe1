//! The countdown bars, on a pseudo-terminal.
#![cfg(unix)]

use crate::cli::PROGRAM;
use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use std::process::Command;

/// The time limit of a test in milliseconds, for a slow machine.
const LIMIT: u64 = 60_000;

/// A character of a bar.
const BAR: &str = "━";

struct Terminal(PtySession);

/// A text as rexpect returns it: one character for each byte.
fn by_bytes(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

impl Terminal {
    fn run(mut command: Command) -> Self {
        otp_tests::signals::stop_programs();
        command.env("TERM", "xterm").env("NO_COLOR", "1");
        Self(spawn_command(command, Some(LIMIT)).expect("a terminal"))
    }

    /// Waits for a text, and returns the output before it.
    #[track_caller]
    fn sees(&mut self, text: &str) -> String {
        self.0.exp_string(&by_bytes(text)).expect(text)
    }

    fn types(&mut self, text: &str) {
        self.0.send(text).expect("the terminal accepts input");
        self.0.flush().expect("the terminal accepts input");
    }

    fn presses(&mut self, control: char) {
        self.0
            .send_control(control)
            .expect("the terminal accepts input");
    }

    #[track_caller]
    fn ends(mut self, code: i32) {
        self.0.exp_eof().expect("it ends");
        let status = self.0.process().wait().expect("the process is a child");
        assert!(
            matches!(status, WaitStatus::Exited(_, seen) if seen == code),
            "{status:?}"
        );
    }
}

#[test]
fn a_typed_enter_leaves_no_stale_bar() {
    let mut command = Command::new("sh");
    // rexpect has switched the echo off.
    let script = "stty echo; exec \"$0\" schedule eggs 1h";
    command.args(["-c", script]).arg(PROGRAM);
    let mut terminal = Terminal::run(command);
    terminal.sees(BAR);
    terminal.types("\r\rx\r");
    // The program has drawn the bar again.
    let mut drawn = terminal.sees("0:59:57");
    terminal.presses('c');
    drawn += &terminal.sees("pending eggs 59m 5");
    // The cursor has stayed in its line.
    assert!(!drawn.contains('\n') && !drawn.contains('x'), "{drawn:?}");
    terminal.ends(130);
}

#[test]
fn the_bars_are_drawn_in_the_foreground_only() {
    let script = "
        stty echo; set -m
        \"$0\" schedule eggs 1h now 500ms & read go
        fg
        case $(stty -a) in *-echo\\ *) echo hushed;; *) echo restored;; esac
        read go
        fg";
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(PROGRAM);
    let mut terminal = Terminal::run(command);
    let lines = terminal.sees("ring now");
    assert!(lines.contains("set eggs 1h, rings at "), "{lines:?}");
    assert!(
        !lines.contains(&by_bytes(BAR)) && !lines.contains('\x1b'),
        "{lines:?}"
    );
    terminal.types("\r");
    terminal.sees(BAR);
    terminal.presses('z');
    terminal.sees("restored");
    terminal.types("\r");
    terminal.sees(BAR);
    terminal.presses('c');
    terminal.sees("pending eggs 59m");
    terminal.ends(130);
}

#[test]
fn a_terminal_that_cannot_draw_gets_lines() {
    let mut command = Command::new("env");
    command.args([
        "TERM=dumb",
        PROGRAM,
        "schedule",
        "eggs",
        "1h",
        "now",
        "500ms",
    ]);
    let mut terminal = Terminal::run(command);
    let lines = terminal.sees("ring now\x07\r\n");
    assert!(
        !lines.contains(&by_bytes(BAR)) && !lines.contains('\x1b'),
        "{lines:?}"
    );
    terminal.presses('c');
    terminal.sees("pending eggs 59m");
    terminal.ends(130);
}

/// The lines are the same as those after Ctrl-C during a single command.
#[test]
fn the_pending_alarms_are_printed_when_the_user_leaves_the_prompt() {
    let state = std::env::temp_dir().join(format!("ch2-left-{}", std::process::id()));
    for leave in ["exit\r", "\x04"] {
        let mut command = Command::new(PROGRAM);
        command.env("XDG_STATE_HOME", &state);
        let mut terminal = Terminal::run(command);
        terminal.sees("ch2(1)> ");
        terminal.types("schedule eggs 1h tea 2h\r");
        terminal.sees("set tea 2h");
        terminal.sees("ch2(2)> ");
        terminal.types(leave);
        terminal.sees("pending eggs 59m 5");
        let between = terminal.sees("pending tea 1h 59m 5");
        assert!(!between.contains("terminate"), "{between:?}");
        terminal.ends(0);
    }
    let _ = std::fs::remove_dir_all(state);
}

#[test]
fn the_bars_come_back_after_each_way_to_stop_and_continue() {
    let mut command = Command::new("sh");
    command
        .args(["-c", "stty echo; exec bash --norc --noprofile -i"])
        .env("PS1", "sh> ")
        .env("HISTFILE", "");
    let mut terminal = Terminal::run(command);
    terminal.sees("sh> ");
    let start = format!("sh -c 'echo pid $$.; exec {PROGRAM} schedule eggs 1h'\r");
    terminal.types(&start);
    terminal.sees("pid $$.");
    terminal.sees("pid ");
    let pid = terminal.sees(".");
    let signal = |name: &str| {
        let sent = Command::new("kill").args([name, &pid]).status();
        assert!(sent.expect("there is a program `kill`").success());
    };
    for time in 0..8 {
        terminal.sees(BAR);
        match time % 2 {
            0 => terminal.presses('z'),
            _ => signal("-STOP"),
        }
        terminal.sees("Stopped");
        terminal.sees("sh> ");
        if time % 4 > 1 {
            match time % 2 {
                0 => terminal.types("bg\r"),
                _ => signal("-CONT"),
            }
            terminal.types("sleep 0.3; jobs; echo $((100 + 1)).\r");
            let seen = terminal.sees("101.");
            assert!(seen.contains("Running"), "{seen:?}");
            assert!(!seen.contains(&by_bytes(BAR)), "{seen:?}");
            terminal.sees("sh> ");
        }
        terminal.types("fg\r");
    }
    // The terminal does not echo typed text any more.
    terminal.sees(BAR);
    terminal.types("xyz");
    let seen = terminal.sees("0:59:5");
    assert!(!seen.contains("xyz"), "{seen:?}");
    terminal.presses('c');
    terminal.sees("pending eggs 59m");
    terminal.sees("sh> ");
    terminal.types("exit\r");
    terminal.ends(130);
}
