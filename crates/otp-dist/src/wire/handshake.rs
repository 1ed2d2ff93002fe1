//! How two nodes meet: names, flags, and a proof that both know the cookie.
//!
//! Version 6 of the handshake, which all of OTP 23 and later speak. [`Handshake`] is a state machine for either side.

mod error;
mod message;
mod secret;

use std::ops::Range;

use otp_etf::Atom;

use super::flags::Flags;
pub use error::HandshakeError;
use message::Message;
pub use message::Status;
pub use secret::Cookie;

/// The longest message of a handshake.
const LONGEST: usize = 1024;

/// How long a handshake may take, as on a BEAM. The owner keeps the time.
pub const TIME_LIMIT: std::time::Duration = std::time::Duration::from_secs(7);

/// The identity of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The whole name, such as `rust@127.0.0.1`.
    pub name: Atom,
    /// Its capabilities.
    pub flags: Flags,
    /// Which life of the node.
    pub creation: u32,
}

/// How long the length before a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// Two bytes, on TCP.
    #[default]
    Two,
    /// Four bytes, within TLS.
    Four,
}

/// The next step for the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// More bytes are needed.
    Wait,
    /// The acceptor has to [`answer`](Handshake::answer) whether the node may connect. Nothing is proved yet.
    Asked(Identity),
    /// Both sides know the cookie. The bytes that the peer has sent after the handshake are in
    /// [`into_rest`](Handshake::into_rest).
    Connected(Identity),
}

/// Bytes to send, and then an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Progress {
    /// Bytes to send at once.
    pub send: Vec<u8>,
    /// The next event.
    pub event: Event,
}

/// One side of a handshake.
///
/// # OTP
///
/// `dist_util:handshake_we_started/1` and `handshake_other_started/1`.
///
/// # Examples
///
/// ```
/// use otp_dist::wire::flags::Flags;
/// use otp_dist::wire::handshake::{Cookie, Event, Framing, Handshake, Identity, Status};
/// use otp_etf::Atom;
///
/// let node = |name| Identity { name: Atom::constant(name), flags: Flags::HIDDEN, creation: 4 };
/// let (a, b) = (node("a@127.0.0.1"), node("b@127.0.0.1"));
/// let cookie = Cookie::new("secret");
///
/// let (mut dialler, hello) =
///     Handshake::dial(a.clone(), b.name.clone(), cookie.clone(), 1, Framing::Two);
/// let mut acceptor = Handshake::accept(b.clone(), cookie, 2, Framing::Two);
///
/// let progress = acceptor.receive(&hello)?;
/// assert_eq!(progress.event, Event::Asked(a.clone()));
/// let progress = acceptor.answer(Status::Ok)?;
/// let progress = dialler.receive(&progress.send)?;
/// let progress = acceptor.receive(&progress.send)?;
/// assert_eq!(progress.event, Event::Connected(a));
/// let progress = dialler.receive(&progress.send)?;
/// assert_eq!(progress.event, Event::Connected(b));
/// # Ok::<(), otp_dist::wire::handshake::HandshakeError>(())
/// ```
#[derive(Debug)]
pub struct Handshake {
    us: Identity,
    cookie: Cookie,
    /// The challenge that the peer must answer with its digest.
    challenge: u32,
    framing: Framing,
    state: State,
    /// Bytes that are not yet a message.
    buffer: Vec<u8>,
}

/// The next expected message.
#[derive(Debug, Clone)]
enum State {
    // The dialling side.
    Status {
        peer: Atom,
    },
    Challenge {
        peer: Atom,
    },
    Ack {
        peer: Identity,
    },
    // The accepting side.
    Name,
    /// The owner's answer.
    Answer {
        peer: Identity,
    },
    /// Whether the dialling side takes over from an old connection.
    TakeOver {
        peer: Identity,
    },
    Reply {
        peer: Identity,
    },
    // Both.
    Connected,
    Failed,
}

impl Handshake {
    /// Begins as the side that has dialled. Send the returned bytes.
    ///
    /// The challenge must not be guessable: take it from the operating system's randomness.
    #[must_use]
    pub fn dial(
        us: Identity,
        peer: Atom,
        cookie: Cookie,
        challenge: u32,
        framing: Framing,
    ) -> (Self, Vec<u8>) {
        let mut hello = Vec::new();
        Message::Name(us.clone()).write(framing, &mut hello);
        let state = State::Status { peer };
        (Self::new(us, cookie, challenge, framing, state), hello)
    }

    /// Begins as the side that was dialled.
    ///
    /// The challenge must not be guessable: take it from the operating system's randomness.
    #[must_use]
    pub fn accept(us: Identity, cookie: Cookie, challenge: u32, framing: Framing) -> Self {
        Self::new(us, cookie, challenge, framing, State::Name)
    }

    fn new(us: Identity, cookie: Cookie, challenge: u32, framing: Framing, state: State) -> Self {
        Self {
            us,
            cookie,
            challenge,
            framing,
            state,
            buffer: Vec::new(),
        }
    }

