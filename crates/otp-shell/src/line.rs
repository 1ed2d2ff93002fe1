//! Lines of a script: read one at a time, with a limit, and split into words.

use std::io::{self, BufRead};

/// The longest line in bytes, without its end. More than anybody types, and little to hold.
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
    /// Whether what comes next is the rest of a line that was too long.
    rest: bool,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, rest: false }
    }

    /// Reads the next line without its end; `None` when there are no more.
    ///
    /// A line that is too long is told as soon as it is, since it may have no end.
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

    /// Takes what there is of the line.
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
