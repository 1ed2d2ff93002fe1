//! What libFuzzer hands over, as bytes, and how it is meant.
//!
//! The first byte chooses the program: `1` to `4`, so that an input that was found can be read and written by hand.

use crate::{Program, complete, line, run, term, value, wire};
use otp_shell::rig::{Parsed, Rig};
use std::cell::RefCell;
use std::ffi::OsString;

/// The options of a script with a number of more digits than this would keep supervisors busy for longer than anybody waits.
const DIGITS: usize = 3;

/// A kind of input, each with a corpus of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A line of a script.
    Line,
    /// Arguments, one a line.
    Args,
    /// A line that is being typed.
    Complete,
    /// A value, of no program.
    Value,
    /// The options on the first line, the script on those that follow.
    Script,
    /// A term of Erlang's as bytes, of no program.
    Term,
    /// What a peer or a daemon of Erlang's sends, of no program.
    Wire,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Line,
        Self::Args,
        Self::Complete,
        Self::Value,
        Self::Script,
        Self::Term,
        Self::Wire,
    ];

    /// The name of the program in `fuzz/fuzz_targets`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Args => "args",
            Self::Complete => "complete",
            Self::Value => "value",
            Self::Script => "script",
            Self::Term => "term",
            Self::Wire => "wire",
        }
    }

    /// Checks an input.
    ///
    /// # Panics
    ///
    /// When something is not as it must be.
    pub fn check(self, input: &[u8]) {
        match self {
            Self::Value => return value::check(&String::from_utf8_lossy(input)),
            Self::Term => return term::check(input),
            Self::Wire => return wire::check(input),
            _ => {}
        }
        let Some((first, rest)) = input.split_first() else {
            return;
        };
        let program = Program::of_byte(*first);
        if let Self::Args = self {
            return check_args(program, rest);
        }
        let Ok(text) = std::str::from_utf8(rest) else {
            return;
        };
        match self {
            Self::Line => with_rig(program, |rig| {
                line::check(program, rig, text);
                line::check_both(program, rig, text);
            }),
            Self::Complete => with_rig(program, |rig| complete::check(program, rig, text)),
            _ => check_script(program, text),
        }
    }
}

fn check_args(program: Program, lines: &[u8]) {
    let args: Vec<OsString> = lines.split(|byte| *byte == b'\n').map(os_string).collect();
    with_rig(program, |rig| line::check_args(program, rig, &args));
    let args: Option<Vec<String>> = args.into_iter().map(|arg| arg.into_string().ok()).collect();
    if let Some(args) = args.filter(|args| !is_long(&args.join(" "))) {
        run::check_command(program, &args);
    }
}

fn check_script(program: Program, text: &str) {
    let mut lines = text.split('\n').map(str::to_owned);
    let options = lines.next().unwrap_or_default();
    let Some(options) = line::words(&options).filter(|_| !is_long(&options)) else {
        return;
    };
    // With a command among them it is another run altogether.
    let args: Vec<OsString> = options.iter().map(OsString::from).collect();
    let parsed = with_rig(program, |rig| rig.args(&args));
    if parsed != Parsed::Command("Input".to_owned()) {
        return;
    }
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    run::check(program, &options, &lines.collect::<Vec<_>>());
}

fn is_long(text: &str) -> bool {
    let mut numbers = text.split(|sign: char| !sign.is_ascii_digit());
    numbers.any(|number| number.len() > DIGITS)
}

/// Uses a rig that is kept for the next input: to make one takes longer than all that is done with it.
fn with_rig<R>(program: Program, used: impl FnOnce(&mut Rig) -> R) -> R {
    thread_local! {
        static RIGS: RefCell<Vec<(Program, Rig)>> = const { RefCell::new(Vec::new()) };
    }
    RIGS.with_borrow_mut(|rigs| {
        let at = rigs.iter().position(|(of, _)| *of == program);
        let at = at.unwrap_or_else(|| {
            rigs.push((program, program.rig()));
            rigs.len() - 1
        });
        used(&mut rigs[at].1)
    })
}

#[cfg(unix)]
fn os_string(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt;

    OsString::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}
