//! Exit reasons as terms.

use otp_core::ExitReason;
use otp_etf::{Atom, Term, term};

/// The term for the other node.
///
/// A value that is a [`Term`] crosses as itself, and text as a binary. Of any other value, and of an error, the other node gets the
/// text that it shows as.
#[must_use]
pub fn reason_to_term(reason: &ExitReason) -> Term {
    match reason {
        ExitReason::Normal => term!(normal),
        ExitReason::Shutdown => term!(shutdown),
        ExitReason::ShutdownWith(value) => term!({shutdown, (value_to_term(value))}),
        ExitReason::Kill => term!(kill),
        ExitReason::Killed => term!(killed),
        ExitReason::NoProcess => term!(noproc),
        ExitReason::NoConnection => term!(noconnection),
        ExitReason::Timeout => term!(timeout),
        ExitReason::Panic(info) => term!({panic, (info.message.as_str())}),
        // With its causes.
        ExitReason::Error(_) => term!({error, (format!("{reason:#}"))}),
        ExitReason::Other(value) => value_to_term(value),
        // One that a later otp-core knows.
        other => Term::from(other.to_string()),
    }
}

fn value_to_term(value: &otp_core::Term) -> Term {
    match value.downcast_ref::<Term>() {
        Some(term) => term.clone(),
        None => Term::from(value.to_string()),
    }
}

/// The reason for a term from another node. A term without a variant of its own becomes [`ExitReason::Other`] with the
/// [`Term`].
#[must_use]
pub fn reason_from_term(term: Term) -> ExitReason {
    if let Some(parts) = term.as_tuple()
        && let [tag, value] = parts
        && tag.as_atom().is_some_and(|tag| tag.as_str() == "shutdown")
    {
        return ExitReason::shutdown_with(value.clone());
    }
    match term.as_atom().map(Atom::as_str) {
        Some("normal") => ExitReason::Normal,
        Some("shutdown") => ExitReason::Shutdown,
        Some("kill") => ExitReason::Kill,
        Some("killed") => ExitReason::Killed,
        Some("noproc") => ExitReason::NoProcess,
        Some("noconnection") => ExitReason::NoConnection,
        Some("timeout") => ExitReason::Timeout,
        _ => ExitReason::other(term),
    }
}

#[cfg(test)]
mod tests {
    use otp_core::ExitReason;
    use otp_etf::{DecodeError, term};

    use crate::wire::control::ControlError;

    use super::{reason_from_term, reason_to_term};

    #[test]
    fn reasons_of_erlang_come_back_as_they_were() {
        for term in [
            term!(normal),
            term!(shutdown),
            term!({shutdown, [1]}),
            term!(kill),
            term!(killed),
            term!(noproc),
            term!(noconnection),
            term!(timeout),
            term!({panic, "boom"}),
            term!({shutdown, 1, 2}),
            term!("text"),
            term!(bye),
        ] {
            assert_eq!(reason_to_term(&reason_from_term(term.clone())), term);
        }
    }

    #[test]
    fn an_error_crosses_with_its_causes() {
        let error = ControlError::from(DecodeError::Truncated);
        let (text, cause) = (error.to_string(), DecodeError::Truncated.to_string());
        let text = format!("{text}: {cause}");
        let reason = ExitReason::error(error);
        assert_eq!(reason_to_term(&reason), term!({error, (text)}));
    }

    #[test]
    fn values_of_rust_cross_as_text() {
        assert_eq!(reason_to_term(&ExitReason::other("boom")), term!("boom"));
        assert_eq!(
            reason_to_term(&ExitReason::shutdown_with(7)),
            term!({shutdown, "7"})
        );
    }
}
