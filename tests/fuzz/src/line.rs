//! Lines of a script, and command lines.

use crate::Program;
use otp_shell::rig::{Parsed, Rig};
use otp_text::visible::{self, find_unseen, is_control};
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
            word if find_unseen(word).is_some() => error.contains(&visible::quoted(word)),
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

/// Characters that are in a copied command without being seen.
const UNSEEN: [char; 6] = [
    '\u{a0}', '\u{200b}', '\u{3000}', '\u{200d}', '\u{ad}', '\u{feff}',
];

/// Checks that a character which cannot be seen is named wherever it is in a line: before, in and after each word, and in
/// place of each space. Only a text of the user's or the path of a file may have it.
///
/// # Panics
///
/// When a command is understood with the character anywhere else, or is refused without its name.
pub fn check_unseen(program: Program, rig: &mut Rig, line: &str) {
    let mut unseen = UNSEEN.iter().cycle();
    for (at, it) in line.char_indices() {
        let is_end = !line[at + it.len_utf8()..].starts_with(|it: char| it != ' ');
        let end = at + it.len_utf8();
        for (from, to) in [(at, at), (at, end), (end, end)] {
            let is_place = match it {
                ' ' => (from, to) == (at, end),
                _ => from == to && (from == at || is_end),
            };
            if !is_place {
                continue;
            }
            let unseen = unseen.next().expect("they go round");
            let changed = format!("{}{unseen}{}", &line[..from], &line[to..]);
            // It may be in a comment.
            let Some(words) = words(&changed).filter(|it| it.concat().contains(*unseen)) else {
                continue;
            };
            let what = format!("{program:?}: {changed:?}");
            check_named(&what, *unseen, &rig.line(&changed));
            let args: Vec<OsString> = words.into_iter().map(OsString::from).collect();
            check_named(&what, *unseen, &rig.args(&args));
        }
    }
}

fn check_named(what: &str, unseen: char, parsed: &Parsed) {
    match parsed {
        Parsed::Refused(error) | Parsed::Incomplete(error) => {
            let name = format!("(U+{:04X})", u32::from(unseen));
            assert!(error.contains(&name), "{what}: {error}");
        }
        Parsed::Command(understood) => {
            // What is between the quotes of a text, or of the path of a script.
            let mut parts = understood.split("Text(\"");
            let rest = |part: &str| part.split_once("\")").map_or("", |it| it.1).to_owned();
            let mut others = parts.next().unwrap_or_default().to_owned();
            others.extend(parts.map(rest));
            let escaped = unseen.escape_unicode().to_string();
            let is_script = others.starts_with("Shell(Run {") || others.contains("(Shell(Run {");
            assert!(
                is_script || !others.contains(&escaped),
                "{what}: {understood}"
            );
        }
        Parsed::Nothing | Parsed::Text(_) => panic!("{what}: {parsed:?}"),
    }
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
