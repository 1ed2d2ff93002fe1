//! Completions.

use crate::Program;
use otp_shell::rig::{Parsed, Rig};

/// Names that a program may know, of the kinds that need care.
pub const NAMES: &[&str] = &[
    "eggs",
    "soft eggs",
    "it's",
    "-x",
    "5",
    "$HOME",
    "",
    "é\u{301}",
    "yoshi",
];

/// Checks what a line that is being typed is completed with.
///
/// # Panics
///
/// When a completion does not go on where the line has been left, or is refused; when a word that is complete has lost
/// its completion.
pub fn check(program: Program, rig: &mut Rig, line: &str) {
    let (start, words) = rig.complete(line, NAMES);
    assert!(
        line.is_char_boundary(start),
        "{program:?}: {line:?}: {start}"
    );
    let (before, begun) = line.split_at(start);
    let one = shlex::split(begun).is_none_or(|words| words.len() <= 1);
    assert!(one, "{program:?}: {line:?}");
    let mut sorted = words.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(words, sorted, "{program:?}: {line:?}");
    for word in words {
        assert!(word.starts_with(begun), "{program:?}: {line:?}: {word:?}");
        let whole = format!("{before}{word}");
        if let Parsed::Refused(error) = rig.line(&whole) {
            panic!("{program:?}: {line:?} is completed to {whole:?}, which is refused: {error}");
        }
        if !word.contains(char::is_whitespace) {
            let (again, words) = rig.complete(&whole, NAMES);
            assert!(
                again == start && words.contains(&word),
                "{program:?}: {whole:?} is complete, and not completed with {word:?}"
            );
        }
    }
}
