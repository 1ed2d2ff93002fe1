//! Lines on standard output and standard error.
//!
//! `println!` panics when the reader has closed the output, and a crash report is a poor answer to that. These
//! functions take the writer as an argument, so that a test can read the output, and return the error.

use crate::terminal;
use otp_text::visible;
use std::{
    fmt::Display,
    io::{self, Write},
};

/// Why a line could not be printed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutError {
    /// The reader has closed its end of the pipe. Not a failure: it has seen enough.
    #[error("the reader of the output has gone away")]
    Closed,
    /// The output is a terminal that is gone. The program is to end as by SIGHUP, which may come later or not at all.
    #[error("the terminal is gone")]
    Gone,
    /// The output cannot take the line, for example because the disk is full.
    #[error("cannot write the output")]
    Failed(#[source] io::Error),
}

impl OutError {
    /// Whether the reader has gone away, which ends a program quietly and with success.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }

    /// The same of standard output, which may be a terminal.
    pub(crate) fn of_stdout(self) -> Self {
        match self {
            Self::Failed(error) if terminal::output_is_gone(&error) => Self::Gone,
            other => other,
        }
    }

    /// The same once more, for another place.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::Closed => Self::Closed,
            Self::Gone => Self::Gone,
            Self::Failed(error) => Self::Failed(match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => error.kind().into(),
            }),
        }
    }
}

impl From<io::Error> for OutError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::Closed
        } else {
            Self::Failed(error)
        }
    }
}

/// Prints `text` and a line end, and flushes: a reader at the other end of a pipe sees each line as
/// it happens. Control characters in the text are shown escaped.
///
/// # Errors
///
/// [`OutError::Closed`] when the reader has closed the output, [`OutError::Failed`] for everything else.
///
/// # Examples
///
/// ```
/// let mut out = Vec::new();
/// otp_shell::out::line(&mut out, 6)?;
/// assert_eq!(out, b"6\n");
/// # Ok::<(), otp_shell::out::OutError>(())
/// ```
pub fn line<W: Write + ?Sized>(out: &mut W, text: impl Display) -> Result<(), OutError> {
    // Formatted first, written once: a line must not be torn by another one's beginning.
    self::text(out, &format!("{}\n", visible::line(&text.to_string())))
}

/// Rings the terminal's bell.
///
/// # Errors
///
/// As for [`line()`].
pub fn bell<W: Write + ?Sized>(out: &mut W) -> Result<(), OutError> {
    text(out, "\x07")
}

/// Prints whole lines and flushes.
pub(crate) fn text<W: Write + ?Sized>(out: &mut W, text: &str) -> Result<(), OutError> {
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Prints `error: text`, in the form that the command line parser uses for its own errors.
///
/// A failure to print it is ignored, because there is no other output for it.
///
/// # Examples
///
/// ```
/// let mut err = Vec::new();
/// otp_shell::out::error(&mut err, "the calculator crashed: division by zero");
/// assert_eq!(err, b"error: the calculator crashed: division by zero\n");
/// ```
pub fn error<W: Write + ?Sized>(err: &mut W, text: impl Display) {
    let _ = line(err, format_args!("error: {text}"));
}

#[cfg(test)]
mod tests {
    use super::{OutError, error, line};
    use std::error::Error;
    use std::io::{self, Write};

    struct Refusing(io::ErrorKind);

    impl Write for Refusing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_gone_away_is_told_apart_from_a_failure() {
        let closed = line(&mut Refusing(io::ErrorKind::BrokenPipe), "6").expect_err("refused");
        assert!(closed.is_closed());

        let full = line(&mut Refusing(io::ErrorKind::StorageFull), "6").expect_err("refused");
        assert!(matches!(full, OutError::Failed(_)));
        assert_eq!(full.to_string(), "cannot write the output");
        assert!(full.source().is_some());
    }

    #[test]
    fn an_error_line_that_cannot_be_printed_is_dropped() {
        error(&mut Refusing(io::ErrorKind::BrokenPipe), "lost");
    }
}
