//! The one grammar: the program's commands and the shell's own, on a command line and at a prompt.

use crate::commands::Builtin;
use crate::log::LogLevel;
use crate::observe::{self, Page};
use crate::program::Program;
use crate::script::How;
use crate::unseen;
use crate::value::Text;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Args, Command, FromArgMatches, Subcommand};
use otp_text::visible;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::marker::PhantomData;
use std::path::Path;

/// One command, understood.
#[derive(Debug)]
pub(crate) enum Word<C> {
    Program(C),
    Shell(Builtin),
    /// The user leaves the prompt. It cannot be typed.
    Leave,
}

impl<C> Word<C> {
    /// Whether it runs other commands.
    pub(crate) fn is_script(&self) -> bool {
        matches!(self, Self::Shell(Builtin::Run { .. }))
    }
}

/// The command line of a program, understood.
pub(crate) struct Invocation<P: Program> {
    pub(crate) options: P::Options,
    pub(crate) log: LogLevel,
    pub(crate) page: Page,
    pub(crate) how: How,
    pub(crate) what: What<P::Command>,
    /// What may explain why the command fails.
    pub(crate) note: Option<String>,
}

/// What the program is to do.
#[derive(Debug)]
pub(crate) enum What<C> {
    Command(Word<C>),
    /// The lines of `-e`.
    Lines(Vec<String>),
    /// Nothing was said: whatever comes on standard input.
    Input,
}

#[derive(clap::Args)]
struct Flags {
    /// Run LINE as a script does; may be given several times
    #[arg(short = 'e', value_name = "LINE", allow_hyphen_values = true)]
    lines: Vec<Text>,
    #[command(flatten)]
    how: How,
    /// How much the runtime reports on standard error
    #[arg(long, global = true, value_name = "LEVEL", value_enum, default_value_t)]
    log: LogLevel,
    #[command(flatten)]
    page: Page,
}

/// Understands the arguments of a program.
pub(crate) fn parse_args<P: Program>(
    args: impl IntoIterator<Item = OsString>,
) -> Result<Invocation<P>, clap::Error> {
    let mut whole = whole::<P>();
    let mut args: Vec<OsString> = args.into_iter().collect();
    let mut read = whole.try_get_matches_from_mut(&args);
    if let Some(joined) = read
        .as_ref()
        .err()
        .and_then(|refusal| observe::joined(&args, refusal))
    {
        read = whole.try_get_matches_from_mut(&joined);
        args = joined;
    }
    let words: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).collect();
    let matches = read.map_err(|refusal| {
        let refusal = as_shown(refusal, &words, |words| {
            whole.try_get_matches_from_mut(words)
        });
        noted(refusal, &words)
    })?;
    unseen::refuse(&whole, &matches)?;
    let flags = Flags::from_arg_matches(&matches)?;
    let what = match matches.subcommand_name() {
        Some(_) if !flags.lines.is_empty() => {
            return Err(whole.error(
                ErrorKind::ArgumentConflict,
                "the option -e cannot be used together with a command",
            ));
        }
        Some(_) => What::Command(word::<P>(&matches)?),
        None if !flags.lines.is_empty() => {
            What::Lines(flags.lines.into_iter().map(String::from).collect())
        }
        None => What::Input,
    };
    Ok(Invocation {
        options: P::Options::from_arg_matches(&matches)?,
        log: flags.log,
        page: flags.page,
        how: flags.how,
        what,
        note: unseen::note(&words),
    })
}

/// What is typed at a prompt or stands in a script.
pub(crate) struct Grammar<P> {
    command: Command,
    program: PhantomData<fn() -> P>,
}

impl<P: Program> Grammar<P> {
    pub(crate) fn new() -> Self {
        Self {
            command: line::<P>(),
            program: PhantomData,
        }
    }

    /// Understands the words of a line.
    pub(crate) fn parse(&mut self, words: &[String]) -> Result<Word<P::Command>, clap::Error> {
        let matches = matches(&mut self.command, words.to_vec()).map_err(|refusal| {
            let refusal = as_shown(refusal, words, |words| matches(&mut self.command, words));
            noted(at_a_prompt(refusal, &self.command, words), words)
        })?;
        unseen::refuse(&self.command, &matches)?;
        word::<P>(&matches)
    }
}

/// Reads the words of a line.
///
/// clap takes the first one for the path of a program, and would find the command `state` in `old/state.txt`.
pub(crate) fn matches(line: &mut Command, words: Vec<String>) -> Result<ArgMatches, clap::Error> {
    match words.first() {
        Some(first) if Path::new(first).file_stem() != Some(OsStr::new(first)) => {
            // So that the usage is that of other errors.
            line.build();
            let error = format!("unrecognized subcommand '{first}'");
            Err(line.error(ErrorKind::InvalidSubcommand, error))
        }
        _ => line.try_get_matches_from_mut(words),
    }
}

/// A refusal says how to get help as it is typed at a prompt: `help clock start`, and not `--help`.
fn at_a_prompt(refusal: clap::Error, line: &Command, words: &[String]) -> clap::Error {
    if !refusal.use_stderr() {
        return refusal;
    }
    let (mut command, mut help) = (line, "help".to_owned());
    for word in words {
        let Some(inner) = command.find_subcommand(word) else {
            break;
        };
        command = inner;
        help = format!("{help} {}", inner.get_name());
    }
    if refusal.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let inner = command.get_subcommands().map(Command::get_name);
        let inner: Vec<_> = inner.filter(|name| *name != "help").collect();
        let (name, inner) = (command.get_name(), inner.join(", "));
        let text = format!("missing word after \"{name}\": expected one of {inner}; try '{help}'");
        return clap::Error::raw(ErrorKind::MissingSubcommand, text);
    }
    retold(&refusal, |text| {
        text.replace("try '--help'", &format!("try '{help}'"))
    })
}

