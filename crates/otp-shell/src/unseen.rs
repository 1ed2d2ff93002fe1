//! Characters in a command that cannot be seen, or look like a space and separate no words.
//!
//! They come with a command that was copied from a page or a chat. A command with one is refused, wherever the
//! character is and however the command was given, and the refusal names it. Only a [text](Text) of the user and the
//! path of a file may contain such characters.

use crate::value::Text;
use clap::builder::ValueParser;
use clap::error::ErrorKind;
use clap::{ArgMatches, Command, value_parser};
use otp_text::visible;
use std::path::PathBuf;

/// The remark on the first word with such a character.
pub(crate) fn note(words: &[impl AsRef<str>]) -> Option<String> {
    words.iter().find_map(|word| {
        let word = word.as_ref();
        let unseen = visible::find_unseen(word)?;
        let article = if unseen.name.starts_with(['i', 'e', 'A', 'O']) {
            "an"
        } else {
            "a"
        };
        Some(format!(
            "{} contains {article} {} (U+{:04X}), which separates no words",
            visible::quoted(word),
            unseen.name,
            u32::from(unseen.character)
        ))
    })
}

/// Refuses a parsed command if it contains such a character.
pub(crate) fn refuse(command: &Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    let mut words = Vec::new();
    for argument in command.get_arguments() {
        if !is_free(argument.get_value_parser())
            && let Ok(Some(raw)) = matches.try_get_raw(argument.get_id().as_str())
        {
            words.extend(raw.map(|word| word.to_string_lossy()));
        }
    }
    if let Some(note) = note(&words) {
        return Err(clap::Error::raw(ErrorKind::ValueValidation, note));
    }
    match matches.subcommand() {
        Some((name, matches)) => match command.find_subcommand(name) {
            Some(command) => refuse(command, matches),
            None => Ok(()),
        },
        None => Ok(()),
    }
}

/// Whether any character is allowed in such a value.
fn is_free(parser: &ValueParser) -> bool {
    let is = |other: ValueParser| parser.type_id() == other.type_id();
    is(value_parser!(Text).into()) || is(value_parser!(PathBuf))
}
