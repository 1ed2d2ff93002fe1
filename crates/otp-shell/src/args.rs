//! The command line: parsed into a program's own type, or answered here.

use crate::colours::Colours;
use crate::failure::Failure;
use crate::out::{self, OutError};
use clap::Parser;
use clap::builder::StyledStr;
use otp_text::visible;
use std::io::{self, Write};
use std::process::ExitCode;

/// Parses the program's arguments.
///
/// Use it in place of `clap`'s own `parse`, which ends the program from the inside: here `main`
/// stays the only place that decides the exit code, and destructors run.
///
/// # Errors
///
/// The exit code to leave with, after the text has been printed: 0 for `--help` and `--version` (on
/// standard output), 2 for a command line that makes no sense (on standard error), 1 when the output
/// cannot take the help.
///
/// # Examples
///
/// ```
/// #[derive(clap::Parser)]
/// struct Cli {
///     #[arg(default_value = "0")]
///     total: i64,
/// }
///
/// fn main() -> std::process::ExitCode {
///     match otp_shell::args::parse::<Cli>() {
///         Ok(cli) => std::process::ExitCode::from(u8::from(cli.total < 0)),
///         Err(code) => code,
///     }
/// }
/// ```
pub fn parse<C: Parser>() -> Result<C, ExitCode> {
    C::try_parse().map_err(|refusal| refuse(&refusal))
}

/// Prints why there is nothing to run, or the help that was asked for; the exit code to leave with.
pub(crate) fn refuse(refusal: &clap::Error) -> ExitCode {
    let text = refusal.render();
    let printed = match refusal.use_stderr() {
        true => print(&mut io::stderr(), &text, Colours::for_stderr()),
        false => print(&mut io::stdout(), &text, Colours::for_stdout()),
    };
    let code = u8::try_from(refusal.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
    match printed {
        Err(problem) if !problem.is_closed() && !refusal.use_stderr() => {
            let failure = Failure::from(problem.of_stdout());
            out::error(&mut io::stderr(), &failure);
            ExitCode::from(failure.exit_code())
        }
        // A reader that has gone away is no reason to fail: `program --help | head -1` is a
        // fair question.
        _ => code,
    }
}

fn print(out: &mut impl Write, text: &StyledStr, colours: Colours) -> Result<(), OutError> {
    match colours {
        Colours::On => out::text(out, &text.ansi().to_string()),
        Colours::Off => out::text(out, &visible::text(&text.to_string())),
    }
}
