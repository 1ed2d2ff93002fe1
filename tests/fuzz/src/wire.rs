//! What a peer or a daemon of Erlang's may send: frames, handshakes and EPMD's messages.
//!
//! The first byte chooses what the others are, and how they are cut.

use otp_dist::wire::control::Control;
use otp_dist::wire::epmd::{Names, Node, NodeType, Request, read_alive, read_names, read_port};
use otp_dist::wire::flags::Flags;
use otp_dist::wire::fragment::{Assembler, FragmentLimits, Split};
use otp_dist::wire::frame::{Format, Frame, Message, Reader};
use otp_dist::wire::handshake::{
    Cookie, Event, Framing, Handshake, HandshakeError, Identity, Status,
};
use otp_etf::{Atom, EncodeError, Limits, Pid, Reference, Term};

/// The longest frame, so that a frame that is too long is drawn now and then.
const LONGEST: usize = 1000;

/// Checks that bytes are understood or refused, and mean the same in whatever pieces they come.
///
/// # Panics
///
/// When something is not as it must be.
pub fn check(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else {
        return;
    };
    let size = usize::from(first >> 3) + 1;
    match first & 7 {
        0..=3 => check_frames(bytes, size),
        4 | 5 => {
            for framing in [Framing::Two, Framing::Four] {
                let whole = handshake(first & 7 == 4, framing, [bytes]);
                let pieces = handshake(first & 7 == 4, framing, bytes.chunks(size));
                assert_eq!(whole, pieces, "pieces of {size}");
            }
        }
        _ => check_daemon(bytes),
    }
}

/// What a stream of frames says.
#[derive(Debug, PartialEq)]
enum Said {
    Tick,
    Control(Control, Vec<u8>),
    Part,
    Refused(String),
}

fn check_frames(bytes: &[u8], size: usize) {
    let whole = read([bytes]);
    assert_eq!(whole, read(bytes.chunks(size)), "pieces of {size}");
    for said in whole {
        if let Said::Control(control, payload) = said {
            check_control(&control, &payload);
        }
    }
}

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Said> {
    let mut reader = Reader::new(LONGEST);
    let mut fragments = Assembler::new(FragmentLimits {
        sequences: 2,
        fragments: 4,
        bytes: 500,
    });
    let mut all = Vec::new();
    for piece in pieces {
        reader.input().extend_from_slice(piece);
        loop {
            let said = match reader.next() {
                Ok(None) => break,
                Ok(Some(Frame::Tick)) => Ok(Said::Tick),
                Ok(Some(Frame::Message(message))) => decode(message),
                Ok(Some(Frame::Fragment(fragment))) => match fragments.add(fragment) {
                    Ok(Some(whole)) => decode(Message::assembled(&whole)),
                    Ok(None) => Ok(Said::Part),
                    Err(error) => Err(error.to_string()),
                },
                Err(error) => Err(error.to_string()),
            };
            match said {
                Ok(said) => all.push(said),
                // The connection is closed.
                Err(error) => {
                    all.push(Said::Refused(error));
                    return all;
                }
            }
        }
    }
    all
}

fn decode(message: Message<'_>) -> Result<Said, String> {
    let (control, payload) =
        Control::decode(message, &Limits::default()).map_err(|error| error.to_string())?;
    assert_eq!(control.carries(), !payload.is_empty());
    Ok(Said::Control(control, payload.to_vec()))
}

/// What was read is written, and read again as the same.
fn check_control(control: &Control, payload: &[u8]) {
    for format in [Format::PassThrough, Format::Header] {
        let mut frame = Vec::new();
        let append = |out: &mut Vec<u8>| {
            out.extend_from_slice(payload);
            Ok::<_, EncodeError>(())
        };
        let written = if control.carries() {
            format.message(&mut frame, |out| control.encode(out), append)
        } else {
            format.control(&mut frame, |out| control.encode(out))
        };
        written.expect("what was read can be sent");
        let Ok(Frame::Message(message)) = Frame::parse(&frame[4..]) else {
            panic!("{control:?} is no message any more");
        };
        let again = decode(message).expect("what was written can be read");
        assert_eq!(again, Said::Control(control.clone(), payload.to_vec()));
    }
}

/// How a handshake goes: all that is sent, or why it fails. What was to be sent before it fails does not matter.
fn handshake<'a>(
    is_dialling: bool,
    framing: Framing,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, HandshakeError> {
    let us = Identity {
        name: Atom::constant("rust@127.0.0.1"),
        flags: Flags::HIDDEN,
        creation: 4,
    };
    // The digest cannot be found by chance, without the cookie.
    let cookie = Cookie::new("a cookie that no input knows");
    let mut handshake = if is_dialling {
        Handshake::dial(us, Atom::constant("raw@127.0.0.1"), cookie, 1, framing).0
    } else {
        Handshake::accept(us, cookie, 1, framing)
    };
    let mut sent = Vec::new();
    for piece in pieces {
        let mut progress = handshake.receive(piece)?;
        loop {
            sent.append(&mut progress.send);
            progress = match progress.event {
                Event::Wait => break,
                // Every other name has a connection already.
                Event::Asked(peer) if peer.creation % 2 == 0 => handshake.answer(Status::Alive)?,
                Event::Asked(_) => handshake.answer(Status::Ok)?,
                Event::Connected(peer) => panic!("{peer:?} does not know the cookie"),
            };
        }
    }
    Ok(sent)
}

