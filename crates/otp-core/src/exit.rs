//! Exit reasons, and the values that they carry.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::iter;
use std::ops::Deref;
use std::sync::Arc;

use crate::large;
use crate::stop::Stop;
use crate::util::panic::Contained;

/// The reason for which a process ended, or is asked to end.
///
/// Cheap to clone; it travels unchanged through links, monitors and failed calls. Only
/// [`Normal`](Self::Normal), [`Shutdown`](Self::Shutdown) and
/// [`ShutdownWith`](Self::ShutdownWith) count as orderly: any other reason is reported, and makes
/// a supervisor restart a transient child.
///
/// The value in a reason is dropped by its last holder: a process, a supervisor or the runtime. A panic of its
/// destructor ends none of these; only the panic hook is called.
///
/// A reason is an error, so `?` takes it into `Box<dyn Error>` and similar types. In the other direction, callbacks and
/// bodies of processes return [`Stop`] as their error: `?` takes any error into it.
///
/// # Examples
///
/// ```
/// use otp_core::ExitReason;
///
/// let reason = ExitReason::other("we_broke_something");
/// assert!(reason.is_abnormal());
/// assert_eq!(reason.to_string(), "we_broke_something");
/// assert!(!ExitReason::Shutdown.is_abnormal());
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum ExitReason {
    /// Done; OTP's `normal`. Linked processes are not disturbed.
    #[default]
    Normal,
    /// An orderly stop; OTP's `shutdown`.
    Shutdown,
    /// An orderly stop that says more; OTP's `{shutdown, Term}`.
    ShutdownWith(Term),
    /// Sent as an explicit exit signal it ends any process; OTP's `kill`.
    Kill,
    /// The reason of a killed process, as others see it; OTP's `killed`.
    Killed,
    /// The process does not exist; OTP's `noproc`.
    NoProcess,
    /// The node of the process cannot be reached; OTP's `noconnection`.
    NoConnection,
    /// Something took too long; OTP's `timeout`.
    Timeout,
    /// The process panicked. OTP has `{Error, Stack}` in its place.
    Panic(Arc<PanicInfo>),
    /// An error ended the process.
    Error(SharedError),
    /// Any other value.
    Other(Term),
}

impl ExitReason {
    /// Wraps any comparable value.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::ExitReason;
    ///
    /// #[derive(Debug, PartialEq)]
    /// struct Burnt(u32);
    ///
    /// let reason = ExitReason::other(Burnt(3));
    /// assert_eq!(reason.downcast_term::<Burnt>(), Some(&Burnt(3)));
    /// assert_eq!(reason, ExitReason::other(Burnt(3)));
    /// ```
    pub fn other<T>(value: T) -> Self
    where
        T: Any + fmt::Debug + PartialEq + Send + Sync,
    {
        Self::Other(Term::new(value))
    }

    /// An orderly shutdown that carries a value, OTP's `{shutdown, Term}`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::ExitReason;
    ///
    /// let reason = ExitReason::shutdown_with("a new version");
    /// assert!(!reason.is_abnormal(), "an orderly end, which is not reported");
    /// assert_eq!(reason.downcast_term::<&str>(), Some(&"a new version"));
    /// ```
    pub fn shutdown_with<T>(value: T) -> Self
    where
        T: Any + fmt::Debug + PartialEq + Send + Sync,
    {
        Self::ShutdownWith(Term::new(value))
    }

    /// Wraps an error.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::num::ParseIntError;
    ///
    /// use otp_core::ExitReason;
    ///
    /// let error = "eggs".parse::<u32>().expect_err("it is no number");
    /// let reason = ExitReason::error(error);
    /// assert!(reason.downcast_error::<ParseIntError>().is_some());
    /// assert_eq!(reason.to_string(), "invalid digit found in string");
    /// ```
    pub fn error(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Error(SharedError::from(Arc::new(error) as Arc<_>))
    }

    /// True for every reason but `Normal`, `Shutdown` and `ShutdownWith`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::ExitReason;
    ///
    /// assert!(!ExitReason::Normal.is_abnormal());
    /// assert!(!ExitReason::Shutdown.is_abnormal());
    /// assert!(ExitReason::Killed.is_abnormal());
    /// ```
    #[must_use]
    pub fn is_abnormal(&self) -> bool {
        !matches!(self, Self::Normal | Self::Shutdown | Self::ShutdownWith(_))
    }

    /// The error of type `E` that ended the process, if it was one.
    #[must_use]
    pub fn downcast_error<E: Error + 'static>(&self) -> Option<&E> {
        match self {
            Self::Error(error) => error.downcast_ref(),
            _ => None,
        }
    }

    /// The value of type `T` inside [`Other`](Self::Other) or [`ShutdownWith`](Self::ShutdownWith).
    #[must_use]
    pub fn downcast_term<T: Any>(&self) -> Option<&T> {
        match self {
            Self::Other(term) | Self::ShutdownWith(term) => term.downcast_ref(),
            _ => None,
        }
    }
}

