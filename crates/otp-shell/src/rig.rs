//! A program inside a test: what it makes of a line, and whole runs of it with the output kept.
//!
//! No process of the system is started, and nothing is read or printed. Runs take place on the runtime of the caller;
//! if its clock is paused, a timer of an hour costs nothing. What a command does by itself, such as drawing on a
//! terminal or reading a file, it does here, too.

use crate::colours::Colours;
use crate::complete::{self, Candidates, Completions};
use crate::driver::plain;
use crate::grammar::{self, Grammar};
use crate::interrupt::Interrupts;
use crate::line;
use crate::observe::Observing;
use crate::printer::Printer;
use crate::program::Program;
use crate::run::{self, Outside};
use crate::script::Script;
use crate::session::Names;
use clap::error::ErrorKind;
use otp_core::Node;
use std::ffi::OsString;
use std::fmt::{self, Debug};
use std::future::Future;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

/// A [`Program`] to try things with.
///
/// # Examples
///
/// ```
/// use otp_shell::rig::{Parsed, Rig};
/// use otp_shell::{Failure, NoOptions, Program, Shell};
///
/// struct Echo;
///
/// #[derive(Debug, clap::Subcommand)]
/// enum Command {
///     /// Say a word
///     Say { word: String },
/// }
///
/// impl Program for Echo {
///     const NAME: &'static str = "echo";
///     type Options = NoOptions;
///     type Command = Command;
///
///     fn new(_: &NoOptions) -> Self {
///         Self
///     }
///
///     async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
///         let Command::Say { word } = command;
///         shell.print(word)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut rig = Rig::of::<Echo>();
/// let parsed = rig.line("say 'good morning'");
/// assert_eq!(parsed, Parsed::Command(r#"Program(Say { word: "good morning" })"#.to_owned()));
/// assert_eq!(rig.complete("sa", &[]), (0, vec!["say".to_owned()]));
///
/// let ran = rig.run(&["--echo"], b"say hello\nsay\n", std::future::pending()).await;
/// assert_eq!(ran.out, "> say hello\nhello\n> say\n");
/// assert!(ran.err.starts_with("error: line 2: "));
/// assert_eq!(ran.code, 2);
/// # }
/// ```
pub struct Rig(Box<dyn Hands>);

/// What a line or a command line comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// There is nothing in it: a blank line, a comment.
    Nothing,
    /// Something to do, in the words of its `Debug`.
    Command(String),
    /// A text that was asked for: help, the version.
    Text(String),
    /// It may become a command, but something is missing. The text says what.
    Incomplete(String),
    /// It makes no sense. The text says why.
    Refused(String),
}

/// What has come of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The exit code.
    pub code: u8,
    /// What was printed on standard output.
    pub out: String,
    /// What was printed on standard error; reports are not, as `tracing` has one subscriber for all.
    pub err: String,
}

impl Rig {
    /// Takes a program to pieces.
    #[must_use]
    pub fn of<P: Program>() -> Self
    where
        P::Command: Debug,
    {
        Self::with::<P>(|_| ())
    }

    /// As [`of`](Self::of), for a program that is told more than its user types: before each run `tell` changes the
    /// options, of which those that are marked `#[arg(skip)]` cannot be typed.
    #[must_use]
    pub fn with<P: Program>(tell: impl Fn(&mut P::Options) + Send + 'static) -> Self
    where
        P::Command: Debug,
    {
        Self(Box::new(Pieces::<P> {
            grammar: Grammar::new(),
            names: Names::default(),
            completions: None,
            tell: Box::new(tell),
        }))
    }

    /// What a line of a script or of a prompt comes to. Nothing is run.
    #[must_use]
    pub fn line(&mut self, line: &str) -> Parsed {
        self.0.line(line)
    }

    /// What the arguments of the program come to, without its own name before them. Nothing is run.
    #[must_use]
    pub fn args(&self, args: &[OsString]) -> Parsed {
        self.0.args(args)
    }

    /// What the last word of a line that is being typed could become, where the program knows these names: where the
    /// word begins, and the words. Files are not looked for.
    #[must_use]
    pub fn complete(&mut self, line: &str, names: &[&str]) -> (usize, Vec<String>) {
        self.0.complete(line, names)
    }

    /// Runs the program with these arguments and this standard input. It is interrupted, once, when `interrupt` is over.
    ///
    /// # Cancel safety
    ///
    /// A run that is dropped has stopped where it was; its processes live as long as the runtime does.
    pub async fn run(
        &self,
        args: &[&str],
        input: &[u8],
        interrupt: impl Future<Output = ()> + Send,
    ) -> Ran {
        let interrupts = Interrupts::new(false);
        let (out, err) = (Kept::default(), Kept::default());
        let printer = Printer::new(
            Box::new(out.clone()),
            Box::new(err.clone()),
            false,
            [Colours::Off; 2],
        );
        let mut run = self.0.run(args, input, printer, interrupts.clone());
        let code = tokio::select! {
            biased;
            code = &mut run => code,
            () = interrupt => {
                interrupts.press_once();
                run.await
            }
        };
        Ran {
            code,
            out: out.text(),
            err: err.text(),
        }
    }
}

impl Debug for Rig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rig").finish_non_exhaustive()
    }
}

