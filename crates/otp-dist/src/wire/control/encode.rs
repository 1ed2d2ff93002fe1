//! From a control message to bytes.

use otp_etf::{Atom, EncodeError, Pid, Reference, Term};

use super::{Control, Destination, Target, op};

const TUPLE: u8 = 104;
const SMALL_INTEGER: u8 = 97;
/// The atom `''`, which stands where a cookie was once.
const UNUSED: [u8; 2] = [119, 0];

/// Appends `{6, From, '', To}`, as [`Control::RegSend`] without owning its parts.
pub fn reg_send(out: &mut Vec<u8>, from: &Pid, to: &Atom) {
    begin(out, 4, op::REG_SEND);
    from.encode_into(out);
    out.extend_from_slice(&UNUSED);
    to.encode_into(out);
}

/// Appends `{22, From, To}`, as [`Control::SendSender`] without owning its parts.
pub fn send_sender(out: &mut Vec<u8>, from: &Pid, to: &Pid) {
    pids(out, op::SEND_SENDER, from, to);
}

/// Appends `{33, From, To}`, as [`Control::AliasSend`] without owning its parts.
pub fn alias_send(out: &mut Vec<u8>, from: &Pid, to: &Reference) {
    begin(out, 3, op::ALIAS_SEND);
    from.encode_into(out);
    to.encode_into(out);
}

impl Control {
    /// Appends the control message as a term without the version byte. If it carries a reason, it is the form with the reason behind.
    ///
    /// # Errors
    ///
    /// When an option of a [`SpawnRequest`](Self::SpawnRequest) is a term that cannot be sent.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_dist::wire::control::Control;
    /// use otp_dist::wire::frame::{Format, Frame, Reader};
    /// use otp_etf::{Limits, Pid, Term, term};
    ///
    /// let node = "a@127.0.0.1".parse()?;
    /// let to = Pid { id: 90, serial: 0, node, creation: 4 };
    /// let send = Control::Send { to };
    /// let mut reader = Reader::new(1000);
    /// Format::Header.message(
    ///     reader.input(),
    ///     |out| send.encode(out),
    ///     |out| term!(hello).encode_into(out),
    /// )?;
    /// let Some(Frame::Message(message)) = reader.next()? else { panic!("a message") };
    /// let (control, payload) = Control::decode(message, &Limits::default())?;
    /// assert_eq!(control, send);
    /// assert_eq!(payload, [119, 5, b'h', b'e', b'l', b'l', b'o']);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Self::RegSend { from, to } => reg_send(out, from, to),
            Self::SendSender { from, to } => send_sender(out, from, to),
            Self::AliasSend { from, to } => alias_send(out, from, to),
            Self::Send { to } => {
                begin(out, 3, op::SEND);
                out.extend_from_slice(&UNUSED);
                to.encode_into(out);
            }
            Self::Link { from, to } => pids(out, op::LINK, from, to),
            Self::Exit { from, to } => pids(out, op::PAYLOAD_EXIT, from, to),
            Self::Exit2 { from, to } => pids(out, op::PAYLOAD_EXIT2, from, to),
            Self::GroupLeader { from, to } => pids(out, op::GROUP_LEADER, from, to),
            Self::UnlinkId { id, from, to } => unlink(out, op::UNLINK_ID, *id, from, to)?,
            Self::UnlinkIdAck { id, from, to } => unlink(out, op::UNLINK_ID_ACK, *id, from, to)?,
            Self::NodeLink => begin(out, 1, op::NODE_LINK),
            Self::Monitor {
                from,
                to,
                reference,
            } => {
                begin(out, 4, op::MONITOR_P);
                from.encode_into(out);
                target(out, to);
                reference.encode_into(out);
            }
            Self::Demonitor {
                from,
                to,
                reference,
            } => {
                begin(out, 4, op::DEMONITOR_P);
                from.encode_into(out);
                target(out, to);
                reference.encode_into(out);
            }
            Self::MonitorExit {
                from,
                to,
                reference,
            } => {
                begin(out, 4, op::PAYLOAD_MONITOR_P_EXIT);
                target(out, from);
                to.encode_into(out);
                reference.encode_into(out);
            }
            Self::SpawnRequest(spawn) => {
                begin(out, 6, op::SPAWN_REQUEST);
                spawn.id.encode_into(out);
                spawn.from.encode_into(out);
                spawn.group_leader.encode_into(out);
                let (module, function, arity) = &spawn.function;
                out.extend_from_slice(&[TUPLE, 3]);
                module.encode_into(out);
                function.encode_into(out);
                out.extend_from_slice(&[SMALL_INTEGER, *arity]);
                spawn.options.encode_into(out)?;
            }
            Self::SpawnReply {
                id,
                to,
                is_linked,
                is_monitored,
                result,
            } => {
                begin(out, 5, op::SPAWN_REPLY);
                id.encode_into(out);
                to.encode_into(out);
                let flags = flags(&[
                    (*is_linked, op::SPAWN_LINK),
                    (*is_monitored, op::SPAWN_MONITOR),
                ]);
                out.extend_from_slice(&[SMALL_INTEGER, flags]);
                match result {
                    Ok(pid) => pid.encode_into(out),
                    Err(error) => error.encode_into(out),
                }
            }
            Self::Altact {
                is_priority,
                is_exit,
                from,
                to,
            } => {
                begin(out, 4, op::ALTACT_SIG_SEND);
                let flags = flags(&[
                    (*is_priority, op::ALTACT_PRIORITY),
                    (*is_exit, op::ALTACT_EXIT),
                    (matches!(to, Destination::Alias(_)), op::ALTACT_ALIAS),
                    (matches!(to, Destination::Name(_)), op::ALTACT_NAME),
                ]);
                out.extend_from_slice(&[SMALL_INTEGER, flags]);
                from.encode_into(out);
                match to {
                    Destination::Pid(pid) => pid.encode_into(out),
                    Destination::Name(name) => name.encode_into(out),
                    Destination::Alias(alias) => alias.encode_into(out),
                }
            }
            Self::Unknown(op) => {
                out.extend_from_slice(&[TUPLE, 1]);
                Term::Integer(*op).encode_into(out)?;
            }
        }
        Ok(())
    }
}

