//! Lines of a script, and command lines.

use crate::Program;
use otp_shell::rig::{Parsed, Rig};
use otp_text::visible::is_control;
use std::ffi::OsString;

/// Checks what a program makes of a line.
///
/// # Panics
///
/// When a line that makes no sense is not refused with what is wrong with it, when a line that makes sense is another
/// command if its words are quoted otherwise, or when an earlier line makes a difference.
pub fn check(program: Program, rig: &mut Rig, line: &str) {
    let parsed = rig.line(line);
    check_answer(program, line, &parsed);
    let _ = rig.line("help help");
    assert_eq!(rig.line(line), parsed, "{program:?}, once more: {line:?}");
    // A script refuses a line with a NUL before anything else, and no quotes could help it.
    let Some(words) = words(line) else { return };
    if line.contains('\0') {
        return;
    }
    let quoted = shlex::try_join(words.iter().map(String::as_str)).expect("no NUL");
    let again = rig.line(&quoted);
    assert_eq!(again, parsed, "{program:?}: {line:?} is also {quoted:?}");
    if let Parsed::Refused(error) = &parsed {
        // The parser of the command line leaves out what would do something to a terminal, and the value of an option
        // that it does not know; letters after one hyphen are options each.
        let named = |word: &String| match word.split('=').next().unwrap_or(word) {
            "" => true,
            word if word.contains(is_control) => true,
            word if word.starts_with('-') && !word.starts_with("--") => {
                error.contains(&word.chars().take(2).collect::<String>())
            }
            word => error.contains(word),
        };
        let named = words.iter().any(named);
        assert!(
            named,
            "{program:?}: {line:?} is refused without its words: {error}"
        );
    }
}

/// Checks what a program makes of its arguments.
///
/// # Panics
///
/// As [`check`].
pub fn check_args(program: Program, rig: &Rig, args: &[OsString]) {
    let parsed = rig.args(args);
    check_answer(program, &format!("{args:?}"), &parsed);
    assert_ne!(
        parsed,
        Parsed::Nothing,
        "nothing at all is a script: {args:?}"
    );
}

/// Checks that a command of a script is the same command on the command line.
///
/// # Panics
///
/// When it is not.
pub fn check_both(program: Program, rig: &mut Rig, line: &str) {
    let Parsed::Command(command) = rig.line(line) else {
        return;
    };
    let words = words(line).expect("it is a command");
    let args: Vec<OsString> = words.into_iter().map(OsString::from).collect();
    let there = rig.args(&args);
    let expected = Parsed::Command(format!("Command({command})"));
    assert_eq!(there, expected, "{program:?}: {line:?} as arguments");
}

/// The words of a line; `None` if it ends inside quotes.
#[must_use]
pub fn words(line: &str) -> Option<Vec<String>> {
    shlex::split(line)
}

fn check_answer(program: Program, what: &str, parsed: &Parsed) {
    match parsed {
        Parsed::Nothing => {}
        Parsed::Command(text) | Parsed::Text(text) => {
            assert!(!text.is_empty(), "{program:?}: {what}");
        }
        Parsed::Incomplete(text) | Parsed::Refused(text) => {
            let own = ["error", "panicked"]
                .iter()
                .any(|word| text.starts_with(word));
            assert!(!own && !text.is_empty(), "{program:?}: {what}: {text}");
            assert_eq!(text.trim_end(), text, "{program:?}: {what}");
        }
    }
}
