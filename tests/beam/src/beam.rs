//! A BEAM that plays histories.

mod otp;
mod pipes;

use std::env;
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use otp_tests::workspace;
use thiserror::Error;

use crate::history::History;
use crate::subject::Subject;
use pipes::{Lines, NoLine, Tail};

pub use otp::Otp;

/// The first word of the line that the interpreter writes when it is able to play.
const READY: &str = "ready ";

/// How often to look whether a program that has closed its pipe has ended, too.
const LOOK: Duration = Duration::from_millis(10);

/// A running Elixir. It is started once, as that takes a second.
#[derive(Debug)]
pub struct Beam {
    elixir: Elixir,
    version: String,
    patience: Duration,
}

/// Why there is nothing to compare with.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BeamError {
    /// There is no `erl` or no `elixir`.
    #[error("{program} is not installed{}: on Debian, `apt-get install erlang-base elixir` does that", Place(.folder.as_deref()))]
    NotInstalled {
        /// The program that was not found.
        program: &'static str,
        /// The installation that was named.
        folder: Option<PathBuf>,
    },
    /// There are both, but they do not get as far as to be ready.
    #[error("{} does not work: {why}{errors}", .elixir.display())]
    Broken {
        /// The program.
        elixir: PathBuf,
        /// What it did.
        why: String,
        /// What it wrote to its standard error.
        errors: Words,
    },
    /// It was ready, and then failed over a history.
    #[error(
        "the BEAM ({version}) {why} in the middle of a history{errors}\nthe history:\n{history}"
    )]
    Failed {
        /// Which BEAM.
        version: String,
        /// What it did.
        why: String,
        /// What it wrote to its standard error.
        errors: Words,
        /// The history that it was to play.
        history: Box<History>,
    },
}

impl BeamError {
    /// Whether this is wrong with the machine and not with what is compared: a reason to skip the comparison.
    #[must_use]
    pub fn is_of_the_installation(&self) -> bool {
        matches!(self, Self::NotInstalled { .. } | Self::Broken { .. })
    }
}

/// The end of what a program wrote to its standard error, maybe nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(String);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.trim_end() {
            "" => Ok(()),
            words => write!(f, "\nits standard error:\n{words}"),
        }
    }
}

struct Place<'a>(Option<&'a Path>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(folder) => write!(f, " in {}", folder.display()),
            None => Ok(()),
        }
    }
}

impl Beam {
    /// Starts one for histories of this subject; `None` and a line that says why, if the machine has none that works. With `OTP_REQUIRE_BEAM` set to 1
    /// that is an error.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn if_installed(
        otp: &Otp,
        subject: &Subject,
        out: &mut impl Write,
    ) -> Result<Option<Self>, BeamError> {
        let is_required = env::var_os("OTP_REQUIRE_BEAM").is_some_and(|value| value == "1");
        match Self::start(otp, subject) {
            Err(error) if error.is_of_the_installation() && !is_required => {
                // If that cannot be shown, nothing can.
                let _ = writeln!(out, "skipped: nothing is compared with the BEAM: {error}");
                Ok(None)
            }
            started => started.map(Some),
        }
    }

    /// Starts one for histories of this subject.
    ///
    /// # Errors
    ///
    /// [`BeamError::NotInstalled`] and [`BeamError::Broken`].
    pub fn start(otp: &Otp, subject: &Subject) -> Result<Self, BeamError> {
        let (path, elixir) = otp.find()?;
        let broken = |why: String, errors| BeamError::Broken {
            elixir: elixir.clone(),
            why,
            errors,
        };
        let mut command = Command::new(&elixir);
        command
            // Elixir is a shell script, which runs the first `erl` of the path.
            .env("PATH", path)
            // One scheduler: who is faster is the same in each run.
            .args(["--erl", "+S 1:1"])
            .arg(workspace::root().join("tests/beam").join(subject.script));
        let started = Elixir::start(&mut command);
        let mut started =
            started.map_err(|error| broken(error.to_string(), Words(String::new())))?;
        match started.line(Instant::now() + otp.start_limit()) {
            Ok(line) => match line.strip_prefix(READY) {
                Some(version) => Ok(Self {
                    elixir: started,
                    version: version.to_owned(),
                    patience: otp.history_limit(),
                }),
                None => {
                    let why = format!("it says {line:?} where it should be ready");
                    Err(broken(why, started.last_words()))
                }
            },
            Err(none) => {
                let why = started.tell(none, otp.start_limit());
                Err(broken(
                    format!("it {why} before it is ready"),
                    started.last_words(),
                ))
            }
        }
    }

    /// Which OTP and which Elixir this is.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What happens in a history; see [`trace`](crate::trace).
    ///
    /// # Errors
    ///
    /// [`BeamError::Failed`].
    pub fn play(&mut self, history: &History) -> Result<Vec<String>, BeamError> {
        let deadline = Instant::now() + self.patience;
        self.elixir
            .ask(history, deadline)
            .map_err(|none| BeamError::Failed {
                version: self.version.clone(),
                why: self.elixir.tell(none, self.patience),
                errors: self.elixir.last_words(),
                history: Box::new(history.clone()),
            })
    }
}

/// The program, and the pipes to it. Its output and its standard error are read all the time: a program whose pipe is
/// full would wait for ever.
#[derive(Debug)]
struct Elixir {
    program: Child,
    input: ChildStdin,
    lines: Lines,
    errors: Tail,
}

impl Elixir {
    fn start(command: &mut Command) -> io::Result<Self> {
        let mut program = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        Ok(Self {
            input: program.stdin.take().expect("it has a pipe"),
            lines: Lines::of(program.stdout.take().expect("it has a pipe")),
            errors: Tail::of(program.stderr.take().expect("it has a pipe")),
            program,
        })
    }

    fn ask(&mut self, history: &History, deadline: Instant) -> Result<Vec<String>, NoLine> {
        let mut text: String = history
            .steps
            .iter()
            .map(|step| format!("{step}\n"))
            .collect();
        text.push_str("play\n");
        let written = self.input.write_all(text.as_bytes());
        // It does not read any more.
        written
            .and_then(|()| self.input.flush())
            .map_err(|_| NoLine::Ended)?;
        let mut lines = Vec::new();
        loop {
            match self.line(deadline)? {
                line if line == "." => return Ok(lines),
                line => lines.push(line),
            }
        }
    }

    fn line(&self, deadline: Instant) -> Result<String, NoLine> {
        self.lines.next(deadline)
    }

    /// Says what the program did in place of writing what it was to write.
    fn tell(&mut self, none: NoLine, patience: Duration) -> String {
        match none {
            NoLine::Late => format!("has not answered for {patience:?}"),
            NoLine::Ended => match self.status() {
                Some(status) => format!("has ended ({status})"),
                None => "has closed its input or output".to_owned(),
            },
        }
    }

    /// How the program has ended, if it has or soon does.
    fn status(&mut self) -> Option<ExitStatus> {
        let until = Instant::now() + pipes::GRACE;
        while Instant::now() < until {
            match self.program.try_wait() {
                Ok(None) => thread::park_timeout(LOOK),
                ended => return ended.ok().flatten(),
            }
        }
        None
    }

    /// Ends the program; what it wrote to its standard error last.
    fn last_words(&mut self) -> Words {
        self.end();
        Words(self.errors.take())
    }

    fn end(&mut self) {
        // It may have ended.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Drop for Elixir {
    /// It would end by itself when its input closes; unless it hangs.
    fn drop(&mut self) {
        self.end();
    }
}
