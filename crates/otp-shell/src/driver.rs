//! The driver gives the shell process its commands, and starts a new shell process when it has died.

use crate::commands::Builtin;
use crate::failure::Failure;
use crate::grammar::{Grammar, Word};
use crate::line;
use crate::out::OutError;
use crate::program::Program;
use crate::script::{How, Line, Place, Script, Unreadable};
use crate::session::{Birth, Session};
use crate::shell::Mode;
use crate::unseen;
use otp_core::{ExitReason, Pid};
use otp_text::visible;
use std::fmt::Display;
use std::path::Path;

/// How deep scripts may run scripts: a script that runs itself must end.
const DEEPEST: usize = 16;

/// The outside of the shell process.
pub(crate) struct Driver<P: Program> {
    pub(crate) birth: Birth<P>,
    pub(crate) session: Session<P>,
    grammar: Grammar<P>,
}

/// Why a command has not succeeded.
pub(crate) enum Stop {
    Failed(Failure),
    /// The command is invalid; this text explains why.
    Refused(String),
    /// The shell process has died.
    Died(Pid, ExitReason),
    /// A script has failed, and has printed the reason.
    Told(u8),
    /// Leave the program.
    Exit(Option<u8>),
}

impl Stop {
    /// The exit code of a program that stops here.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Failed(failure) => failure.exit_code(),
            Self::Refused(_) => Failure::usage("").exit_code(),
            Self::Died(..) => Failure::new("").exit_code(),
            Self::Told(code) => *code,
            Self::Exit(code) => code.unwrap_or(0),
        }
    }

    /// Adds a remark that may explain a failure. A refusal has it already.
    pub(crate) fn with_note(self, note: Option<String>) -> Self {
        match (self, note) {
            (Self::Failed(failure), Some(note)) => Self::Failed(failure.with_note(&note)),
            (stop, _) => stop,
        }
    }

    /// Whether nothing can go on after it, not even a script that goes on after failures.
    fn is_final(&self) -> bool {
        match self {
            Self::Exit(_) => true,
            Self::Failed(failure) => failure.is_closed() || failure.is_interrupted(),
            Self::Refused(_) | Self::Died(..) | Self::Told(_) => false,
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl<P: Program> Driver<P> {
    pub(crate) fn new(birth: Birth<P>) -> Self {
        Self {
            session: Session::start(&birth),
            birth,
            grammar: Grammar::new(),
        }
    }

    /// Runs a command in the shell process.
    pub(crate) async fn command(
        &mut self,
        word: Word<P::Command>,
        how: Inside,
    ) -> Result<(), Stop> {
        match word {
            Word::Shell(Builtin::Exit { code }) => Err(Stop::Exit(code)),
            Word::Shell(Builtin::Run { file, how: asked }) => {
                let inside = Inside {
                    how: asked.inside(how.how),
                    depth: how.depth + 1,
                };
                Box::pin(self.file(&file, inside)).await
            }
            word => self.in_shell(word).await,
        }
    }

    /// Lets the program print what is lost when the user leaves its prompt. Nothing else is lost if it fails, but the
    /// program may be asked to end meanwhile.
    pub(crate) async fn leave(&self, code: Option<u8>) -> Stop {
        match self.in_shell(Word::Leave).await {
            Err(Stop::Failed(failure)) if failure.is_end() => {
                let stop = Stop::Failed(failure);
                self.tell(&stop, None);
                stop
            }
            _ => Stop::Exit(code),
        }
    }

    /// Runs the commands of a script.
    ///
    /// # Errors
    ///
    /// Where it has stopped before its end, or the first failure if it has gone on.
    pub(crate) async fn script(&mut self, mut script: Script, inside: Inside) -> Result<(), Stop> {
        let mut first = None;
        loop {
            let next = self.next(&mut script).await;
            // A shell that has died must not get the line.
            if let Some(stop) = self.dead().await {
                self.stopped(stop, None, inside, &mut first)?;
            }
            let (stop, number) = match next {
                Ok(None) => break,
                Ok(Some(Line { number, text })) => match self.line(text, inside).await {
                    Ok(()) => continue,
                    Err(stop) => (stop, Some(number)),
                },
                // Seen to already.
                Err(Stop::Died(..)) => continue,
                Err(stop) => (stop, None),
            };
            let place = number.map(|number| script.place(number));
            self.stopped(stop, place.as_ref(), inside, &mut first)?;
        }
        first.map_or(Ok(()), |code| Err(Stop::Told(code)))
    }

    /// Prints why a command of a script has stopped, and prepares for the next one.
    ///
    /// # Errors
    ///
    /// There is no next one.
    fn stopped(
        &mut self,
        stop: Stop,
        place: Option<&Place<'_>>,
        inside: Inside,
        first: &mut Option<u8>,
    ) -> Result<(), Stop> {
        // The end of the program is printed once, at its prompt.
        if !matches!(&stop, Stop::Failed(failure) if failure.is_end()) {
            self.tell(&stop, place.map(|place| place as &dyn Display));
        }
        if stop.is_final() {
            return Err(match stop {
                Stop::Exit(code) => Stop::Exit(code.or(*first)),
                stop => Stop::Told(stop.code()),
            });
        }
        self.revive(&stop)?;
        let code = *first.get_or_insert(stop.code());
        match inside.how.keep_going {
            true => Ok(()),
            false => Err(Stop::Told(code)),
        }
    }

    /// Understands a line and runs it.
    pub(crate) async fn typed(&mut self, text: &str, inside: Inside) -> Result<(), Stop> {
        let words = line::words(text).map_err(Failure::usage)?;
        if words.is_empty() {
            return Ok(());
        }
        if inside.how.echo {
            let echo = format!("> {}", text.trim());
            self.birth.printer.print(echo).map_err(Failure::from)?;
        }
        let note = unseen::note(&words);
        let done = self.words(words, inside).await;
        done.map_err(|stop| stop.with_note(note))
    }

    /// Understands words and runs them.
    async fn words(&mut self, words: Vec<String>, inside: Inside) -> Result<(), Stop> {
        match self.grammar.parse(&words) {
            Ok(word) => self.command(word, inside).await,
            Err(refusal) if refusal.use_stderr() => Err(Stop::Refused(plain(&refusal))),
            // Help that was asked for.
            Err(help) => {
                let help = help.render().to_string();
                let printed = self.birth.printer.print_lines(help.trim_end());
                Ok(printed.map_err(Failure::from)?)
            }
        }
    }

    /// Prints why something has stopped, with its place if it has one.
    pub(crate) fn tell(&self, stop: &Stop, place: Option<&dyn Display>) {
        let place = place.map_or(String::new(), |place| format!("{place}: "));
        let printer = &self.birth.printer;
        match stop {
            Stop::Failed(failure) if stop.is_final() && !self.tells(failure) => {}
            Stop::Failed(failure) if failure.is_ctrl_c() => {
                // The terminal has shown `^C`.
                printer.failure("\n", format_args!("{place}{failure}"));
            }
            Stop::Failed(failure) => {
                let failure = failure.to_string();
                printer.failure("", format_args!("{place}{}", visible::line(&failure)));
            }
            Stop::Refused(text) => printer.failure("", format_args!("{place}{text}")),
            Stop::Died(pid, reason) => printer.error(format_args!(
                "** (EXIT from {pid}) shell process exited with reason: {reason}"
            )),
            Stop::Told(_) | Stop::Exit(_) => {}
        }
    }

    /// Starts the shell process again, if its end was the cause.
    ///
    /// # Errors
    ///
    /// It has died before its first command, and would again.
    pub(crate) fn revive(&mut self, stop: &Stop) -> Result<(), Stop> {
        if let Stop::Died(..) = stop {
            if !self.session.has_begun() {
                return Err(Stop::Told(stop.code()));
            }
            self.session = Session::start(&self.birth);
        }
        Ok(())
    }

    /// The end of the shell process, if that is decided.
    pub(crate) async fn dead(&self) -> Option<Stop> {
        match self.session.is_alive() {
            true => None,
            false => Some(self.death().await),
        }
    }

    /// Waits until the shell process has died.
    pub(crate) async fn death(&self) -> Stop {
        let reason = self.session.end().await;
        Stop::Died(self.session.pid(), reason)
    }

    fn tells(&self, failure: &Failure) -> bool {
        failure.is_interrupted() && self.birth.mode == Mode::Interactive
    }

    async fn in_shell(&self, word: Word<P::Command>) -> Result<(), Stop> {
        self.birth.interrupts.unclaim();
        tokio::select! {
            biased;
            result = self.session.run(word) => match result {
                // The effect of a command on the shell itself is decided when it returns.
                Ok(Ok(())) => self.dead().await.or_else(|| self.unprinted()).map_or(Ok(()), Err),
                Ok(Err(failure)) => Err(failure.into()),
                Err(reason) => Err(Stop::Died(self.session.pid(), reason)),
            },
            broken = self.birth.printer.broken() => Err(self.broken(&broken)),
        }
    }

    /// A line that another process could not print while the command ran.
    fn unprinted(&self) -> Option<Stop> {
        let broken = self.birth.printer.broken_yet();
        broken.map(|broken| self.broken(&broken))
    }

    fn broken(&self, broken: &OutError) -> Stop {
        // Ctrl-C in a pipeline ends the reader as well.
        match self.birth.interrupts.is_pressed() {
            true => self.birth.interrupts.failure().into(),
            false => broken_output(broken),
        }
    }

    async fn file(&mut self, file: &Path, inside: Inside) -> Result<(), Stop> {
        if inside.depth > DEEPEST {
            return Err(Failure::new(format_args!(
                "cannot run {}: scripts run each other more than {DEEPEST} deep",
                file.display()
            ))
            .into());
        }
        let mut interrupts = self.birth.interrupts.clone();
        let opened = tokio::select! {
            biased;
            () = interrupts.first() => return Err(interrupts.failure().into()),
            opened = Script::open(file) => opened,
        };
        let script = opened.map_err(|error| {
            Failure::new(format_args!("cannot read {}: {error}", file.display()))
        })?;
        self.script(script, inside).await
    }

    /// The next line of a script, unless something happens before it comes.
    async fn next(&self, script: &mut Script) -> Result<Option<Line>, Stop> {
        let mut interrupts = self.birth.interrupts.clone();
        tokio::select! {
            biased;
            () = interrupts.first() => Err(interrupts.failure().into()),
            stop = self.death() => Err(stop),
            broken = self.birth.printer.broken() => Err(broken_output(&broken)),
            line = script.next() => Ok(line),
        }
    }

    async fn line(&mut self, text: Result<String, Unreadable>, inside: Inside) -> Result<(), Stop> {
        match text {
            Ok(text) => self.typed(&text, inside).await,
            Err(Unreadable::Line(error)) => Err(Failure::usage(error).into()),
            Err(Unreadable::Gone) => Err(Failure::hung_up().into()),
            Err(error @ Unreadable::Input(_)) => Err(Failure::from(error).into()),
        }
    }
}

/// The script of a command.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Inside {
    pub(crate) how: How,
    pub(crate) depth: usize,
}

pub(crate) fn broken_output(error: &OutError) -> Stop {
    Failure::from(error.again()).into()
}

/// clap's own words without the "error: " before them, which is ours to write.
pub(crate) fn plain(refusal: &clap::Error) -> String {
    let text = refusal.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    text.trim_end().to_owned()
}
