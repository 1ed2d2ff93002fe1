//! What a frame says.

mod decode;
mod encode;
mod op;

use otp_etf::{Atom, DecodeError, Pid, Reference, Term};
use thiserror::Error;

pub use encode::{alias_send, reg_send, send_sender};

/// A signal or a message between processes of two nodes, without what it carries.
///
/// One that carries something says so at its variant; what it carries is a term that
/// [`decode`](Self::decode) gives back undecoded. Where OTP has two forms for one signal, with the reason within and behind,
/// there is one variant. Tokens of sequential traces are beside it.
///
/// # OTP
///
/// The control messages of `erl_dist_protocol`. What every OTP since 23 sends is here.
///
/// # Differences from OTP
///
/// `UNLINK` without an id (4) is unknown: the flag `UNLINK_ID` is mandatory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// `LINK`: `from` links itself to `to`.
    Link {
        /// The process that has called `link/1`.
        from: Pid,
        /// The other one.
        to: Pid,
    },
    /// `SEND`: a message, which is carried.
    Send {
        /// The receiver.
        to: Pid,
    },
    /// `SEND_SENDER`: a message, which is carried.
    SendSender {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
    },
    /// `REG_SEND`: a message to a name, which is carried.
    RegSend {
        /// The sender.
        from: Pid,
        /// The receiver's name.
        to: Atom,
    },
    /// `ALIAS_SEND`: a message to an alias, which is carried.
    AliasSend {
        /// The sender.
        from: Pid,
        /// The alias.
        to: Reference,
    },
    /// `EXIT`, `PAYLOAD_EXIT`: a link is broken by an exit, and the reason is carried.
    Exit {
        /// The process that has ended.
        from: Pid,
        /// The one that was linked.
        to: Pid,
    },
    /// `EXIT2`, `PAYLOAD_EXIT2`: `exit(To, Reason)`; the reason is carried.
    Exit2 {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
    },
    /// `UNLINK_ID`: to be acknowledged before any other signal to `from`.
    UnlinkId {
        /// Which unlink, never 0.
        id: u64,
        /// The process that has called `unlink/1`.
        from: Pid,
        /// The other one.
        to: Pid,
    },
    /// `UNLINK_ID_ACK`.
    UnlinkIdAck {
        /// Which unlink, never 0.
        id: u64,
        /// The process that was unlinked.
        from: Pid,
        /// The one that has called `unlink/1`.
        to: Pid,
    },
    /// `NODE_LINK`: to be ignored.
    NodeLink,
    /// `GROUP_LEADER`: `from` makes itself the group leader of `to`.
    GroupLeader {
        /// The group leader.
        from: Pid,
        /// The process.
        to: Pid,
    },
    /// `MONITOR_P`.
    Monitor {
        /// The process that monitors.
        from: Pid,
        /// What it monitors.
        to: Target,
        /// The monitor.
        reference: Reference,
    },
    /// `DEMONITOR_P`.
    Demonitor {
        /// The process that monitors.
        from: Pid,
        /// What it monitors.
        to: Target,
        /// The monitor.
        reference: Reference,
    },
    /// `MONITOR_P_EXIT`, `PAYLOAD_MONITOR_P_EXIT`: what was monitored has ended, and the reason is carried.
    MonitorExit {
        /// What was monitored, by a name if it was monitored by that name.
        from: Target,
        /// The process that monitors.
        to: Pid,
        /// The monitor.
        reference: Reference,
    },
    /// `SPAWN_REQUEST`: a process is to be started. The list of arguments is carried.
    SpawnRequest(Box<Spawn>),
    /// `SPAWN_REPLY`.
    SpawnReply {
        /// The request.
        id: Reference,
        /// The process that has sent it.
        to: Pid,
        /// Whether a link was made.
        is_linked: bool,
        /// Whether a monitor was made.
        is_monitored: bool,
        /// The new process, or why there is none.
        result: Result<Pid, Atom>,
    },
    /// `ALTACT_SIG_SEND`: a message, or an exit's reason, which is carried. It stands for several of the others, and comes only if
    /// both sides have [`ALTACT_SIG`](super::flags::Flags::ALTACT_SIG).
    Altact {
        /// Whether the receiver shall take it before ordinary ones.
        is_priority: bool,
        /// Whether this is `exit(To, Reason)`, and not a message.
        is_exit: bool,
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Destination,
    },
    /// An operation that is not known here, to be ignored.
    Unknown(i64),
}

/// A request to start a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spawn {
    /// The request, and the monitor if one is wanted.
    pub id: Reference,
    /// Who asks.
    pub from: Pid,
    /// The group leader of the new process.
    pub group_leader: Pid,
    /// The module, the function and how many arguments there are.
    pub function: (Atom, Atom, u8),
    /// The options as they came: a list with `link`, `monitor` and others, or anything else from a hostile peer.
    pub options: Term,
}

/// What is monitored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A process.
    Pid(Pid),
    /// Whatever has this name.
    Name(Atom),
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Destination {
    /// To a process.
    Pid(Pid),
    /// To what has this name.
    Name(Atom),
    /// To an alias.
    Alias(Reference),
}

/// Why a control message is refused. The connection is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ControlError {
    /// It is no term, or has a part of another kind than it must have.
    #[error("a malformed control message")]
    Decode(#[from] DecodeError),
    /// It has the wrong number of parts.
    #[error("a control message {op} of {arity} parts")]
    Arity {
        /// The operation.
        op: i64,
        /// How many parts it has, the operation included.
        arity: usize,
    },
    /// It has to carry something and does not, or the other way round.
    #[error(
        "a control message {0} with a payload that it must not have, or without one that it must have"
    )]
    Payload(i64),
    /// A number is out of its range.
    #[error("a control message {0} with a number that is out of range")]
    Number(i64),
}

impl Control {
    /// The process whose other signals this one must not overtake, and that must not overtake it. `None` if that is not known.
    #[must_use]
    pub fn sender(&self) -> Option<&Pid> {
        match self {
            Self::Link { from, .. }
            | Self::SendSender { from, .. }
            | Self::RegSend { from, .. }
            | Self::AliasSend { from, .. }
            | Self::Exit { from, .. }
            | Self::Exit2 { from, .. }
            | Self::UnlinkId { from, .. }
            | Self::UnlinkIdAck { from, .. }
            | Self::GroupLeader { from, .. }
            | Self::Monitor { from, .. }
            | Self::Demonitor { from, .. }
            | Self::MonitorExit {
                from: Target::Pid(from),
                ..
            }
            | Self::Altact { from, .. } => Some(from),
            Self::SpawnRequest(spawn) => Some(&spawn.from),
            // A new process has sent nothing before; of one that was not made, nobody has.
            Self::SpawnReply { result, to, .. } => Some(result.as_ref().unwrap_or(to)),
            Self::Send { .. }
            | Self::MonitorExit {
                from: Target::Name(_),
                ..
            }
            | Self::NodeLink
            | Self::Unknown(_) => None,
        }
    }
}

impl Spawn {
    /// Whether the options have this atom.
    #[must_use]
    pub fn has_option(&self, option: &str) -> bool {
        match &self.options {
            Term::List(options) => options
                .iter()
                .any(|term| matches!(term, Term::Atom(atom) if atom == option)),
            _ => false,
        }
    }
}
