//! Children, as they are written.

use std::str::FromStr;
use std::time::Duration;

use otp_core::child_spec::{Restart, Shutdown};

use super::{ParseError, number};

/// A child.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the words are OTP's")]
pub struct Spec {
    pub id: String,
    pub restart: Restart,
    pub temper: Temper,
    pub shutdown: Shutdown,
    pub significant: bool,
}

/// What kind of child it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Temper {
    /// Does not trap exits.
    Plain,
    /// Traps them.
    Trap,
    /// Traps them and does not end when it is told to.
    Stubborn,
    /// Is a supervisor.
    Supervisor,
}

impl FromStr for Spec {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError(text.to_owned(), "child");
        let parts: Vec<&str> = text.split('/').collect();
        let (id, restart, temper, shutdown, significant) = match parts[..] {
            [id, restart, temper, shutdown] => (id, restart, temper, shutdown, false),
            [id, restart, temper, shutdown, "significant"] => (id, restart, temper, shutdown, true),
            _ => return Err(wrong()),
        };
        let spec = Self {
            id: id.to_owned(),
            restart: match restart {
                "permanent" => Restart::Permanent,
                "transient" => Restart::Transient,
                "temporary" => Restart::Temporary,
                _ => return Err(wrong()),
            },
            temper: match temper {
                "plain" => Temper::Plain,
                "trap" => Temper::Trap,
                "stubborn" => Temper::Stubborn,
                "sup" => Temper::Supervisor,
                _ => return Err(wrong()),
            },
            shutdown: match shutdown {
                "brutal" => Shutdown::BrutalKill,
                "infinity" => Shutdown::Infinity,
                limit => Shutdown::Within(Duration::from_millis(number(limit)?)),
            },
            significant,
        };
        // Its supervisor would never answer again.
        match (spec.temper, spec.shutdown) {
            (Temper::Stubborn, Shutdown::Infinity) => {
                Err(ParseError(text.to_owned(), "child that can be stopped"))
            }
            _ => Ok(spec),
        }
    }
}
