//! A prompt under a shell with job control: Ctrl-Z, `bg`, `fg`, and signals from elsewhere.

use crate::pty::{State, Terminal};
use crate::support::program;
use rustix::termios::{LocalModes, tcgetattr};
use std::process::Command;

/// How often each case is tried: the order of a stop and of what the program does at it is never the same.
const TIMES: u32 = 8;

const SHELL: &str = "sh> ";

/// A shell with job control.
fn shell(state: &State, term: &str) -> Terminal {
    let mut command = Command::new("sh");
    // The library has switched the echo off.
    command
        .args(["-c", "stty echo; exec bash --norc --noprofile -i"])
        .env("PS1", SHELL)
        .env("HISTFILE", "");
    let mut terminal = Terminal::spawn_in(&mut command, &state.0, term);
    terminal.sees(SHELL);
    terminal
}

impl Terminal {
    /// Types a command of the shell, and waits until the shell has read it.
    #[track_caller]
    fn tells_shell(&mut self, line: &str) {
        self.types(line);
        self.sees(line);
        self.types("\r");
        self.sees("\n");
    }

    /// Starts the program in the shell; returns its pid.
    #[track_caller]
    fn starts(&mut self) -> String {
        let program = program();
        self.tells_shell(&format!("sh -c 'echo pid $$.; exec {}'", program.display()));
        self.sees("pid ");
        let pid = self.sees(".");
        self.sees("demo(1)> ");
        pid
    }

    /// Presses Ctrl-Z, and waits for the shell; returns what came before its prompt.
    #[track_caller]
    fn stops(&mut self) -> String {
        self.presses('z');
        let before = self.sees("Stopped");
        before + &self.sees(SHELL)
    }

    /// Whether a typed line is edited by the program, and not by the terminal.
    #[track_caller]
    fn is_raw(&self) -> bool {
        let ours = self.0.process().get_file_handle().expect("it is open");
        let modes = tcgetattr(&ours).expect("it is a terminal").local_modes;
        !modes.intersects(LocalModes::ICANON | LocalModes::ECHO)
    }

    /// Leaves the program, and the shell.
    #[track_caller]
    fn leaves(mut self) {
        self.presses('d');
        self.sees(SHELL);
        self.ends_shell();
    }

    /// A shell does not end by the signal that ends a test's program.
    #[track_caller]
    fn ends_shell(mut self) {
        self.types("exit\r");
        self.0.exp_eof().expect("it ends");
    }

    /// Brings the program to the front, and waits for its prompt with this line in it.
    #[track_caller]
    fn returns(&mut self, prompt: &str) {
        self.tells_shell("fg");
        self.sees(prompt);
        assert!(self.is_raw());
    }
}

fn signal(name: &str, pid: &str) {
    let sent = Command::new("kill").args([name, pid]).status();
    assert!(sent.expect("there is a program `kill`").success());
}

#[test]
fn the_prompt_comes_back_with_the_typed_line() {
    let state = State::new("stopped");
    let mut terminal = shell(&state, "xterm");
    terminal.starts();
    for time in 1..=TIMES {
        terminal.types("sta");
        terminal.sees("sta");
        terminal.stops();
        if time % 2 == 0 {
            terminal.tells_shell("bg");
            terminal.sees(SHELL);
        }
        terminal.returns(&format!("demo({time})> sta"));
        terminal.types("te\r");
        terminal.sees("\n0\r\n");
        terminal.sees(&format!("demo({})> ", time + 1));
    }
    terminal.leaves();
}

#[test]
fn in_the_background_it_goes_on_and_leaves_the_terminal_alone() {
    let state = State::new("background");
    let mut terminal = shell(&state, "xterm");
    terminal.starts();
    terminal.runs(&format!("later 'ring eggs' {}", state.when()), 2);
    terminal.types("sta");
    terminal.sees("sta");
    terminal.stops();
    terminal.tells_shell("bg");
    terminal.sees(SHELL);
    state.now();
    for nth in 0..TIMES {
        // Each key is one that the program must not take.
        terminal.tells_shell(&format!("sleep 0.05; echo $(({nth} + 100)).; jobs"));
        let mut seen = terminal.sees(&format!("{}.", nth + 100));
        seen += &terminal.sees("Running");
        seen += &terminal.sees(SHELL);
        assert!(
            !seen.contains("eggs") && !seen.contains("demo("),
            "{seen:?}"
        );
    }
    terminal.tells_shell("fg");
    terminal.sees("ring eggs\r\n");
    terminal.sees("demo(2)> sta");
    assert!(terminal.is_raw());
    terminal.types("te\r");
    terminal.sees("\n0\r\n");
    terminal.sees("demo(3)> ");
    terminal.leaves();
}

