//! The prompt, through a pseudo-terminal.

use crate::support::{LIMIT, program};
use rexpect::process::{Signal, WaitStatus};
use rexpect::session::{PtySession, spawn_command};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// A directory for the history, gone with the test.
struct State(PathBuf);

impl State {
    fn new(test: &str) -> Self {
        let path = env::temp_dir().join(format!("otp-shell-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    /// The option that makes something wait for [`now`](Self::now).
    fn when(&self) -> String {
        fs::create_dir_all(&self.0).expect("it can be made");
        format!("--when {}", self.0.join("now").display())
    }

    fn now(&self) {
        fs::write(self.0.join("now"), "").expect("it can be written");
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Terminal(PtySession);

impl Terminal {
    fn open(state: &Path) -> Self {
        Self::run(Command::new(program()), state)
    }

    fn run(mut command: Command, state: &Path) -> Self {
        let mut terminal = Self::spawn(&mut command, state);
        terminal.sees("Type help to see the commands");
        terminal.sees("demo(1)> ");
        terminal
    }

    fn spawn(command: &mut Command, state: &Path) -> Self {
        command
            .env("XDG_STATE_HOME", state)
            .env("NO_COLOR", "1")
            .env("TERM", "xterm")
            .env_remove("RUST_BACKTRACE");
        let limit = u64::try_from(LIMIT.as_millis()).expect("a minute");
        let command = std::mem::replace(command, Command::new("true"));
        Self(spawn_command(command, Some(limit)).expect("a terminal"))
    }

    #[track_caller]
    fn sees(&mut self, text: &str) -> String {
        // The library takes each byte for a character.
        let seen: String = text.bytes().map(char::from).collect();
        self.0.exp_string(&seen).expect(text)
    }

    fn types(&mut self, text: &str) {
        self.0.send(text).expect("it takes keys");
        self.0.flush().expect("it takes keys");
    }

    fn presses(&mut self, control: char) {
        self.0.send_control(control).expect("it takes keys");
    }

    /// Types a command and waits for the next prompt; returns what came before that.
    #[track_caller]
    fn runs(&mut self, line: &str, next: u32) -> String {
        self.types(line);
        self.sees(line);
        self.types("\r");
        self.sees(&format!("demo({next})> "))
    }

    #[track_caller]
    fn ends(mut self, code: i32) {
        self.0.exp_eof().expect("it ends");
        self.ends_now(code);
    }

    #[track_caller]
    fn ends_now(&mut self, code: i32) {
        let status = self.0.process().wait().expect("it has been ours");
        assert!(
            matches!(status, WaitStatus::Exited(_, seen) if seen == code),
            "{status:?}"
        );
    }
}

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
    // Nobody has that name now.
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
fn a_terminal_that_goes_away_takes_the_program_along() {
    let state = State::new("gone");
    let mut terminal = Terminal::open(&state.0);
    terminal.types("half a line");
    terminal.sees("half a line");
    let program = terminal.0.process_mut();
    program.signal(Signal::SIGHUP).expect("it is there");
    terminal.ends(129);
}

/// The rest of what is seen, up to the end.
fn last_words(mut terminal: Terminal, code: i32) -> String {
    let rest = terminal.0.exp_eof().expect("it ends");
    terminal.ends_now(code);
    rest
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

/// Makes the history in this directory a named pipe, which nobody opens at its other end.
fn pipe_for_history(state: &State) -> PathBuf {
    let folder = state.0.join("demo-shell");
    fs::create_dir_all(&folder).expect("it can be made");
    let pipe = folder.join("history");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("there is a program `mkfifo`").success());
    pipe
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
