//! The messages of a handshake as bytes.

use otp_etf::Atom;

use super::{Framing, HandshakeError, Identity};
use crate::wire::flags::Flags;
use crate::wire::name::is_part;

/// The accepting side's answer to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Go on.
    Ok,
    /// Go on; an attempt in the other direction is given up for this one.
    OkSimultaneous,
    /// An attempt in the other direction goes on, and not this one.
    Nok,
    /// The node may not connect.
    NotAllowed,
    /// There is a connection to this node already. It has to say whether that is an old one.
    Alive,
}

/// A message to be sent.
pub(super) enum Message {
    Name(Identity),
    Status(Status),
    TakeOver,
    Challenge(Identity, u32),
    Reply(u32, [u8; 16]),
    Ack([u8; 16]),
}

impl Status {
    /// The answer to a name that the node itself is dialling at the same time: the attempt of the greater name
    /// continues.
    ///
    /// With [`OkSimultaneous`](Self::OkSimultaneous) the node ends its own attempt.
    ///
    /// # OTP
    ///
    /// `dist_util:mark_pending` and `net_kernel`, which compare the names as atoms.
    #[must_use]
    pub fn simultaneous(us: &Atom, peer: &Atom) -> Self {
        if peer > us {
            Self::OkSimultaneous
        } else {
            Self::Nok
        }
    }

    fn text(self) -> &'static [u8] {
        match self {
            Self::Ok => b"ok",
            Self::OkSimultaneous => b"ok_simultaneous",
            Self::Nok => b"nok",
            Self::NotAllowed => b"not_allowed",
            Self::Alive => b"alive",
        }
    }
}

impl Message {
    /// Appends the message with its length.
    pub(super) fn write(&self, framing: Framing, out: &mut Vec<u8>) {
        let mut message = Vec::with_capacity(64);
        match self {
            Self::Name(us) => {
                message.push(b'N');
                message.extend(us.flags.bits().to_be_bytes());
                message.extend(us.creation.to_be_bytes());
                name(&us.name, &mut message);
            }
            Self::Status(status) => {
                message.push(b's');
                message.extend(status.text());
            }
            Self::TakeOver => message.extend(b"strue"),
            Self::Challenge(us, challenge) => {
                message.push(b'N');
                message.extend(us.flags.bits().to_be_bytes());
                message.extend(challenge.to_be_bytes());
                message.extend(us.creation.to_be_bytes());
                name(&us.name, &mut message);
            }
            Self::Reply(challenge, digest) => {
                message.push(b'r');
                message.extend(challenge.to_be_bytes());
                message.extend(digest);
            }
            Self::Ack(digest) => {
                message.push(b'a');
                message.extend(digest);
            }
        }
        // The longest has an atom of 255 characters, which is not 1.1 KB.
        let length = message.len() as u16;
        match framing {
            Framing::Two => out.extend(length.to_be_bytes()),
            Framing::Four => out.extend(u32::from(length).to_be_bytes()),
        }
        out.extend(message);
    }
}

fn name(name: &Atom, out: &mut Vec<u8>) {
    out.extend((name.as_bytes().len() as u16).to_be_bytes());
    out.extend(name.as_bytes());
}

/// The parts of a message, in order.
struct Parts<'a> {
    bytes: &'a [u8],
    expected: &'static str,
}

impl<'a> Parts<'a> {
    /// A message that begins with this byte.
    fn new(bytes: &'a [u8], first: u8, expected: &'static str) -> Result<Self, HandshakeError> {
        match bytes.split_first() {
            Some((byte, bytes)) if *byte == first => Ok(Self { bytes, expected }),
            _ => Err(HandshakeError::Malformed(expected)),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], HandshakeError> {
        let split = self.bytes.split_first_chunk();
        let (array, rest) = split.ok_or(HandshakeError::Malformed(self.expected))?;
        self.bytes = rest;
        Ok(*array)
    }

    fn u32(&mut self) -> Result<u32, HandshakeError> {
        self.array().map(u32::from_be_bytes)
    }

    fn flags(&mut self) -> Result<Flags, HandshakeError> {
        self.array()
            .map(|bits| Flags::from_bits(u64::from_be_bytes(bits)))
    }

    /// A name. Bytes after it are for future versions, and must be ignored.
    fn name(mut self) -> Result<Atom, HandshakeError> {
        let length = u16::from_be_bytes(self.array()?).into();
        let text = self.bytes.get(..length);
        let text = text.ok_or(HandshakeError::Malformed(self.expected))?;
        node_name(text).ok_or(HandshakeError::Name)
    }

    /// Makes sure that nothing follows.
    fn end(self) -> Result<(), HandshakeError> {
        if self.bytes.is_empty() {
            Ok(())
        } else {
            Err(HandshakeError::Malformed(self.expected))
        }
    }
}

/// A name and a host, with one `@` between them, of characters that can be seen.
fn node_name(text: &[u8]) -> Option<Atom> {
    let text = std::str::from_utf8(text).ok()?;
    let (name, host) = text.split_once('@')?;
    if !is_part(name) || !is_part(host) {
        return None;
    }
    Atom::new(text).ok()
}

/// The name of the dialling side.
pub(super) fn read_name(bytes: &[u8]) -> Result<Identity, HandshakeError> {
    let mut parts = Parts::new(bytes, b'N', "a name")?;
    Ok(Identity {
        flags: parts.flags()?,
        creation: parts.u32()?,
        name: parts.name()?,
    })
}

pub(super) fn read_status(bytes: &[u8]) -> Result<Status, HandshakeError> {
    let text = Parts::new(bytes, b's', "a status")?.bytes;
    [
        Status::Ok,
        Status::OkSimultaneous,
        Status::Nok,
        Status::NotAllowed,
        Status::Alive,
    ]
    .into_iter()
    .find(|status| status.text() == text)
    .ok_or(HandshakeError::Malformed("a status"))
}

/// The answer to [`Status::Alive`].
pub(super) fn read_take_over(bytes: &[u8]) -> Result<bool, HandshakeError> {
    match bytes {
        b"strue" => Ok(true),
        b"sfalse" => Ok(false),
        _ => Err(HandshakeError::Malformed("true or false")),
    }
}

/// The identity of the accepting side, and its challenge.
pub(super) fn read_challenge(bytes: &[u8]) -> Result<(Identity, u32), HandshakeError> {
    let mut parts = Parts::new(bytes, b'N', "a challenge")?;
    let flags = parts.flags()?;
    let challenge = parts.u32()?;
    let creation = parts.u32()?;
    let name = parts.name()?;
    let peer = Identity {
        name,
        flags,
        creation,
    };
    Ok((peer, challenge))
}

/// The challenge of the dialling side, and its digest.
pub(super) fn read_reply(bytes: &[u8]) -> Result<(u32, [u8; 16]), HandshakeError> {
    let mut parts = Parts::new(bytes, b'r', "a reply to a challenge")?;
    let reply = (parts.u32()?, parts.array()?);
    parts.end()?;
    Ok(reply)
}

/// The digest of the accepting side.
pub(super) fn read_ack(bytes: &[u8]) -> Result<[u8; 16], HandshakeError> {
    let mut parts = Parts::new(bytes, b'a', "an acknowledged challenge")?;
    let digest = parts.array()?;
    parts.end()?;
    Ok(digest)
}