/// The text of [`ExitReason::Error`] is that of the error, and its source is the error's source, so that a list of causes shows
/// the error once. [`downcast_error`](ExitReason::downcast_error) finds the error itself.
impl Error for ExitReason {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Error(error) => error.source(),
            _ => None,
        }
    }
}

impl From<&'static str> for ExitReason {
    fn from(text: &'static str) -> Self {
        Self::other(text)
    }
}

impl From<String> for ExitReason {
    fn from(text: String) -> Self {
        Self::other(text)
    }
}

impl From<Stop> for ExitReason {
    fn from(stop: Stop) -> Self {
        stop.into_reason()
    }
}

/// Two reasons are equal when they are of the same kind and their values are equal. Errors have no equality of their
/// own: two are equal when they are the same one, or when they look the same both in their `Debug` and in their `Display`
/// form. Texts are equal when they read the same, whether they are `&str` or `String`.
impl PartialEq for ExitReason {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Normal, Self::Normal)
            | (Self::Shutdown, Self::Shutdown)
            | (Self::Kill, Self::Kill)
            | (Self::Killed, Self::Killed)
            | (Self::NoProcess, Self::NoProcess)
            | (Self::NoConnection, Self::NoConnection)
            | (Self::Timeout, Self::Timeout) => true,
            (Self::ShutdownWith(a), Self::ShutdownWith(b)) | (Self::Other(a), Self::Other(b)) => {
                a == b
            }
            (Self::Panic(a), Self::Panic(b)) => a == b,
            (Self::Error(a), Self::Error(b)) => {
                Arc::ptr_eq(a.0.get(), b.0.get())
                    || format!("{a:?}") == format!("{b:?}") && a.to_string() == b.to_string()
            }
            _ => false,
        }
    }
}

/// With `{:#}` an error is followed by its causes, as in reports: by each source that its text does not end with already.
impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("normal"),
            Self::Shutdown => f.write_str("shutdown"),
            Self::ShutdownWith(term) => write!(f, "shutdown: {term}"),
            Self::Kill => f.write_str("kill"),
            Self::Killed => f.write_str("killed"),
            Self::NoProcess => f.write_str("no process"),
            Self::NoConnection => f.write_str("no connection"),
            Self::Timeout => f.write_str("timeout"),
            Self::Panic(info) => fmt::Display::fmt(info, f),
            Self::Error(error) if f.alternate() => f.write_str(&with_causes(&**error)),
            Self::Error(error) => fmt::Display::fmt(error, f),
            Self::Other(term) => fmt::Display::fmt(term, f),
        }
    }
}

fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for cause in iter::successors(error.source(), |&cause| cause.source()) {
        let cause = cause.to_string();
        if !text.ends_with(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

impl fmt::Debug for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("Normal"),
            Self::Shutdown => f.write_str("Shutdown"),
            Self::ShutdownWith(term) => write!(f, "ShutdownWith({term:?})"),
            Self::Kill => f.write_str("Kill"),
            Self::Killed => f.write_str("Killed"),
            Self::NoProcess => f.write_str("NoProcess"),
            Self::NoConnection => f.write_str("NoConnection"),
            Self::Timeout => f.write_str("Timeout"),
            Self::Panic(info) => write!(f, "Panic({info:?})"),
            Self::Error(error) => write!(f, "Error({error:?})"),
            Self::Other(term) => write!(f, "Other({term:?})"),
        }
    }
}

/// The error inside [`ExitReason::Error`], which all clones of the reason share.
///
/// A panic of its destructor ends nothing; see [`ExitReason`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use std::num::ParseIntError;
///
/// let error = "five".parse::<u8>().expect_err("it is no digit");
/// // Clones of the reason share the error, and the cause can be asked for.
/// let reason = ExitReason::error(error);
/// let ExitReason::Error(shared) = reason.clone() else { unreachable!() };
/// assert_eq!(shared.to_string(), "invalid digit found in string");
/// assert!(reason.downcast_error::<ParseIntError>().is_some());
/// ```
#[derive(Clone)]
pub struct SharedError(Arc<Contained<Arc<dyn Error + Send + Sync>>>);

impl From<Arc<dyn Error + Send + Sync>> for SharedError {
    fn from(error: Arc<dyn Error + Send + Sync>) -> Self {
        Self(Arc::new(Contained::new(error)))
    }
}

impl Deref for SharedError {
    type Target = dyn Error + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &**self.0.get()
    }
}

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl fmt::Debug for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// A value of any type inside an [`ExitReason`], comparable and printable.
///
/// A panic of its destructor ends nothing; see [`ExitReason`].
///
/// # OTP
///
/// A term.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Term;
///
/// #[derive(Debug, PartialEq)]
/// struct Burnt { minutes: u8 }
///
/// let term = Term::new(Burnt { minutes: 12 });
/// assert_eq!(term.downcast_ref::<Burnt>().map(|it| it.minutes), Some(12));
/// assert_eq!(ExitReason::other(Burnt { minutes: 12 }), ExitReason::Other(term));
/// ```
#[derive(Clone)]
pub struct Term(Arc<dyn Value>);

