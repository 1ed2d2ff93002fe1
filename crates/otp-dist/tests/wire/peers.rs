//! Both sides of a handshake, and the bytes of a good one.

use otp_dist::wire::flags::Flags;
use otp_dist::wire::handshake::{
    Cookie, Event, Framing, Handshake, HandshakeError, Identity, Status,
};
use otp_etf::Atom;

pub(crate) const BOTH: [Framing; 2] = [Framing::Two, Framing::Four];

pub(crate) fn node(name: &str) -> Identity {
    Identity {
        name: Atom::new(name).expect("a short name"),
        flags: Flags::HIDDEN,
        creation: 77,
    }
}

pub(crate) fn us() -> Identity {
    node("rust@127.0.0.1")
}

pub(crate) fn raw() -> Identity {
    node("raw@127.0.0.1")
}

pub(crate) fn cookie() -> Cookie {
    Cookie::new("secret")
}

/// The dialling side, to the raw node, and the accepting side.
pub(crate) fn dial(framing: Framing) -> (Handshake, Vec<u8>) {
    Handshake::dial(us(), raw().name, cookie(), 0x0123_4567, framing)
}

pub(crate) fn accept(framing: Framing) -> Handshake {
    Handshake::accept(us(), cookie(), 0x0765_4321, framing)
}

/// A message with its length.
pub(crate) fn framed(framing: Framing, message: &[u8]) -> Vec<u8> {
    let length = message.len() as u32;
    let length = match framing {
        Framing::Two => length.to_be_bytes()[2..].to_vec(),
        Framing::Four => length.to_be_bytes().to_vec(),
    };
    [&length, message].concat()
}

/// The message `N` of the dialling side.
pub(crate) fn name(name: &[u8], flags: u64) -> Vec<u8> {
    let mut message = vec![b'N'];
    message.extend(flags.to_be_bytes());
    message.extend(77u32.to_be_bytes());
    message.extend((name.len() as u16).to_be_bytes());
    message.extend(name);
    message
}

/// The message `N` of the accepting side.
pub(crate) fn challenge(name: &[u8], flags: u64) -> Vec<u8> {
    let mut message = vec![b'N'];
    message.extend(flags.to_be_bytes());
    message.extend(0x0765_4321u32.to_be_bytes());
    message.extend(77u32.to_be_bytes());
    message.extend((name.len() as u16).to_be_bytes());
    message.extend(name);
    message
}

/// `erlang:md5(["secret", "19088743"])` and of `"124076833"`: the challenges 0x01234567 and 0x07654321.
pub(crate) const DIGEST_OF_DIALLER: [u8; 16] = [
    228, 29, 106, 61, 168, 217, 104, 110, 75, 59, 213, 227, 50, 195, 80, 142,
];
pub(crate) const DIGEST_OF_ACCEPTOR: [u8; 16] = [
    106, 247, 157, 32, 47, 216, 115, 93, 29, 18, 192, 95, 101, 160, 242, 135,
];

/// What the accepting side gets in a good handshake: the name, and the reply to its challenge.
pub(crate) fn from_dialler(framing: Framing) -> [Vec<u8>; 2] {
    let mut reply = vec![b'r', 0x01, 0x23, 0x45, 0x67];
    reply.extend(DIGEST_OF_ACCEPTOR);
    [
        framed(framing, &name(b"raw@127.0.0.1", Flags::HIDDEN.bits())),
        framed(framing, &reply),
    ]
}

/// What the dialling side gets in a good handshake.
pub(crate) fn from_acceptor(framing: Framing, status: &str) -> [Vec<u8>; 3] {
    [
        framed(framing, status.as_bytes()),
        framed(framing, &challenge(b"raw@127.0.0.1", Flags::HIDDEN.bits())),
        framed(framing, &[&b"a"[..], &DIGEST_OF_DIALLER].concat()),
    ]
}

/// Feeds bytes in these pieces, answers with `ok` if asked, and gives the last event and all that was sent.
pub(crate) fn feed<'a>(
    handshake: &mut Handshake,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<(Event, Vec<u8>), HandshakeError> {
    let mut sent = Vec::new();
    let mut last = Event::Wait;
    for piece in pieces {
        let mut progress = handshake.receive(piece)?;
        loop {
            sent.append(&mut progress.send);
            match progress.event {
                Event::Wait => break,
                Event::Asked(_) => progress = handshake.answer(Status::Ok)?,
                Event::Connected(_) => {
                    last = progress.event;
                    break;
                }
            }
        }
    }
    Ok((last, sent))
}
