//! What a puppet can be told.

use otp_dist::Destination;
use otp_etf::{Atom, Pid, Reference, Term};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Command {
    Take,
    Stats,
    Link(Pid),
    Unlink(Pid),
    Exit(Pid, Term),
    Send(Dest, Term),
    Cast(Dest, Term),
    Sleep(u64),
    Monitor(Dest),
    Demonitor(Reference),
    MonitorMany(Dest, u64),
    SendMany(Dest, u64),
    Flood(Dest, u64, usize),
    Blob(usize),
    Call(Dest, Term, u64),
    Rpc(Atom, Atom, Atom, Term, u64),
    Connect(Atom),
    ConnectAt(Atom, u64),
    Disconnect(Atom),
    Nodes,
    MonitorNodes(bool),
    Join(Term),
    Leave(Term),
    Members(Term),
    Global(Atom, Term),
    Stop(Term),
}

/// A pid or `{name, node}`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Term", into = "Term")]
pub(crate) struct Dest(pub(crate) Destination);

impl TryFrom<Term> for Dest {
    type Error = &'static str;

    fn try_from(term: Term) -> Result<Self, Self::Error> {
        if let Some(pid) = term.as_pid() {
            return Ok(Self(Destination::Pid(pid.clone())));
        }
        match term.as_tuple() {
            Some([Term::Atom(name), Term::Atom(node)]) => {
                Ok(Self(Destination::Name(name.clone(), node.clone())))
            }
            _ => Err("expected a pid or {name, node}"),
        }
    }
}

impl From<Dest> for Term {
    fn from(Dest(to): Dest) -> Self {
        match to {
            Destination::Pid(pid) => pid.into(),
            Destination::Name(name, node) => Self::tuple([name.into(), node.into()]),
        }
    }
}