/// The same for all programs.
trait Hands: Send {
    fn line(&mut self, line: &str) -> Parsed;
    fn args(&self, args: &[OsString]) -> Parsed;
    fn complete(&mut self, line: &str, names: &[&str]) -> (usize, Vec<String>);
    fn run(
        &self,
        args: &[&str],
        input: &[u8],
        printer: Printer,
        interrupts: Interrupts,
    ) -> Pin<Box<dyn Future<Output = u8> + Send>>;
}

/// Changes the options of a program before it runs.
type Tell<O> = Box<dyn Fn(&mut O) + Send>;

struct Pieces<P: Program> {
    grammar: Grammar<P>,
    names: Names,
    /// Made when they are first asked for.
    completions: Option<Completions>,
    tell: Tell<P::Options>,
}

impl<P: Program> Hands for Pieces<P>
where
    P::Command: Debug,
{
    fn line(&mut self, line: &str) -> Parsed {
        match line::words(line) {
            Ok(words) if words.is_empty() => Parsed::Nothing,
            Ok(words) => match self.grammar.parse(&words) {
                Ok(word) => Parsed::Command(format!("{word:?}")),
                Err(error) => refused(&error),
            },
            Err(error) => Parsed::Refused(error.to_string()),
        }
    }

    fn args(&self, args: &[OsString]) -> Parsed {
        let name = OsString::from(P::NAME);
        match grammar::parse_args::<P>([&name].into_iter().chain(args).cloned()) {
            Ok(invocation) => Parsed::Command(format!("{:?}", invocation.what)),
            Err(error) => refused(&error),
        }
    }

    fn complete(&mut self, line: &str, names: &[&str]) -> (usize, Vec<String>) {
        self.names
            .set(names.iter().map(|&name| name.to_owned()).collect());
        let names = &self.names;
        let completions = self.completions.get_or_insert_with(|| {
            Completions::new(grammar::line::<P>(), Node::new(), names.clone())
        });
        match completions.of(line) {
            (start, Candidates::Words(words)) => (start, words),
            (start, Candidates::Files) => (start, Vec::new()),
        }
    }

    fn run(
        &self,
        args: &[&str],
        input: &[u8],
        printer: Printer,
        interrupts: Interrupts,
    ) -> Pin<Box<dyn Future<Output = u8> + Send>> {
        let args = [P::NAME].iter().chain(args).map(OsString::from);
        let mut invocation = match grammar::parse_args::<P>(args) {
            Ok(invocation) => invocation,
            Err(error) => return Box::pin(async move { answered(&error, &printer) }),
        };
        (self.tell)(&mut invocation.options);
        let input = input.to_vec();
        let outside = Outside {
            mode: run::mode(&invocation.what, false),
            printer,
            interrupts,
            observing: Observing::new(P::NAME),
            input: move || Script::of_bytes(&input),
        };
        Box::pin(run::run(invocation, outside))
    }
}

fn refused(error: &clap::Error) -> Parsed {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            Parsed::Text(error.render().to_string())
        }
        _ if complete::is_refused(error) => Parsed::Refused(plain(error)),
        _ => Parsed::Incomplete(plain(error)),
    }
}

/// Arguments that nothing is run for, with their exit code.
fn answered(error: &clap::Error, printer: &Printer) -> u8 {
    let text = error.render().to_string();
    match error.use_stderr() {
        true => printer.error(text.trim_end()),
        false => printer.line(text.trim_end()),
    }
    u8::try_from(error.exit_code()).unwrap_or(u8::MAX)
}

/// A stream that keeps what it gets.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
