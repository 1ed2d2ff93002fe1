//! Pids, names and reasons of exit in messages.

use std::sync::Arc;

use otp_core::remote::{Crossing, crossing};
use otp_core::{ExitReason, Name, Pid};
use otp_etf::{Decoder, Limits, SerializeError, Term, term, to_bytes_into};
use serde_core::ser::Serialize;

use crate::core::Core;
use crate::reason::{reason_from_term, reason_to_term};

impl Core {
    /// Writes a value as a term without version byte.
    pub(crate) fn write(
        self: &Arc<Self>,
        value: &(impl Serialize + ?Sized),
        bytes: &mut Vec<u8>,
    ) -> Result<(), SerializeError> {
        crossing(self.clone(), || to_bytes_into(value, bytes))
    }

    /// The same for an answer. If it has no term, the caller is told so: without an answer it would wait.
    pub(crate) fn write_answer(
        self: &Arc<Self>,
        answer: &(impl Serialize + ?Sized),
        bytes: &mut Vec<u8>,
    ) {
        let before = bytes.len();
        if let Err(error) = self.write(answer, bytes) {
            tracing::warn!(%error, "an answer cannot be written");
            bytes.truncate(before);
            let why: Term = error.to_string().into();
            term!({error, {unencodable, (why)}})
                .encode_into(bytes)
                .expect("a text can be written");
        }
    }

    /// The pid by which this program knows a process of the cluster. One of a node that is not connected is dead.
    fn pid_now(&self, pid: &otp_etf::Pid) -> Option<Pid> {
        match pid.node == self.me.name {
            true => self.own(pid),
            false => self.known(pid),
        }
    }
}

fn bytes(term: impl Into<Term>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    term.into().encode_into(&mut bytes).ok()?;
    Some(bytes)
}

fn term(bytes: &[u8]) -> Option<Term> {
    Decoder::new(bytes, Limits::default()).term().ok()
}

impl Crossing for Core {
    fn pid_out(&self, pid: Pid) -> Option<Vec<u8>> {
        bytes(self.pid_out(pid)?)
    }

    fn pid_in(&self, pid: &[u8]) -> Option<Pid> {
        self.pid_now(term(pid)?.as_pid()?)
    }

    /// A local name says on which node it is one.
    fn name_out(&self, name: &Name) -> Option<Vec<u8>> {
        let atom = |text: &str| otp_etf::Atom::new(text).ok();
        bytes(match name {
            Name::Local(name) => term!({(atom(name)?), (self.me.name.clone())}),
            Name::Global(name) => term!({global, (atom(name)?)}),
            Name::Remote(remote) => {
                term!({(atom(&remote.name)?), (self.life(remote.node)?.name)})
            }
            // A registry, or what comes later: no other node knows it.
            _ => return None,
        })
    }

    fn name_in(&self, name: &[u8]) -> Option<Name> {
        let name = term(name)?;
        if let Some(name) = name.as_atom() {
            return Some(Name::local(name.as_str().to_owned()));
        }
        let [first, second] = name.as_tuple()? else {
            return None;
        };
        let (first, second) = (first.as_atom()?, second.as_atom()?);
        if first.as_str() == "global" {
            return Some(Name::global(second.as_str().to_owned()));
        }
        let name = first.as_str().to_owned();
        if *second == self.me.name {
            return Some(Name::local(name));
        }
        Some(match self.peers.up(second) {
            Some(up) => up.remote.name(name),
            None => self.unreachable(second).name(name),
        })
    }

    fn reason_out(&self, reason: &ExitReason) -> Option<Vec<u8>> {
        bytes(reason_to_term(reason))
    }

    fn reason_in(&self, reason: &[u8]) -> Option<ExitReason> {
        term(reason).map(reason_from_term)
    }
}
