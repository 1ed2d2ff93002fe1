//! Why a command failed.

use crate::out::OutError;
use crate::show::{plain, with_causes};
use crate::system::Signal;
use otp_core::CallError;
use std::error::Error;
use std::fmt::{self, Display};

/// The exit code of a command that failed.
const FAILED: u8 = 1;
/// The exit code of a command line that makes no sense, the same as clap's own.
const USAGE: u8 = 2;
/// Why a command failed: a text for people, and an exit code.
///
/// Every error converts into one, with its text and those of its sources and exit code 1, so `?` is enough in a command. The
/// text of a call whose server has ended has the reason without the place in the source. For a failure that is no error
/// use [`Failure::new`].
///
/// # Examples
///
/// ```
/// use otp_shell::Failure;
///
/// fn half(text: &str) -> Result<i32, Failure> {
///     let n: i32 = text.parse()?;
///     match n % 2 {
///         0 => Ok(n / 2),
///         _ => Err(Failure::usage(format!("invalid number {n}: expected an even one"))),
///     }
/// }
///
/// assert_eq!(half("x").unwrap_err().to_string(), "invalid digit found in string");
/// assert_eq!(half("3").unwrap_err().exit_code(), 2);
/// ```
#[derive(Debug)]
pub struct Failure(Kind);

#[derive(Debug)]
enum Kind {
    Failed {
        text: String,
        code: u8,
        /// Whether a process was not found.
        missing: bool,
    },
    Interrupted,
    /// The whole program was asked to end.
    Ended(Signal),
    Closed,
}

impl Failure {
    /// A failure with this text, lower case and without a full stop; its exit code is 1.
    pub fn new(text: impl Display) -> Self {
        Self(Kind::Failed {
            text: text.to_string(),
            code: FAILED,
            missing: false,
        })
    }

    /// A failure because something does not run. The shell adds the program's [hint](crate::Program::hint).
    pub fn missing(text: impl Display) -> Self {
        Self(Kind::Failed {
            text: text.to_string(),
            code: FAILED,
            missing: true,
        })
    }

    /// A command that makes no sense as it was given; its exit code is 2.
    pub fn usage(text: impl Display) -> Self {
        Self(Kind::Failed {
            text: text.to_string(),
            code: USAGE,
            missing: false,
        })
    }

    /// A call that has failed. Its text has the name that the user has typed in place of the server's, which is
    /// `via:{registry, "yoshi"}` for example.
    pub fn of_call(typed: impl Display, error: CallError) -> Self {
        let server = match &error {
            CallError::NoProcess { server }
            | CallError::Timeout { server, .. }
            | CallError::Exited { server, .. } => Some(server.to_string()),
            _ => None,
        };
        Self::from(error).map_text(|text| match server {
            Some(server) => text.replacen(&server, &typed.to_string(), 1),
            None => text,
        })
    }

    /// A command that was interrupted. The exit code of the program is 130, or 143 and 129 after SIGTERM and SIGHUP. It
    /// is printed at a prompt only: elsewhere the sender of the signal knows.
    pub fn interrupted() -> Self {
        Self(Kind::Interrupted)
    }

    /// The whole program was asked to end by a signal; its exit code is 128 and the number of the signal.
    pub(crate) fn ended(signal: Signal) -> Self {
        Self(Kind::Ended(signal))
    }

    /// The terminal is gone, whether or not the system has said so by a signal. Everything that reads from the terminal or
    /// writes to it ends the program with this.
    pub(crate) fn hung_up() -> Self {
        Self::ended(Signal::Hangup)
    }

    /// The exit code of a program that ends with it.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.0 {
            Kind::Failed { code, .. } => code,
            Kind::Interrupted => Signal::Interrupt.exit_code(),
            Kind::Ended(signal) => signal.exit_code(),
            // The reader has closed the output, which is no failure of the program.
            Kind::Closed => 0,
        }
    }

    /// With what the user can type instead, behind a colon. An interrupt is left as it is.
    #[must_use]
    pub fn hint(self, hint: impl Display) -> Self {
        self.map_text(|text| format!("{text}: {hint}"))
    }

    /// Adds a remark that may explain it, if it is printed with a text.
    pub(crate) fn with_note(self, note: &str) -> Self {
        self.map_text(|text| format!("{text} (note: {note})"))
    }

    fn map_text(self, change: impl FnOnce(String) -> String) -> Self {
        match self.0 {
            Kind::Failed {
                text,
                code,
                missing,
            } => {
                let text = change(text);
                Self(Kind::Failed {
                    text,
                    code,
                    missing,
                })
            }
            other => Self(other),
        }
    }

    /// Whether a process was not found.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self.0, Kind::Failed { missing: true, .. })
    }

    /// Whether the output is closed, which ends a program quietly.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.0, Kind::Closed)
    }

    /// Whether it was Ctrl-C.
    pub(crate) fn is_ctrl_c(&self) -> bool {
        matches!(self.0, Kind::Interrupted)
    }

    /// Whether the whole program was asked to end.
    pub(crate) fn is_end(&self) -> bool {
        matches!(self.0, Kind::Ended(_))
    }

    /// Whether the user has interrupted the command.
    pub(crate) fn is_interrupted(&self) -> bool {
        matches!(self.0, Kind::Interrupted | Kind::Ended(_))
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Failed { text, .. } => f.write_str(text),
            Kind::Interrupted => f.write_str("interrupted"),
            Kind::Ended(signal) => write!(f, "interrupted by {}", signal.name()),
            Kind::Closed => OutError::Closed.fmt(f),
        }
    }
}

// No `Error` itself, as it could not be made of every error then.
impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let any: &(dyn Error + 'static) = &error;
        match any.downcast_ref::<OutError>() {
            Some(OutError::Closed) => return Self(Kind::Closed),
            Some(OutError::Gone) => return Self::hung_up(),
            Some(OutError::Failed(_)) | None => {}
        }
        match any.downcast_ref::<CallError>() {
            Some(CallError::Exited { server, reason }) => Self::new(format_args!(
                "{server} ended before it answered: {}",
                plain(reason)
            )),
            Some(CallError::NoProcess { .. }) => Self::missing(error),
            _ => Self::new(with_causes(any)),
        }
    }
}