fn check_daemon(bytes: &[u8]) {
    if let Ok(Some((request, length))) = Request::read(bytes) {
        let again = request.encode();
        let length_again = again.len();
        assert!(length <= bytes.len());
        assert_eq!(
            Request::read(&again),
            Ok(Some((request.clone(), length_again)))
        );
        let mut names = Names::new(4369);
        let (reply, registered) = names.answer(request.clone(), 77);
        assert_eq!(registered.is_some(), matches!(request, Request::Alive(_)));
        match request {
            Request::Alive(node) => {
                assert!(matches!(read_alive(&reply), Ok(Some(_))));
                let (reply, _) = names.answer(Request::PortPlease(node.name.clone()), 1);
                assert_eq!(read_port(&reply), Ok(Some(Some(node))));
                let (reply, _) = names.answer(Request::Names, 1);
                assert_eq!(read_names(&reply).map(|names| names.len()), Ok(1));
            }
            Request::PortPlease(_) => assert_eq!(read_port(&reply), Ok(Some(None))),
            Request::Names => assert_eq!(read_names(&reply), Ok(Vec::new())),
        }
    }
    // An answer that is whole stays what it is, whatever follows; one that is not yet whole is no error.
    if let Ok(Some(alive)) = read_alive(bytes) {
        assert_eq!(read_alive(&[bytes, b"more"].concat()), Ok(Some(alive)));
    }
    if let Ok(Some(node)) = read_port(bytes) {
        assert_eq!(read_port(&[bytes, b"more"].concat()), Ok(Some(node)));
    }
    let _ = read_names(bytes);
}

/// Bytes to begin with.
///
/// # Panics
///
/// Never: all of them can be sent.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let pid = |id| Pid {
        id,
        serial: 0,
        node: Atom::constant("raw@127.0.0.1"),
        creation: 77,
    };
    let alias = Reference::new(Atom::constant("raw@127.0.0.1"), 77, &[1, 2, 3]).expect("3 words");
    let (from, to) = (pid(1), pid(2));
    let controls = [
        Control::Link {
            from: from.clone(),
            to: to.clone(),
        },
        Control::RegSend {
            from: from.clone(),
            to: Atom::constant("calc"),
        },
        Control::SendSender {
            from: from.clone(),
            to: to.clone(),
        },
        Control::UnlinkId {
            id: 7,
            from: from.clone(),
            to: to.clone(),
        },
        Control::Exit {
            from: from.clone(),
            to,
        },
        Control::AliasSend { from, to: alias },
    ];
    let mut seeds = Vec::new();
    for format in [Format::PassThrough, Format::Header] {
        let mut stream = vec![0, 0, 0, 0, 0];
        for control in &controls {
            let text = Term::from("text");
            let encode = |out: &mut Vec<u8>| control.encode(out);
            if control.carries() {
                format.message(&mut stream, encode, |out| text.encode_into(out))
            } else {
                format.control(&mut stream, encode)
            }
            .expect("it can be sent");
        }
        seeds.push(stream);
    }
    // Two messages in fragments that interleave, by hand, as ours would be longer.
    let mut fragments = vec![0];
    for (kind, sequence, id, data) in [
        (69u8, 1u64, 2u64, &b"\0\x68\x01"[..]),
        (69, 2, 1, b"\0\x68\x01\x61\x05"),
        (70, 1, 1, b"\x61\x05"),
    ] {
        fragments.extend((18 + data.len() as u32).to_be_bytes());
        fragments.extend([131, kind]);
        fragments.extend(sequence.to_be_bytes());
        fragments.extend(id.to_be_bytes());
        fragments.extend(data);
    }
    seeds.push(fragments);
    for name in ["raw@127.0.0.1", "größe@host.example"] {
        let us = Identity {
            name: Atom::new(name).expect("a short name"),
            flags: Flags::VISIBLE,
            creation: 77,
        };
        for framing in [Framing::Two, Framing::Four] {
            let peer = Atom::constant("rust@127.0.0.1");
            let cookie = Cookie::new("another");
            let (_, hello) = Handshake::dial(us.clone(), peer, cookie.clone(), 5, framing);
            let reply = |message: &[u8]| match framing {
                Framing::Two => [&(message.len() as u16).to_be_bytes()[..], message].concat(),
                Framing::Four => [&(message.len() as u32).to_be_bytes()[..], message].concat(),
            };
            let answer = [b'r'; 21];
            seeds.push([&[5], &hello[..], &reply(&answer)].concat());
            seeds.push([&[5], &hello[..], &reply(b"strue"), &reply(&answer)].concat());
            for status in [Status::Ok, Status::Alive, Status::Nok] {
                let mut acceptor = Handshake::accept(us.clone(), cookie.clone(), 6, framing);
                let other = Identity {
                    name: Atom::constant("rust@127.0.0.1"),
                    ..us.clone()
                };
                let (_, hello) =
                    Handshake::dial(other, us.name.clone(), cookie.clone(), 5, framing);
                let _ = acceptor.receive(&hello).expect("a good name");
                let step = acceptor.answer(status).expect("it was asked");
                seeds.push([&[4], &step.send[..], &reply(&[b'a'; 17])].concat());
            }
        }
    }
    let node = Node::new("rust", 9000, NodeType::Hidden);
    let mut names = Names::new(4369);
    for request in [
        Request::Alive(node),
        Request::PortPlease("rust".into()),
        Request::Names,
    ] {
        seeds.push([&[6], &request.encode()[..]].concat());
        seeds.push([&[6], &names.answer(request, 77).0[..]].concat());
    }
    // What ours sends of a large message is refused here, as it is longer than a frame may be.
    let mut stream = vec![0];
    let mut split = Split::new(1, vec![106], vec![106; 70_000]);
    while split.write_next(&mut stream) {}
    stream.truncate(200);
    seeds.push(stream);
    seeds
}
