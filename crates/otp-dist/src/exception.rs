//! Exceptions of Elixir and errors of Erlang, as reasons carry them.

use std::fmt;

use otp_core::ExitReason;
use otp_etf::{Atom, Map, Term};

/// An exception with which a process of another node has ended, or a function that was called there.
///
/// A reason stays the term that it was; this reads it. [`of`](Self::of) takes the reason of an exit or a DOWN, or that of
/// [`CallError::Exited`](crate::CallError::Exited), [`read`](Self::read) the term of [`RpcError::Error`](crate::RpcError::Error).
///
/// # OTP
///
/// Elixir's `Exception.format_banner/2`: `{Exception, Stacktrace}` is the reason of a process that has raised.
///
/// # Examples
///
/// ```
/// use otp_core::ExitReason;
/// use otp_dist::Exception;
/// use otp_etf::term;
///
/// let raised = term!(#{__struct__ => @"Elixir.ArgumentError", __exception__ => true, message => "no such user"});
/// let reason = ExitReason::other(term!({(raised), []}));
/// let exception = Exception::of(&reason).expect("a process has raised it");
/// assert_eq!(exception.module.as_str(), "Elixir.ArgumentError");
/// assert_eq!(exception.message(), Some("no such user"));
/// assert_eq!(exception.to_string(), "(ArgumentError) no such user");
/// assert_eq!(Exception::of(&ExitReason::Normal), None);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Exception {
    /// Its module, with the `Elixir.` before it.
    pub module: Atom,
    /// The exception itself, as a struct of Elixir. Its own message, if it has one, is under `message`.
    pub value: Term,
    /// Where it was raised, the innermost first: `{Module, Function, Arity, Location}` each.
    pub stack: Vec<Term>,
}

impl Exception {
    /// The exception that a process has ended with, if it was one.
    #[must_use]
    pub fn of(reason: &ExitReason) -> Option<Self> {
        match reason {
            ExitReason::Other(value) => Self::read(value.downcast_ref::<Term>()?),
            _ => None,
        }
    }

    /// The exception in a term, with or without a stack.
    #[must_use]
    pub fn read(term: &Term) -> Option<Self> {
        let (value, stack) = match term.as_tuple() {
            Some([value, stack]) => (value, stack.as_list()?.to_vec()),
            _ => (term, Vec::new()),
        };
        let fields = value.as_map()?;
        fields.get_atom("__exception__")?;
        let module = fields.get_atom("__struct__")?.as_atom()?.clone();
        let value = value.clone();
        Some(Self {
            module,
            value,
            stack,
        })
    }

    /// Its message. Exceptions that compute their message have none here; their fields contain it.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.fields()?.get_atom("message")?.as_str()
    }

    fn fields(&self) -> Option<&Map> {
        self.value.as_map()
    }
}

/// As IEx prints it: `(RuntimeError) boom`. Without a message the exception is shown with its fields.
impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let module = self.module.as_str();
        let module = module.strip_prefix("Elixir.").unwrap_or(module);
        match self.message() {
            Some(message) => write!(f, "({module}) {message}"),
            None => write!(f, "({module}) {}", self.value.inspect()),
        }
    }
}

/// A reason for people: an exception as IEx prints it.
pub(crate) fn shown(reason: &ExitReason) -> String {
    match Exception::of(reason) {
        Some(exception) => exception.to_string(),
        None => reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use otp_core::ExitReason;
    use otp_etf::{Term, term};

    use super::Exception;
    use crate::CallError;

    fn raised(fields: Term) -> ExitReason {
        let frame = term!({@"Elixir.A", f, 1, [{line, 3}]});
        ExitReason::other(term!({(fields), [(frame)]}))
    }

    #[test]
    fn an_exception_is_read_with_its_stack() {
        let module = term!(@"Elixir.KeyError");
        let reason = raised(term!(#{
            __exception__ => true, __struct__ => (module), key => a, message => nil,
        }));
        let exception = Exception::of(&reason).expect("it is one");
        assert_eq!(exception.message(), None);
        assert_eq!(exception.stack.len(), 1);
        let shown = exception.to_string();
        assert_eq!(
            shown,
            "(KeyError) %KeyError{__exception__: true, key: :a, message: nil}"
        );
    }

    #[test]
    fn a_call_says_what_was_raised() {
        let module = term!(@"Elixir.RuntimeError");
        let reason = raised(term!(#{
            __exception__ => true, __struct__ => (module), message => "boom",
        }));
        let error = CallError::Exited(reason).to_string();
        assert_eq!(
            error,
            "the server ended before it answered: (RuntimeError) boom"
        );
    }

    #[test]
    fn what_is_no_exception_is_none() {
        for term in [
            term!(badarith),
            term!({badarith, []}),
            term!({#{message => "x"}, []}),
            term!({#{__struct__ => 1, __exception__ => true}, []}),
            term!({#{__struct__ => a}, []}),
            term!({#{__struct__ => a, __exception__ => true}, no_stack}),
        ] {
            assert_eq!(Exception::read(&term), None, "{term}");
        }
    }
}
