//! Finds words in comments for which there are plainer ones, such as a noun or a term of the field.

use crate::source::{Source, find};

/// The words. For example, "No message is sent" is plainer than "Nobody is told".
const WORDS: &[&str] = &[
    "nobody",
    "somebody",
    "whoever",
    "whom",
    "whose turn",
    "one's own",
    "is to be",
    "are to be",
    "let go of",
    "lets go of",
    "what becomes of",
    "told of",
    "tells of",
    "over there",
    "nothing of the kind",
];

/// The lines of comments and doc examples that contain one of the words.
pub(crate) fn unplain(source: &Source) -> Vec<String> {
    let lines = source.text.lines().enumerate();
    let comments = lines.filter(|(_, line)| line.trim_start().starts_with("//"));
    let found = comments.filter(|(_, line)| {
        let line = line.to_lowercase();
        WORDS.iter().any(|word| !find(&line, word).is_empty())
    });
    let found = found.map(|(number, line)| format!("{} {}", source.at(number + 1), line.trim()));
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_in_comments_are_found() {
        let text =
            "/// Nobody hears it.\n// A nobodyish one.\nlet whom = 1;\n/// No process gets it.\n";
        let found = unplain(&Source::new("a.rs", text.to_owned()));
        assert_eq!(found, ["a.rs:1 /// Nobody hears it."]);
    }
}