#[test]
fn a_command_is_stopped_and_may_end_in_the_background() {
    let state = State::new("command");
    let mut terminal = shell(&state, "xterm");
    terminal.starts();
    terminal.types("unending\r");
    terminal.sees("waiting");
    for _ in 0..TIMES {
        terminal.stops();
        terminal.tells_shell("fg");
        terminal.sees("demo");
    }
    terminal.presses('c');
    terminal.sees("error: interrupted");
    terminal.sees("demo(2)> ");
    terminal.runs(&format!("mortal egg --late {}", state.when()), 3);
    terminal.types("await egg\r");
    terminal.sees("await egg");
    terminal.sees("\n");
    terminal.stops();
    terminal.tells_shell("bg");
    terminal.sees(SHELL);
    state.now();
    terminal.tells_shell("sleep 0.2; jobs");
    let out = terminal.sees("Running");
    assert!(!out.contains("demo("), "{out:?}");
    terminal.sees(SHELL);
    terminal.returns("demo(4)> ");
    terminal.leaves();
}

#[test]
fn who_stops_it_from_outside_gives_no_notice() {
    let state = State::new("outside");
    let mut terminal = shell(&state, "xterm");
    let pid = terminal.starts();
    for time in 1..=TIMES {
        terminal.types("sta");
        terminal.sees("sta");
        let by = if time % 2 == 0 { "-STOP" } else { "-TSTP" };
        signal(by, &pid);
        terminal.sees("Stopped");
        terminal.sees(SHELL);
        terminal.returns(&format!("demo({time})> sta"));
        terminal.types("te\r");
        terminal.sees("\n0\r\n");
        terminal.sees(&format!("demo({})> ", time + 1));
    }
    terminal.leaves();
}

#[test]
fn stopped_from_outside_it_goes_on_in_the_background_and_takes_no_key() {
    let state = State::new("outside-background");
    let mut terminal = shell(&state, "xterm");
    let pid = terminal.starts();
    for time in 1..=TIMES {
        terminal.types("sta");
        terminal.sees("sta");
        signal("-STOP", &pid);
        terminal.sees("Stopped");
        terminal.sees(SHELL);
        // Keys follow at once, also before the program knows that it goes on.
        terminal.types("bg\r");
        for nth in 0..3 {
            terminal.types(&format!("echo $(({nth} + 100)).; sleep 0.05; jobs\r"));
            terminal.sees(&format!("{}.", nth + 100));
            let seen = terminal.sees(SHELL);
            assert!(
                seen.contains("Running") && !seen.contains("demo("),
                "{seen:?}"
            );
        }
        terminal.returns(&format!("demo({time})> sta"));
        terminal.types("te\r");
        terminal.sees("\n0\r\n");
        terminal.sees(&format!("demo({})> ", time + 1));
    }
    terminal.leaves();
}

#[test]
fn without_a_shell_ctrl_z_does_nothing_and_a_stop_ends_well() {
    let state = State::new("alone");
    let mut command = Command::new("sh");
    command
        .args(["-c", "echo pid $$.; exec \"$0\""])
        .arg(program());
    let mut terminal = Terminal::spawn(&mut command, &state.0);
    terminal.sees("pid ");
    let pid = terminal.sees(".");
    terminal.sees("demo(1)> ");
    for time in 1..=TIMES {
        terminal.types("sta");
        terminal.sees("sta");
        terminal.presses('z');
        terminal.types("te");
        terminal.sees("te");
        signal("-STOP", &pid);
        signal("-CONT", &pid);
        terminal.sees(&format!("demo({time})> state"));
        assert!(terminal.is_raw());
        terminal.types("\r");
        terminal.sees("\n0\r\n");
        terminal.sees(&format!("demo({})> ", time + 1));
    }
    terminal.presses('d');
    terminal.ends(0);
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_gets_its_prompt_again() {
    let state = State::new("dumb");
    let mut terminal = shell(&state, "dumb");
    terminal.starts();
    for time in 1..=TIMES {
        terminal.stops();
        if time % 2 == 0 {
            terminal.tells_shell("bg");
            terminal.sees(SHELL);
        }
        terminal.tells_shell("fg");
        terminal.sees(&format!("demo({time})> "));
        terminal.types("state\r");
        terminal.sees("\n0\r\n");
        terminal.sees(&format!("demo({})> ", time + 1));
    }
    terminal.leaves();
}

#[test]
fn started_in_the_background_it_waits_for_the_terminal() {
    let state = State::new("begun");
    let mut terminal = shell(&state, "xterm");
    terminal.tells_shell(&format!("{} &", program().display()));
    terminal.sees(SHELL);
    terminal.tells_shell("sleep 0.1; jobs");
    let out = terminal.sees("Running");
    assert!(!out.contains("demo("), "{out:?}");
    terminal.sees(SHELL);
    terminal.returns("demo(1)> ");
    terminal.leaves();
}

#[test]
fn an_end_in_the_background_leaves_the_terminal_as_it_is() {
    let state = State::new("ended");
    let mut terminal = shell(&state, "xterm");
    let pid = terminal.starts();
    terminal.stops();
    terminal.tells_shell("bg");
    terminal.sees(SHELL);
    signal("-TERM", &pid);
    terminal.tells_shell("wait; echo $((100 + 1)).");
    terminal.sees("101.");
    terminal.sees(SHELL);
    // The shell still edits its line.
    terminal.tells_shell("echo $((100 + 2)).");
    terminal.sees("102.");
    terminal.ends_shell();
}