impl Control {
    /// As [`encode`](Self::encode), with the token of a sequential trace: a term without version byte. A control message that can have no
    /// token is written without it.
    ///
    /// # OTP
    ///
    /// `seq_trace`. The token is the tuple `{Flags, Label, Serial, From, Previous}`.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    pub fn encode_with_token(&self, out: &mut Vec<u8>, token: &[u8]) -> Result<(), EncodeError> {
        let start = out.len();
        self.encode(out)?;
        let op = match self {
            Self::RegSend { .. } => op::REG_SEND_TT,
            Self::Send { .. } => op::SEND_TT,
            Self::SendSender { .. } => op::SEND_SENDER_TT,
            Self::AliasSend { .. } => op::ALIAS_SEND_TT,
            Self::SpawnRequest(_) => op::SPAWN_REQUEST_TT,
            Self::Altact { .. } => op::ALTACT_SIG_SEND,
            _ => return Ok(()),
        };
        // The tuple begins with how many parts it has, the operation, and the flags if it has some.
        let [_, parts, _, number, _, flags, ..] = &mut out[start..] else {
            unreachable!("each of these has an operation and two parts more");
        };
        *parts += 1;
        *number = op;
        if op == op::ALTACT_SIG_SEND {
            *flags |= op::ALTACT_TOKEN as u8;
        }
        out.extend_from_slice(token);
        Ok(())
    }
}

impl Control {
    /// As [`encode`](Self::encode) for an exit or a `DOWN`, in the form with the reason within: a term without version byte. It is for a
    /// peer without [`EXIT_PAYLOAD`](crate::wire::flags::Flags::EXIT_PAYLOAD), such as a C node. A control message that carries no reason
    /// is written without it.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    pub fn encode_with_reason(&self, out: &mut Vec<u8>, reason: &[u8]) -> Result<(), EncodeError> {
        let start = out.len();
        self.encode(out)?;
        let op = match self {
            Self::Exit { .. } => op::EXIT,
            Self::Exit2 { .. } => op::EXIT2,
            Self::MonitorExit { .. } => op::MONITOR_P_EXIT,
            _ => return Ok(()),
        };
        let [_, parts, _, number, ..] = &mut out[start..] else {
            unreachable!("each of these has an operation");
        };
        *parts += 1;
        *number = op;
        out.extend_from_slice(reason);
        Ok(())
    }
}

fn begin(out: &mut Vec<u8>, parts: u8, op: u8) {
    out.extend_from_slice(&[TUPLE, parts, SMALL_INTEGER, op]);
}

fn pids(out: &mut Vec<u8>, op: u8, from: &Pid, to: &Pid) {
    begin(out, 3, op);
    from.encode_into(out);
    to.encode_into(out);
}

fn unlink(out: &mut Vec<u8>, op: u8, id: u64, from: &Pid, to: &Pid) -> Result<(), EncodeError> {
    begin(out, 4, op);
    Term::from(id).encode_into(out)?;
    from.encode_into(out);
    to.encode_into(out);
    Ok(())
}

fn target(out: &mut Vec<u8>, target: &Target) {
    match target {
        Target::Pid(pid) => pid.encode_into(out),
        Target::Name(name) => name.encode_into(out),
    }
}

fn flags(flags: &[(bool, i64)]) -> u8 {
    let set = flags.iter().filter(|(is_set, _)| *is_set);
    set.fold(0, |all, (_, flag)| all | *flag as u8)
}
