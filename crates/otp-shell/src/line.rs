//! Lines of a script: read one at a time, with a limit, and split into words.

use std::io::{self, BufRead};

/// The longest line in bytes, without its end. It is longer than typed lines, and small in memory.
pub(crate) const LONGEST: usize = 64 * 1024;

/// Why a line is no command.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LineError {
    #[error("the line is too long: expected at most {LONGEST} bytes")]
    TooLong,
    #[error("the line is not valid UTF-8")]
    Encoding,
    #[error("the line contains a NUL byte")]
    Nul,
    #[error("the line ends inside quotes or after a backslash")]
    Unclosed,
}

/// Reads lines one after the other, and holds one at a time.
pub(crate) struct Lines<R> {
    input: R,
    /// Whether the next bytes are the rest of a line that was too long.
    rest: bool,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, rest: false }
    }

    /// Reads the next line without its end; `None` when there are no more.
    ///
    /// A line that is too long is reported at once, since it may have no end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Result<String, LineError>>> {
        if self.rest {
            while self.part(&mut |_| {})? == Part::More {}
            self.rest = false;
        }
        let mut line = Vec::new();
        loop {
            let part = self.part(&mut |bytes| {
                // One byte more shows that it is too long.
                let room = LONGEST + 1 - line.len();
                line.extend_from_slice(&bytes[..bytes.len().min(room)]);
            })?;
            if line.len() > LONGEST {
                self.rest = part == Part::More;
                return Ok(Some(Err(LineError::TooLong)));
            }
            match part {
                Part::More => {}
                Part::End if line.is_empty() => return Ok(None),
                Part::Last | Part::End => return Ok(Some(text(line))),
            }
        }
    }

    /// Takes the available part of the line.
    fn part(&mut self, take: &mut dyn FnMut(&[u8])) -> io::Result<Part> {
        let buffer = loop {
            match self.input.fill_buf() {
                Ok(_) => break self.input.fill_buf()?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        let (part, used) = match buffer.iter().position(|&byte| byte == b'\n') {
            _ if buffer.is_empty() => (Part::End, 0),
            Some(end) => {
                take(&buffer[..end]);
                (Part::Last, end + 1)
            }
            None => {
                take(buffer);
                (Part::More, buffer.len())
            }
        };
        self.input.consume(used);
        Ok(part)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// The line goes on.
    More,
    /// The line ends here.
    Last,
    /// The input ends here.
    End,
}

fn text(mut line: Vec<u8>) -> Result<String, LineError> {
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    if line.contains(&0) {
        return Err(LineError::Nul);
    }
    String::from_utf8(line).map_err(|_| LineError::Encoding)
}

/// Splits a line into words as a POSIX shell does; none for a blank line or a comment.
pub(crate) fn words(line: &str) -> Result<Vec<String>, LineError> {
    shlex::split(line).ok_or(LineError::Unclosed)
}

/// The last word of a line that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LastWord {
    /// Where it begins, in bytes.
    pub(crate) start: usize,
    /// Its value, as far as it has been typed.
    pub(crate) value: String,
    pub(crate) quotes: Quotes,
}

/// The quotes of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// Not at all, or with backslashes.
    None,
    /// It begins with this quote, which has no end yet.
    Open(char),
    /// In parts, or as a whole: nothing can be added to it.
    Closed,
}

/// Finds the last word of a line as a POSIX shell would; `None` in a comment.
pub(crate) fn last_word(line: &str) -> Option<LastWord> {
    let begun = |start| LastWord {
        start,
        value: String::new(),
        quotes: Quotes::None,
    };
    let mut word = begun(0);
    // The quote that the position is in.
    let mut inside = None;
    let mut characters = line.char_indices();
    while let Some((at, character)) = characters.next() {
        let first = at == word.start;
        match (inside, character) {
            (None, ' ' | '\t' | '\n') => word = begun(at + 1),
            (None, '#') if first => return None,
            (None, '\'' | '"') => {
                inside = Some(character);
                word.quotes = match first {
                    true => Quotes::Open(character),
                    false => Quotes::Closed,
                };
            }
            (None, '\\') => word.value.extend(characters.next().map(|(_, next)| next)),
            (Some(quote), _) if character == quote => {
                inside = None;
                word.quotes = Quotes::Closed;
            }
            (Some('"'), '\\') => match characters.next() {
                Some((_, next @ ('"' | '\\' | '$' | '`'))) => word.value.push(next),
                Some((_, next)) => word.value.extend(['\\', next]),
                None => {}
            },
            _ => word.value.push(character),
        }
    }
    Some(word)
}

/// A word as it is typed with these quotes; `None` if it cannot be typed in this way.
pub(crate) fn quoted(word: &str, quotes: Quotes) -> Option<String> {
    if word.contains(otp_text::visible::is_control) {
        return None;
    }
    let escaped = |word: &str, special: &dyn Fn(char) -> bool| {
        let mut escaped = String::with_capacity(word.len());
        for character in word.chars() {
            if special(character) {
                escaped.push('\\');
            }
            escaped.push(character);
        }
        escaped
    };
    match quotes {
        Quotes::None => Some(escaped(word, &|it| {
            matches!(it, ' ' | '\'' | '"' | '\\' | '#')
        })),
        Quotes::Open('\'') if word.contains('\'') => None,
        Quotes::Open('\'') => Some(format!("'{word}'")),
        Quotes::Open(_) => {
            let inner = escaped(word, &|it| matches!(it, '"' | '\\'));
            Some(format!("\"{inner}\""))
        }
        // Letters of all scripts need no quotes.
        Quotes::Closed if !word.is_empty() && word.chars().all(is_plain) => Some(word.to_owned()),
        Quotes::Closed => Some(shlex::try_quote(word).ok()?.into_owned()),
    }
}

fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || "-_./:@%+=,".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<Result<String, LineError>> {
        // A buffer of a few bytes, so that lines cross its border.
        let mut lines = Lines::new(io::BufReader::with_capacity(3, input));
        std::iter::from_fn(|| lines.next().expect("memory can be read")).collect()
    }

    #[test]
    fn lines_end_as_on_unix_and_on_windows() {
        let all = lines(b"start 10\r\n\nadd 1\nstate");
        let all: Vec<_> = all.into_iter().map(|line| line.expect("text")).collect();
        assert_eq!(all, ["start 10", "", "add 1", "state"]);
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn a_line_that_is_too_long_is_left_out_whole() {
        let mut input = vec![b'x'; LONGEST];
        input.extend(b"\n");
        input.extend(vec![b'y'; LONGEST + 1]);
        input.extend(b"\nstate\n");
        let all = lines(&input);
        assert_eq!(all.len(), 3);
        assert_eq!(all[0].as_ref().map(String::len), Ok(LONGEST));
        assert_eq!(all[1], Err(LineError::TooLong));
        assert_eq!(all[2].as_deref(), Ok("state"));
    }

    #[test]
    fn a_line_without_end_is_too_long() {
        let mut lines = Lines::new(io::BufReader::new(io::repeat(b'x')));
        let line = lines.next().expect("it can be read");
        assert_eq!(line, Some(Err(LineError::TooLong)));
    }

    #[test]
    fn a_line_that_is_too_long_may_be_the_last() {
        let all = lines(&vec![b'x'; LONGEST + 1]);
        assert_eq!(all, [Err(LineError::TooLong)]);
    }

    #[test]
    fn bytes_that_are_no_text_are_told_apart() {
        let all = lines(b"a\0b\n\xff\nstate\n");
        assert_eq!(all[0], Err(LineError::Nul));
        assert_eq!(all[1], Err(LineError::Encoding));
        assert_eq!(all[2].as_deref(), Ok("state"));
    }

    #[test]
    fn the_last_word_is_found_where_the_line_would_be_split() {
        fn check(line: &str, start: usize, value: &str, quotes: Quotes) {
            let expected = LastWord {
                start,
                value: value.to_owned(),
                quotes,
            };
            assert_eq!(last_word(line), Some(expected), "{line:?}");
            // The value of the word is the one that it would have if it ended here.
            if quotes == Quotes::None && !value.is_empty() {
                assert_eq!(
                    words(line).map(|words| words.last().cloned()),
                    Ok(Some(value.to_owned()))
                );
            }
        }

        check("", 0, "", Quotes::None);
        check("kill ", 5, "", Quotes::None);
        check("kill so", 5, "so", Quotes::None);
        check(r"kill soft\ e", 5, "soft e", Quotes::None);
        check("kill 'soft e", 5, "soft e", Quotes::Open('\''));
        check(r#"kill "soft \"e"#, 5, "soft \"e", Quotes::Open('"'));
        check("kill 'soft eggs'", 5, "soft eggs", Quotes::Closed);
        check("kill so'ft e", 5, "soft e", Quotes::Closed);
        check("kill œu", 5, "œu", Quotes::None);
        // This space does not separate words.
        check("kill a\u{a0}b", 5, "a\u{a0}b", Quotes::None);
        assert_eq!(last_word("kill # so"), None);
    }

    #[test]
    fn a_quoted_word_is_read_as_it_was() {
        for word in [
            "eggs",
            "soft eggs",
            "it's",
            "say \"hi\"",
            r"a\b",
            "$HOME",
            "#1",
            "œufs",
            "-x",
            "`",
        ] {
            for quotes in [
                Quotes::None,
                Quotes::Open('\''),
                Quotes::Open('"'),
                Quotes::Closed,
            ] {
                if let Some(typed) = quoted(word, quotes) {
                    assert_eq!(words(&typed), Ok(vec![word.to_owned()]), "{typed:?}");
                }
            }
        }
        assert_eq!(quoted("œufs", Quotes::Closed).as_deref(), Some("œufs"));
        assert_eq!(quoted("a\u{1b}", Quotes::Closed), None);
    }

    #[test]
    fn words_are_quoted_as_in_a_posix_shell() {
        fn check(line: &str, expected: &[&str]) {
            assert_eq!(
                words(line).as_deref(),
                Ok(expected.map_to_owned().as_slice())
            );
        }

        trait MapToOwned {
            fn map_to_owned(&self) -> Vec<String>;
        }
        impl MapToOwned for [&str] {
            fn map_to_owned(&self) -> Vec<String> {
                self.iter().map(|&word| word.to_owned()).collect()
            }
        }

        check("", &[]);
        check("  # nothing to do", &[]);
        check("add 1 # one", &["add", "1"]);
        check(
            "say 'soft eggs' \"it's\" a\\ b ''",
            &["say", "soft eggs", "it's", "a b", ""],
        );
        for line in ["say 'it", "say \"it", "say \\"] {
            assert_eq!(words(line), Err(LineError::Unclosed), "{line}");
        }
    }
}
