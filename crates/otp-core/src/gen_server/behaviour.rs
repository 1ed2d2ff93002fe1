//! The names of a server's behaviour in reports: the server may be the process of another behaviour.

use std::any::type_name;

use super::GenServer;

/// The names of a server in reports.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Behaviour {
    /// In the text of a report.
    pub(crate) title: &'static str,
    /// In the field `kind` of a report: OTP's name.
    pub(crate) kind: &'static str,
    /// The type that a user has written.
    pub(crate) server_type: &'static str,
    /// The server reports its events itself, and the loop does not.
    pub(crate) tells_itself: bool,
}

impl Behaviour {
    pub(crate) fn gen_server<S: GenServer>() -> Self {
        Self {
            title: "GenServer",
            kind: "gen_server",
            server_type: type_name::<S>(),
            tells_itself: false,
        }
    }
}
