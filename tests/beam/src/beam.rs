//! A BEAM that plays histories.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use otp_tests::workspace;
use thiserror::Error;

use crate::history::History;

/// No history takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running Elixir. It is started once, as that takes a second.
#[derive(Debug)]
pub struct Beam {
    program: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

/// Why there is nothing to compare with.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BeamError {
    /// There is no `erl` or no `elixir` on the path.
    #[error("{0} is not installed: on Debian, `apt-get install erlang-base elixir` does that")]
    NotInstalled(&'static str),
    /// It does not run, or not any more.
    #[error("elixir does not run: {0}")]
    Io(#[from] io::Error),
    /// It has ended.
    #[error("elixir has ended in the middle of a history: {0}")]
    Ended(String),
    /// It does not answer.
    #[error("elixir has not answered for {PATIENCE:?}")]
    Silent,
}

impl Beam {
    /// Starts one if Erlang and Elixir are installed. With `OTP_REQUIRE_BEAM` set to 1 they must be.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn if_installed() -> Result<Option<Self>, BeamError> {
        let is_required = env::var_os("OTP_REQUIRE_BEAM").is_some_and(|value| value == "1");
        match Self::start() {
            Err(BeamError::NotInstalled(_)) if !is_required => Ok(None),
            started => started.map(Some),
        }
    }

    /// Starts one.
    ///
    /// # Errors
    ///
    /// [`BeamError::NotInstalled`], and whatever else can come in the way.
    ///
    /// # Panics
    ///
    /// Never: what it reads from and writes to are pipes.
    pub fn start() -> Result<Self, BeamError> {
        let script = workspace::root().join("tests/beam/interpreter.exs");
        // Elixir is a shell script, which does not look for Erlang.
        run(Command::new("erl").arg("-version"), "erl")?.wait()?;
        let mut elixir = Command::new("elixir");
        elixir
            // One scheduler: who is faster is the same in each run.
            .args(["--erl", "+S 1:1"])
            .arg(script);
        let mut program = run(&mut elixir, "elixir")?;
        let input = program.stdin.take().expect("it has a pipe");
        let output = program.stdout.take().expect("it has a pipe");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Nobody listens when the comparison has been given up.
                let _ = sender.send(line);
            }
        });
        Ok(Self {
            program,
            input,
            lines,
        })
    }

    /// What happens in a history; see [`trace`](crate::trace).
    ///
    /// # Errors
    ///
    /// When the BEAM does not answer.
    pub fn play(&mut self, history: &History) -> Result<Vec<String>, BeamError> {
        for step in &history.steps {
            writeln!(self.input, "{step}")?;
        }
        writeln!(self.input, "play")?;
        self.input.flush()?;
        let mut lines = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line == "." => return Ok(lines),
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Timeout) => return Err(BeamError::Silent),
                Err(RecvTimeoutError::Disconnected) => return Err(self.last_words()),
            }
        }
    }

    fn last_words(&mut self) -> BeamError {
        let mut words = String::new();
        if let Some(mut errors) = self.program.stderr.take() {
            // What cannot be read is not shown.
            let _ = errors.read_to_string(&mut words);
        }
        BeamError::Ended(words)
    }
}

fn run(command: &mut Command, name: &'static str) -> Result<Child, BeamError> {
    let started = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    match started {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BeamError::NotInstalled(name)),
        started => Ok(started?),
    }
}

impl Drop for Beam {
    /// It would end by itself when its input closes; unless it hangs.
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
