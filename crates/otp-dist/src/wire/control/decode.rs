//! From the bytes of a frame to a control message.

use otp_etf::{Atom, DecodeError, Decoder, Limits, Pid, Term, TermRef};

use super::{Control, ControlError, Destination, Spawn, Target, op};
use crate::wire::frame::Message;

/// The tag of nearly all atoms.
const SMALL_ATOM_UTF8: u8 = 119;

/// The arguments of a control message, which are read in their order.
struct Arguments<'a> {
    decoder: Decoder<'a>,
    op: i64,
    /// How many parts the tuple has, the operation included.
    arity: usize,
    /// Whether the decoder reads the token of a sequential trace.
    has_token: bool,
    token: Option<TermRef<'a>>,
}

impl Control {
    /// Reads a control message, and gives what it carries as the bytes of one term, without a version byte. They are not looked at: the
    /// owner of the term knows its type, or that nobody wants it.
    ///
    /// If there is nothing to be carried the bytes are empty.
    ///
    /// # Errors
    ///
    /// When it is malformed. An unknown operation is no error.
    pub fn decode<'a>(
        message: Message<'a>,
        limits: &Limits,
    ) -> Result<(Self, &'a [u8]), ControlError> {
        let (control, payload, _token) = Self::decode_with_token(message, limits)?;
        Ok((control, payload))
    }

    /// As [`decode`](Self::decode), and gives the token of a sequential trace, if there is one.
    ///
    /// # OTP
    ///
    /// `seq_trace`. The token is the tuple `{Flags, Label, Serial, From, Previous}`.
    ///
    /// # Errors
    ///
    /// When it is malformed. An unknown operation is no error.
    pub fn decode_with_token<'a>(
        message: Message<'a>,
        limits: &Limits,
    ) -> Result<(Self, &'a [u8], Option<TermRef<'a>>), ControlError> {
        Self::decode_of(message, limits, &[])
    }

    /// The same, of a connection between these nodes.
    pub(crate) fn decode_of<'a>(
        message: Message<'a>,
        limits: &Limits,
        nodes: &'a [Atom],
    ) -> Result<(Self, &'a [u8], Option<TermRef<'a>>), ControlError> {
        let mut decoder = Decoder::new(message.bytes, *limits).nodes(nodes);
        if message.is_versioned {
            decoder.version()?;
        }
        let arity = decoder.next_tuple()?;
        if arity == 0 {
            return Err(ControlError::Arity { op: 0, arity });
        }
        let op = decoder.next_integer()?;
        let mut arguments = Arguments {
            decoder,
            op,
            arity,
            has_token: false,
            token: None,
        };
        // In the older forms of exits the reason is the last argument.
        let mut reason = None;
        let control = match u8::try_from(op).unwrap_or(0) {
            op::REG_SEND | op::REG_SEND_TT => {
                arguments.count(4, op == i64::from(op::REG_SEND_TT))?;
                let from = arguments.pid()?;
                arguments.skip()?;
                let to = arguments.decoder.next_atom()?;
                Self::RegSend { from, to }
            }
            op::SEND_SENDER | op::SEND_SENDER_TT => {
                arguments.count(3, op == i64::from(op::SEND_SENDER_TT))?;
                let (from, to) = arguments.pids()?;
                Self::SendSender { from, to }
            }
            op::SEND | op::SEND_TT => {
                arguments.count(3, op == i64::from(op::SEND_TT))?;
                arguments.skip()?;
                Self::Send {
                    to: arguments.pid()?,
                }
            }
            op::ALIAS_SEND | op::ALIAS_SEND_TT => {
                arguments.count(3, op == i64::from(op::ALIAS_SEND_TT))?;
                let from = arguments.pid()?;
                let to = arguments.decoder.next_reference()?;
                Self::AliasSend { from, to }
            }
            op::ALTACT_SIG_SEND => arguments.altact()?,
            op::LINK => {
                arguments.count(3, false)?;
                let (from, to) = arguments.pids()?;
                Self::Link { from, to }
            }
            number @ (op::EXIT | op::EXIT_TT | op::EXIT2 | op::EXIT2_TT) => {
                arguments.count(4, matches!(number, op::EXIT_TT | op::EXIT2_TT))?;
                let (from, to) = arguments.pids()?;
                // Here alone it is not the last one.
                arguments.read_token()?;
                reason = Some(arguments.decoder.term_ref()?.as_bytes());
                match number {
                    op::EXIT | op::EXIT_TT => Self::Exit { from, to },
                    _ => Self::Exit2 { from, to },
                }
            }
            op::PAYLOAD_EXIT | op::PAYLOAD_EXIT_TT => {
                arguments.count(3, op == i64::from(op::PAYLOAD_EXIT_TT))?;
                let (from, to) = arguments.pids()?;
                Self::Exit { from, to }
            }
            op::PAYLOAD_EXIT2 | op::PAYLOAD_EXIT2_TT => {
                arguments.count(3, op == i64::from(op::PAYLOAD_EXIT2_TT))?;
                let (from, to) = arguments.pids()?;
                Self::Exit2 { from, to }
            }
            op::UNLINK_ID => {
                arguments.count(4, false)?;
                let id = arguments.unlink_id()?;
                let (from, to) = arguments.pids()?;
                Self::UnlinkId { id, from, to }
            }
            op::UNLINK_ID_ACK => {
                arguments.count(4, false)?;
                let id = arguments.unlink_id()?;
                let (from, to) = arguments.pids()?;
                Self::UnlinkIdAck { id, from, to }
            }
            op::NODE_LINK => {
                arguments.count(1, false)?;
                Self::NodeLink
            }
            op::GROUP_LEADER => {
                arguments.count(3, false)?;
                let (from, to) = arguments.pids()?;
                Self::GroupLeader { from, to }
            }
            number @ (op::MONITOR_P | op::DEMONITOR_P) => {
                arguments.count(4, false)?;
                let from = arguments.pid()?;
                let to = arguments.target()?;
                let reference = arguments.decoder.next_reference()?;
                if number == op::MONITOR_P {
                    Self::Monitor {
                        from,
                        to,
                        reference,
                    }
                } else {
                    Self::Demonitor {
                        from,
                        to,
                        reference,
                    }
                }
            }
            number @ (op::MONITOR_P_EXIT | op::PAYLOAD_MONITOR_P_EXIT) => {
                let has_reason = number == op::MONITOR_P_EXIT;
                arguments.count(if has_reason { 5 } else { 4 }, false)?;
                let from = arguments.target()?;
                let to = arguments.pid()?;
                let reference = arguments.decoder.next_reference()?;
                if has_reason {
                    reason = Some(arguments.decoder.term_ref()?.as_bytes());
                }
                Self::MonitorExit {
                    from,
                    to,
                    reference,
                }
            }
            op::SPAWN_REQUEST | op::SPAWN_REQUEST_TT => {
                arguments.count(6, op == i64::from(op::SPAWN_REQUEST_TT))?;
                Self::SpawnRequest(Box::new(arguments.spawn()?))
            }
            op::SPAWN_REPLY | op::SPAWN_REPLY_TT => {
                arguments.count(5, op == i64::from(op::SPAWN_REPLY_TT))?;
                arguments.spawn_reply()?
            }
            _ => return Ok((Self::Unknown(op), &[], None)),
        };
        arguments.read_token()?;
        let rest = arguments.decoder.rest();
        let payload = match (rest, message.is_versioned) {
            ([], _) => rest,
            (_, true) => {
                arguments.decoder.version()?;
                arguments.decoder.rest()
            }
            (_, false) => rest,
        };
        if control.carries() == (reason.is_none() && payload.is_empty()) {
            return Err(ControlError::Payload(op));
        }
        match reason {
            Some(_) if !payload.is_empty() => Err(ControlError::Payload(op)),
            Some(reason) => Ok((control, reason, arguments.token)),
            None => Ok((control, payload, arguments.token)),
        }
    }

    /// Whether it carries a term.
    #[must_use]
    pub fn carries(&self) -> bool {
        match self {
            Self::Send { .. }
            | Self::SendSender { .. }
            | Self::RegSend { .. }
            | Self::AliasSend { .. }
            | Self::Exit { .. }
            | Self::Exit2 { .. }
            | Self::MonitorExit { .. }
            | Self::SpawnRequest(_)
            | Self::Altact { .. } => true,
            Self::Link { .. }
            | Self::UnlinkId { .. }
            | Self::UnlinkIdAck { .. }
            | Self::NodeLink
            | Self::GroupLeader { .. }
            | Self::Monitor { .. }
            | Self::Demonitor { .. }
            | Self::SpawnReply { .. }
            | Self::Unknown(_) => false,
        }
    }
}

