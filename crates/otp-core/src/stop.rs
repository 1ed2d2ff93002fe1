//! The error type of `?` in callbacks and in the bodies of processes.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::exit::ExitReason;

/// The error type of callbacks and of bodies of processes: the reason with which the process stops.
///
/// Any error becomes one by `?`: your own error types, boxed errors, `anyhow::Error`, texts, and an [`ExitReason`], which
/// comes out unchanged. Write `Err(reason.into())` to stop with a reason that is no error.
///
/// An `anyhow::Error` and an `eyre::Report` hide the type of the error inside. So an `ExitReason` in one of them is an error like
/// others, and [`downcast_error`](ExitReason::downcast_error) does not find what is inside: take it out with the downcast of that
/// crate first.
///
/// It is not an error itself. One type cannot both be an error and take in all errors: the conversion of a type into
/// itself would then exist twice.
///
/// # OTP
///
/// `{stop, Reason}`, as callbacks return it.
///
/// # Examples
///
/// ```
/// use otp_core::{ExitReason, Stop};
///
/// fn port(text: &str) -> Result<u16, Stop> {
///     if text == "none" {
///         return Err(ExitReason::Shutdown.into());
///     }
///     Ok(text.parse()?)
/// }
///
/// assert_eq!(port("none").unwrap_err().reason(), &ExitReason::Shutdown);
/// assert_eq!(port("x").unwrap_err().to_string(), "invalid digit found in string");
/// ```
#[derive(Clone, PartialEq)]
#[must_use = "return it: only then does the process stop"]
pub struct Stop(ExitReason);

impl Stop {
    /// The reason.
    #[must_use]
    pub fn reason(&self) -> &ExitReason {
        &self.0
    }

    /// Gives the reason back.
    #[must_use]
    pub fn into_reason(self) -> ExitReason {
        self.0
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Stop {
    fn from(error: E) -> Self {
        let error: Box<dyn Error + Send + Sync> = error.into();
        match error.downcast::<ExitReason>() {
            Ok(reason) => Self(*reason),
            Err(error) => {
                let error: Arc<dyn Error + Send + Sync> = error.into();
                Self(ExitReason::Error(error.into()))
            }
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stop({:?})", self.0)
    }
}

/// Lets `?` convert this crate's errors into an [`ExitReason`] in functions that return one.
macro_rules! reasons {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for $crate::exit::ExitReason {
            fn from(error: $error) -> Self {
                Self::error(error)
            }
        }
    )*};
}
pub(crate) use reasons;