    /// Takes bytes from the peer, cut in any way.
    ///
    /// # Errors
    ///
    /// When there will be no connection.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<Progress, HandshakeError> {
        self.buffer.extend_from_slice(bytes);
        self.advance(Vec::new())
    }

    /// Answers [`Event::Asked`].
    ///
    /// With [`Status::Nok`] and [`Status::NotAllowed`] the handshake is over when the bytes are sent. With [`Status::Alive`] an old
    /// connection has to live until [`Event::Connected`], as only then the peer is proved to be the same node.
    ///
    /// # Errors
    ///
    /// When nothing was asked, or the peer has sent something that it should not have.
    pub fn answer(&mut self, status: Status) -> Result<Progress, HandshakeError> {
        let State::Answer { peer } = &self.state else {
            return Err(self.fail(HandshakeError::Over));
        };
        let peer = peer.clone();
        let mut send = Vec::new();
        Message::Status(status).write(self.framing, &mut send);
        match status {
            Status::Ok | Status::OkSimultaneous => self.challenge_peer(peer, &mut send),
            Status::Alive => self.state = State::TakeOver { peer },
            Status::Nok | Status::NotAllowed => {
                self.state = State::Failed;
                let event = Event::Wait;
                return Ok(Progress { send, event });
            }
        }
        self.advance(send)
    }

    /// The bytes that the peer has sent after the handshake: the beginning of its frames.
    #[must_use]
    pub fn into_rest(self) -> Vec<u8> {
        self.buffer
    }

    fn fail(&mut self, error: HandshakeError) -> HandshakeError {
        self.state = State::Failed;
        self.buffer = Vec::new();
        error
    }

    /// Goes through the messages that are complete.
    fn advance(&mut self, mut send: Vec<u8>) -> Result<Progress, HandshakeError> {
        let mut used = 0;
        let event = loop {
            match &self.state {
                // Further bytes wait for the owner. The limit keeps a peer from filling the memory while the owner is
                // slow.
                State::Answer { .. } if self.buffer.len() > 2 * LONGEST => {
                    return Err(self.fail(HandshakeError::TooLong(self.buffer.len())));
                }
                State::Answer { .. } | State::Connected => break Event::Wait,
                State::Failed => return Err(HandshakeError::Over),
                _ => {}
            }
            let step = match self.framing.cut(&self.buffer[used..]) {
                Ok(None) => break Event::Wait,
                Ok(Some(message)) => {
                    let message = self.buffer[used..][message].to_vec();
                    used += self.framing.length() + message.len();
                    self.step(&message, &mut send)
                }
                Err(error) => Err(error),
            };
            match step {
                Ok(Event::Wait) => {}
                Ok(event) => break event,
                Err(error) => return Err(self.fail(error)),
            }
        };
        self.buffer.drain(..used);
        Ok(Progress { send, event })
    }

    /// Takes one message.
    fn step(&mut self, bytes: &[u8], send: &mut Vec<u8>) -> Result<Event, HandshakeError> {
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Status { peer } => match message::read_status(bytes)? {
                Status::Ok | Status::OkSimultaneous => self.state = State::Challenge { peer },
                // The peer still has a connection that is gone here. The dial would not go on if it were not wanted, so the
                // new one takes over.
                Status::Alive => {
                    Message::TakeOver.write(self.framing, send);
                    self.state = State::Challenge { peer };
                }
                Status::Nok => return Err(HandshakeError::Nok),
                Status::NotAllowed => return Err(HandshakeError::NotAllowed),
            },
            State::Challenge { peer } => {
                let (found, challenge) = message::read_challenge(bytes)?;
                if found.name != peer {
                    let (found, expected) = (found.name, peer);
                    return Err(HandshakeError::OtherNode { found, expected });
                }
                check(&self.us, &found)?;
                let digest = self.cookie.digest(challenge);
                Message::Reply(self.challenge, digest).write(self.framing, send);
                self.state = State::Ack { peer: found };
            }
            State::Ack { peer } => {
                let digest = message::read_ack(bytes)?;
                self.prove(digest)?;
                self.state = State::Connected;
                return Ok(Event::Connected(peer));
            }
            State::Name => {
                let peer = message::read_name(bytes)?;
                check(&self.us, &peer)?;
                self.state = State::Answer { peer: peer.clone() };
                return Ok(Event::Asked(peer));
            }
            State::TakeOver { peer } => {
                if !message::read_take_over(bytes)? {
                    return Err(HandshakeError::NotTaken);
                }
                self.challenge_peer(peer, send);
            }
            State::Reply { peer } => {
                let (challenge, digest) = message::read_reply(bytes)?;
                self.prove(digest)?;
                Message::Ack(self.cookie.digest(challenge)).write(self.framing, send);
                self.state = State::Connected;
                return Ok(Event::Connected(peer));
            }
            State::Answer { .. } | State::Connected | State::Failed => {
                return Err(HandshakeError::Over);
            }
        }
        Ok(Event::Wait)
    }

    fn challenge_peer(&mut self, peer: Identity, send: &mut Vec<u8>) {
        Message::Challenge(self.us.clone(), self.challenge).write(self.framing, send);
        self.state = State::Reply { peer };
    }

    /// Checks the peer's digest of this node's challenge.
    fn prove(&self, digest: [u8; 16]) -> Result<(), HandshakeError> {
        if self.cookie.proves(self.challenge, digest) {
            Ok(())
        } else {
            Err(HandshakeError::Cookie)
        }
    }
}

/// Checks the identity that a peer announces.
fn check(us: &Identity, peer: &Identity) -> Result<(), HandshakeError> {
    if peer.name == us.name {
        return Err(HandshakeError::OurName);
    }
    let missing = peer.flags.missing();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(HandshakeError::Flags(missing))
    }
}

impl Framing {
    /// How many bytes the length has.
    fn length(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// Where the first message is, if it is complete.
    fn cut(self, bytes: &[u8]) -> Result<Option<Range<usize>>, HandshakeError> {
        let start = self.length();
        let Some(length) = bytes.get(..start) else {
            return Ok(None);
        };
        let length = length
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte));
        if length > LONGEST {
            return Err(HandshakeError::TooLong(length));
        }
        let end = start + length;
        Ok((bytes.len() >= end).then_some(start..end))
    }
}