/// A refusal says what is expected where a number was, and names a character in the words that cannot be seen: it may be the
/// reason.
fn noted(refusal: clap::Error, words: &[impl AsRef<str>]) -> clap::Error {
    let refusal = whole_number(refusal);
    match unseen::note(words) {
        Some(note) if refusal.use_stderr() => retold(&refusal, |text| {
            format!("{}\n\nnote: {note}\n", text.trim_end())
        }),
        _ => refusal,
    }
}

/// The standard library says what it has found in place of a number, and not what is expected.
fn whole_number(refusal: clap::Error) -> clap::Error {
    const FOUND: [&str; 2] = [
        "invalid digit found in string",
        "cannot parse integer from empty string",
    ];
    let text = refusal.render().to_string();
    match FOUND.into_iter().find(|found| text.contains(found)) {
        Some(found) => retold(&refusal, |text| {
            text.replace(found, "expected a whole number")
        }),
        None => refusal,
    }
}

/// The same refusal with another text.
fn retold(refusal: &clap::Error, tell: impl FnOnce(&str) -> String) -> clap::Error {
    let text = refusal.render().to_string();
    let text = tell(text.strip_prefix("error: ").unwrap_or(&text));
    let mut told = clap::Error::raw(refusal.kind(), text);
    // What a value may become is known by it.
    if let Some(value) = refusal.get(ContextKind::InvalidValue) {
        told.insert(ContextKind::InvalidValue, value.clone());
    }
    told
}

/// A refusal names words of the user, and is to be shown on a terminal. So words with control characters are read
/// `again` with these escaped, to be refused for the same reason.
fn as_shown(
    refusal: clap::Error,
    words: &[impl AsRef<str>],
    again: impl FnOnce(Vec<String>) -> Result<ArgMatches, clap::Error>,
) -> clap::Error {
    let mut shown = words.iter().map(|word| visible::line(word.as_ref()));
    if shown.all(|word| matches!(word, Cow::Borrowed(_))) {
        return refusal;
    }
    let shown = words
        .iter()
        .map(|word| visible::line(word.as_ref()).into_owned());
    match again(shown.collect()) {
        Err(shown) if shown.kind() == refusal.kind() => shown,
        // Escaped they are not refused: the characters were the reason.
        _ => escaped(refusal),
    }
}

/// A refusal whose words of the user have their control characters escaped.
fn escaped(mut refusal: clap::Error) -> clap::Error {
    let of = |(kind, value): (ContextKind, &ContextValue)| match value {
        ContextValue::String(text) => match visible::line(text) {
            Cow::Owned(shown) => Some((kind, ContextValue::String(shown))),
            Cow::Borrowed(_) => None,
        },
        _ => None,
    };
    let shown: Vec<_> = refusal.context().filter_map(of).collect();
    if shown.is_empty() {
        let text = refusal.render().to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        return clap::Error::raw(refusal.kind(), visible::text(text));
    }
    for (kind, value) in shown {
        refusal.insert(kind, value);
    }
    refusal
}

/// The whole program.
pub(crate) fn whole<P: Program>() -> Command {
    let command = P::Options::augment_args(Command::new(P::NAME));
    let command = Flags::augment_args(command).about(None).long_about(None);
    let command = with_commands::<P>(command)
        .override_usage(format!("{} [OPTIONS] [COMMAND]", P::NAME))
        .help_template(format!(
            "{{before-help}}{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{{all-args}}\n\n\
             {}\n\nWithout a command: a prompt on a terminal, a script from anything else.{{after-help}}",
            shell_commands::<P>()
        ));
    let text = |text: &'static str| (!text.is_empty()).then_some(text);
    command
        .version(env!("CARGO_PKG_VERSION"))
        .about(text(P::ABOUT))
        .after_help(text(P::EXAMPLE))
}

/// One line of a script or of a prompt.
pub(crate) fn line<P: Program>() -> Command {
    // Nameless, as clap makes it with the first line that it reads: no usage begins with the program.
    let command = Command::new("")
        .multicall(true)
        .disable_version_flag(true)
        .subcommand_required(true)
        .help_template(format!(
            "Commands:\n{{subcommands}}\n\n{}",
            shell_commands::<P>()
        ));
    with_commands::<P>(command)
}

/// Adds the program's commands, and those of the shell's that it does not replace.
fn with_commands<P: Program>(command: Command) -> Command {
    P::Command::augment_subcommands(command)
        // Listed by the template, under a heading of their own.
        .subcommands(builtins::<P>().map(|builtin| builtin.hide(true)))
}

fn builtins<P: Program>() -> impl Iterator<Item = Command> {
    let all = Builtin::augment_subcommands(Command::new("shell"));
    let builtins: Vec<_> = all.get_subcommands().cloned().collect();
    builtins
        .into_iter()
        .filter(|builtin| !P::Command::has_subcommand(builtin.get_name()))
}

/// The list of the shell's commands, as a help shows it.
fn shell_commands<P: Program>() -> String {
    let list = Command::new("shell")
        .disable_help_subcommand(true)
        .subcommands(builtins::<P>())
        .help_template("Shell commands:\n{subcommands}")
        .render_help()
        .to_string();
    list.trim_end().to_owned()
}

fn word<P: Program>(matches: &ArgMatches) -> Result<Word<P::Command>, clap::Error> {
    let name = matches.subcommand_name().unwrap_or_default();
    if P::Command::has_subcommand(name) {
        P::Command::from_arg_matches(matches).map(Word::Program)
    } else {
        Builtin::from_arg_matches(matches).map(Word::Shell)
    }
}