impl Term {
    /// Wraps a value.
    pub fn new<T>(value: T) -> Self
    where
        T: Any + fmt::Debug + PartialEq + Send + Sync,
    {
        const { large::assert_value::<T>() };
        Self(Arc::new(Contained::new(value)))
    }

    /// The value, if it is a `T`.
    #[must_use]
    pub fn downcast_ref<T: Any>(&self) -> Option<&T> {
        self.0.as_any().downcast_ref()
    }

    /// The value, if it is a text.
    fn text(&self) -> Option<&str> {
        match self.downcast_ref::<&'static str>() {
            Some(text) => Some(text),
            None => self.downcast_ref::<String>().map(String::as_str),
        }
    }
}

impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        match (self.text(), other.text()) {
            (Some(a), Some(b)) => a == b,
            _ => self.0.equals(other.0.as_any()),
        }
    }
}

/// Text shows bare, anything else as its `Debug` form, which is on one line also with `{:#}`.
impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => f.write_str(text),
            None => write!(f, "{:?}", self.0),
        }
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

trait Value: fmt::Debug + Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<T: Any + fmt::Debug + PartialEq + Send + Sync> Value for Contained<T> {
    fn as_any(&self) -> &dyn Any {
        self.get()
    }

    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>() == Some(self.get())
    }
}

/// The facts about a panic. Two with the same message and the same place are equal.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let process = process::spawn(|_: Mailbox<()>| async { assert_eq!(1 + 1, 3, "a sum") });
/// let ExitReason::Panic(panic) = process.wait().await else { unreachable!() };
/// assert!(panic.message.contains("a sum"));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
pub struct PanicInfo {
    /// The message, or a note that the payload was no text.
    pub message: String,
    /// `file:line:column`, where the panic hook could see it.
    pub location: Option<String>,
    /// The process's own part of the backtrace, if `RUST_BACKTRACE` asks for one.
    pub backtrace: Option<String>,
}

/// Without the backtrace, which differs between two runs of the same code.
impl PartialEq for PanicInfo {
    fn eq(&self, other: &Self) -> bool {
        self.message == other.message && self.location == other.location
    }
}

impl Eq for PanicInfo {}

/// Without the backtrace, which would hide the text around it.
impl fmt::Debug for PanicInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PanicInfo")
            .field("message", &self.message)
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for PanicInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked: {}", self.message)?;
        match &self.location {
            Some(location) => write!(f, " ({location})"),
            None => Ok(()),
        }
    }
}

/// The result of a process's body.
///
/// `()` ends it with [`ExitReason::Normal`], an [`ExitReason`] with that reason, and a `Result` with `Normal` or with
/// the error. A body that loops for ever never ends by itself.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// use std::num::ParseIntError;
///
/// /// A body that ends with a `Result`: its error is the reason.
/// async fn double(text: &str) -> Result<(), Stop> {
///     let _number = 2 * text.parse::<u32>()?;
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let ends = |text| process::spawn(move |_: Mailbox<()>| double(text));
/// assert_eq!(ends("21").wait().await, ExitReason::Normal);
/// assert!(ends("many").wait().await.downcast_error::<ParseIntError>().is_some());
/// # Ok(())
/// # }).await
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a process cannot end with a `{Self}`: its body returns `()`, an `ExitReason`, or a `Result<(), Stop>`; work with a value is a `Task`",
    label = "not how a process ends"
)]
pub trait Outcome {
    /// The reason with which the process ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::{ExitReason, Outcome};
    ///
    /// assert_eq!(().into_reason(), ExitReason::Normal);
    /// assert_eq!(ExitReason::Shutdown.into_reason(), ExitReason::Shutdown);
    /// assert!(Err::<(), _>("no eggs").into_reason().is_abnormal());
    /// ```
    fn into_reason(self) -> ExitReason;
}

#[diagnostic::do_not_recommend]
impl Outcome for () {
    fn into_reason(self) -> ExitReason {
        ExitReason::Normal
    }
}

#[diagnostic::do_not_recommend]
impl Outcome for ExitReason {
    fn into_reason(self) -> ExitReason {
        self
    }
}

impl<E: Into<Stop>> Outcome for Result<(), E> {
    fn into_reason(self) -> ExitReason {
        match self {
            Ok(()) => ExitReason::Normal,
            Err(error) => error.into().into_reason(),
        }
    }
}

/// The body never returns, such as `loop { mailbox.receive().await; }`.
#[diagnostic::do_not_recommend]
#[allow(private_interfaces, reason = "the trait only spells the type")]
impl Outcome for <fn() -> ! as Returns>::Output {
    fn into_reason(self) -> ExitReason {
        self
    }
}

/// Gives `!` a name, as it has none of its own in stable Rust.
trait Returns {
    type Output;
}

impl<T> Returns for fn() -> T {
    type Output = T;
}
