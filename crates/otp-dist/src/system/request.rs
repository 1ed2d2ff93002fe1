//! The requests to a server, as the module `sys` writes them.

use otp_core::ExitReason;
use otp_core::sys::Switch;
use otp_etf::{Atom, Term};

use crate::reason::reason_from_term;

/// A request that a server understands.
#[derive(Debug, PartialEq)]
pub(super) enum Request {
    GetState,
    GetStatus,
    Terminate(ExitReason),
    Simple(Simple),
}

/// A request for which it is enough to know the server's pid.
#[derive(Debug, PartialEq)]
pub(super) enum Simple {
    Suspend,
    Resume,
    Statistics(Switch),
    GetStatistics,
    /// The last so many events are kept; 0 ends that.
    Log(usize),
    GetLog,
    PrintLog,
    Trace(Switch),
    NoDebug,
    /// Another request about debugging.
    UnknownDebug,
    Unknown(Term),
}

/// How many events a log has that is asked for without a number, as in OTP.
const LOG: usize = 10;

/// How many events another node can have a server keep.
const LONGEST_LOG: usize = 1_000;

impl Request {
    pub(super) fn of(request: Term) -> Self {
        let simple = match name(&request) {
            Some("get_state") => return Self::GetState,
            Some("get_status") => return Self::GetStatus,
            Some("suspend") => Simple::Suspend,
            Some("resume") => Simple::Resume,
            Some(_) => Simple::Unknown(request),
            None => match request.as_tuple() {
                Some([tag, reason]) if name(tag) == Some("terminate") => {
                    return Self::Terminate(reason_from_term(reason.clone()));
                }
                Some([tag, debug]) if name(tag) == Some("debug") => {
                    self::debug(debug).unwrap_or(Simple::UnknownDebug)
                }
                _ => Simple::Unknown(request),
            },
        };
        Self::Simple(simple)
    }
}

fn debug(debug: &Term) -> Option<Simple> {
    if name(debug) == Some("no_debug") {
        return Some(Simple::NoDebug);
    }
    let [tool, how] = debug.as_tuple()? else {
        return None;
    };
    Some(match (name(tool)?, name(how)) {
        ("statistics", Some("get")) => Simple::GetStatistics,
        ("statistics", how) => Simple::Statistics(switch(how)?),
        ("trace", how) => Simple::Trace(switch(how)?),
        ("log", Some("get")) => Simple::GetLog,
        ("log", Some("print")) => Simple::PrintLog,
        ("log", Some("true")) => Simple::Log(LOG),
        ("log", Some("false")) => Simple::Log(0),
        ("log", None) => match how.as_tuple()? {
            [on, events] if name(on) == Some("true") => {
                let events = usize::try_from(events.as_integer()?).ok()?;
                Simple::Log(Some(events.min(LONGEST_LOG)).filter(|events| *events > 0)?)
            }
            _ => return None,
        },
        _ => return None,
    })
}

fn switch(how: Option<&str>) -> Option<Switch> {
    match how? {
        "true" => Some(Switch::On),
        "false" => Some(Switch::Off),
        _ => None,
    }
}

fn name(term: &Term) -> Option<&str> {
    term.as_atom().map(Atom::as_str)
}

#[cfg(test)]
mod tests {
    use otp_core::ExitReason;
    use otp_core::sys::Switch;
    use otp_etf::{Term, term};

    use super::{Request, Simple};

    fn simple(request: Term) -> Simple {
        match Request::of(request) {
            Request::Simple(simple) => simple,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn requests_are_those_of_sys() {
        assert_eq!(Request::of(term!(get_state)), Request::GetState);
        assert_eq!(Request::of(term!(get_status)), Request::GetStatus);
        let terminate = Request::of(term!({terminate, shutdown}));
        assert_eq!(terminate, Request::Terminate(ExitReason::Shutdown));
        assert_eq!(simple(term!(suspend)), Simple::Suspend);
        assert_eq!(simple(term!(resume)), Simple::Resume);
        for (request, expected) in [
            (term!({statistics, true}), Simple::Statistics(Switch::On)),
            (term!({statistics, false}), Simple::Statistics(Switch::Off)),
            (term!({statistics, get}), Simple::GetStatistics),
            (term!({statistics, maybe}), Simple::UnknownDebug),
            (term!({trace, true}), Simple::Trace(Switch::On)),
            (term!({log, true}), Simple::Log(10)),
            (term!({log, {true, 3}}), Simple::Log(3)),
            (term!({log, {true, 1_000_000_000}}), Simple::Log(1_000)),
            (term!({log, {true, 0}}), Simple::UnknownDebug),
            (term!({log, {true, (-1)}}), Simple::UnknownDebug),
            (term!({log, false}), Simple::Log(0)),
            (term!({log, get}), Simple::GetLog),
            (term!({log, print}), Simple::PrintLog),
            (term!({install, {f, 1}}), Simple::UnknownDebug),
            (term!(no_debug), Simple::NoDebug),
            (term!(odd), Simple::UnknownDebug),
        ] {
            assert_eq!(simple(term!({debug, (request.clone())})), expected);
        }
        for odd in [
            term!(what),
            term!({terminate, a, b}),
            term!({replace_state, 1}),
            term!(7),
        ] {
            assert_eq!(simple(odd.clone()), Simple::Unknown(odd));
        }
    }
}