impl<'a> Arguments<'a> {
    /// Checks how many parts there are: these, and one more if there is a token.
    fn count(&mut self, parts: usize, has_token: bool) -> Result<(), ControlError> {
        let (op, arity) = (self.op, self.arity);
        self.has_token = has_token;
        if arity == parts + usize::from(has_token) {
            Ok(())
        } else {
            Err(ControlError::Arity { op, arity })
        }
    }

    fn skip(&mut self) -> Result<TermRef<'a>, DecodeError> {
        self.decoder.term_ref()
    }

    /// Reads the token, if there is one that was not yet read.
    fn read_token(&mut self) -> Result<(), DecodeError> {
        if std::mem::take(&mut self.has_token) {
            self.token = Some(self.skip()?);
        }
        Ok(())
    }

    fn pid(&mut self) -> Result<Pid, DecodeError> {
        self.decoder.next_pid()
    }

    fn pids(&mut self) -> Result<(Pid, Pid), DecodeError> {
        Ok((self.pid()?, self.pid()?))
    }

    fn target(&mut self) -> Result<Target, DecodeError> {
        if self.decoder.rest().first() == Some(&SMALL_ATOM_UTF8) {
            return self.decoder.next_atom().map(Target::Name);
        }
        let mut other = self.decoder.clone();
        match self.decoder.next_pid() {
            Err(DecodeError::Expected(_)) => {
                let name = other.next_atom().map_err(|error| match error {
                    DecodeError::Expected(_) => DecodeError::Expected("a pid or a name"),
                    error => error,
                })?;
                self.decoder = other;
                Ok(Target::Name(name))
            }
            pid => pid.map(Target::Pid),
        }
    }

    /// An unsigned number of 64 bits that is not 0.
    fn unlink_id(&mut self) -> Result<u64, ControlError> {
        let number = match self.decoder.term()? {
            Term::Integer(number) => u64::try_from(number).ok(),
            Term::BigInt(number) => number
                .to_u128()
                .and_then(|number| u64::try_from(number).ok()),
            _ => return Err(DecodeError::Expected("an integer").into()),
        };
        match number {
            Some(number) if number > 0 => Ok(number),
            _ => Err(ControlError::Number(self.op)),
        }
    }

    fn altact(&mut self) -> Result<Control, ControlError> {
        // The flags tell whether there is a token, so the parts are counted behind them.
        if self.arity < 4 {
            self.count(4, false)?;
        }
        let flags = self.decoder.next_integer()?;
        let has = |flag| flags & flag != 0;
        self.count(4, has(op::ALTACT_TOKEN))?;
        let from = self.pid()?;
        let to = if has(op::ALTACT_ALIAS) {
            Destination::Alias(self.decoder.next_reference()?)
        } else if has(op::ALTACT_NAME) {
            Destination::Name(self.decoder.next_atom()?)
        } else {
            Destination::Pid(self.pid()?)
        };
        Ok(Control::Altact {
            is_priority: has(op::ALTACT_PRIORITY),
            is_exit: has(op::ALTACT_EXIT),
            from,
            to,
        })
    }

    fn spawn(&mut self) -> Result<Spawn, ControlError> {
        let id = self.decoder.next_reference()?;
        let (from, group_leader) = self.pids()?;
        let parts = self.decoder.next_tuple()?;
        if parts != 3 {
            return Err(DecodeError::Expected("a function of three parts").into());
        }
        let (module, function) = (self.decoder.next_atom()?, self.decoder.next_atom()?);
        let arity = self.decoder.next_integer()?;
        let arity = u8::try_from(arity).map_err(|_| ControlError::Number(self.op))?;
        let options = self.decoder.term()?;
        Ok(Spawn {
            id,
            from,
            group_leader,
            function: (module, function, arity),
            options,
        })
    }

    fn spawn_reply(&mut self) -> Result<Control, ControlError> {
        let id = self.decoder.next_reference()?;
        let to = self.pid()?;
        let flags = self.decoder.next_integer()?;
        let result = match self.target()? {
            Target::Pid(pid) => Ok(pid),
            Target::Name(error) => Err(error),
        };
        Ok(Control::SpawnReply {
            id,
            to,
            is_linked: flags & op::SPAWN_LINK != 0,
            is_monitored: flags & op::SPAWN_MONITOR != 0,
            result,
        })
    }
}
