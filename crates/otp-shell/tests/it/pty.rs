//! A pseudo-terminal, and what a prompt needs around it.

use crate::support::{LIMIT, program};
use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// A directory for the history, gone with the test.
pub(crate) struct State(pub(crate) PathBuf);

impl State {
    pub(crate) fn new(test: &str) -> Self {
        let path = env::temp_dir().join(format!("otp-shell-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    /// The option that makes something wait for [`now`](Self::now).
    pub(crate) fn when(&self) -> String {
        fs::create_dir_all(&self.0).expect("it can be made");
        format!("--when {}", self.0.join("now").display())
    }

    pub(crate) fn now(&self) {
        fs::write(self.0.join("now"), "").expect("it can be written");
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) struct Terminal(pub(crate) PtySession);

impl Terminal {
    pub(crate) fn open(state: &Path) -> Self {
        Self::run(Command::new(program()), state)
    }

    pub(crate) fn run(mut command: Command, state: &Path) -> Self {
        let mut terminal = Self::spawn(&mut command, state);
        terminal.sees("Type help to see the commands");
        terminal.sees("demo(1)> ");
        terminal
    }

    pub(crate) fn spawn(command: &mut Command, state: &Path) -> Self {
        Self::spawn_in(command, state, "xterm")
    }

    /// In a terminal of this kind.
    pub(crate) fn spawn_in(command: &mut Command, state: &Path, term: &str) -> Self {
        command
            .env("XDG_STATE_HOME", state)
            .env("NO_COLOR", "1")
            .env("TERM", term)
            .env_remove("RUST_BACKTRACE");
        let limit = u64::try_from(LIMIT.as_millis()).expect("a minute");
        let command = std::mem::replace(command, Command::new("true"));
        Self(spawn_command(command, Some(limit)).expect("a terminal"))
    }

    #[track_caller]
    pub(crate) fn sees(&mut self, text: &str) -> String {
        // The library takes each byte for a character.
        let seen: String = text.bytes().map(char::from).collect();
        self.0.exp_string(&seen).expect(text)
    }

    pub(crate) fn types(&mut self, text: &str) {
        self.0.send(text).expect("it takes keys");
        self.0.flush().expect("it takes keys");
    }

    pub(crate) fn presses(&mut self, control: char) {
        self.0.send_control(control).expect("it takes keys");
    }

    /// Types a command and waits for the next prompt; returns what came before that.
    #[track_caller]
    pub(crate) fn runs(&mut self, line: &str, next: u32) -> String {
        self.types(line);
        self.sees(line);
        self.types("\r");
        self.sees(&format!("demo({next})> "))
    }

    #[track_caller]
    pub(crate) fn ends(mut self, code: i32) {
        self.0.exp_eof().expect("it ends");
        self.ends_now(code);
    }

    #[track_caller]
    pub(crate) fn ends_now(&mut self, code: i32) {
        let status = self.0.process().wait().expect("it has been ours");
        assert!(
            matches!(status, WaitStatus::Exited(_, seen) if seen == code),
            "{status:?}"
        );
    }
}

/// The rest of what is seen, up to the end.
pub(crate) fn last_words(mut terminal: Terminal, code: i32) -> String {
    let rest = terminal.0.exp_eof().expect("it ends");
    terminal.ends_now(code);
    rest
}

/// Makes the history in this directory a named pipe without a process at its other end.
pub(crate) fn pipe_for_history(state: &State) -> PathBuf {
    let folder = state.0.join("demo-shell");
    fs::create_dir_all(&folder).expect("it can be made");
    let pipe = folder.join("history");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("there is a program `mkfifo`").success());
    pipe
}
