//! One handshake, message by message.

use otp_dist::wire::flags::Flags;
use otp_dist::wire::handshake::{
    Cookie, Event, Framing, Handshake, HandshakeError, Identity, Progress, Status,
};
use otp_etf::Atom;

const BOTH: [Framing; 2] = [Framing::Two, Framing::Four];

fn node(name: &str) -> Identity {
    Identity {
        name: Atom::new(name).expect("a short name"),
        flags: Flags::HIDDEN,
        creation: 77,
    }
}

fn us() -> Identity {
    node("rust@127.0.0.1")
}

fn raw() -> Identity {
    node("raw@127.0.0.1")
}

fn cookie() -> Cookie {
    Cookie::new("secret")
}

/// The dialling side, to the raw node, and the accepting side.
fn dial(framing: Framing) -> (Handshake, Vec<u8>) {
    Handshake::dial(us(), raw().name, cookie(), 0x0123_4567, framing)
}

fn accept(framing: Framing) -> Handshake {
    Handshake::accept(us(), cookie(), 0x0765_4321, framing)
}

/// A message with its length.
fn framed(framing: Framing, message: &[u8]) -> Vec<u8> {
    let length = message.len() as u32;
    let length = match framing {
        Framing::Two => length.to_be_bytes()[2..].to_vec(),
        Framing::Four => length.to_be_bytes().to_vec(),
    };
    [&length, message].concat()
}

/// The message `N` of the dialling side.
fn name(name: &[u8], flags: u64) -> Vec<u8> {
    let mut message = vec![b'N'];
    message.extend(flags.to_be_bytes());
    message.extend(77u32.to_be_bytes());
    message.extend((name.len() as u16).to_be_bytes());
    message.extend(name);
    message
}

/// The message `N` of the accepting side.
fn challenge(name: &[u8], flags: u64) -> Vec<u8> {
    let mut message = vec![b'N'];
    message.extend(flags.to_be_bytes());
    message.extend(0x0765_4321u32.to_be_bytes());
    message.extend(77u32.to_be_bytes());
    message.extend((name.len() as u16).to_be_bytes());
    message.extend(name);
    message
}

/// `erlang:md5(["secret", "19088743"])` and of `"124076833"`: the challenges 0x01234567 and 0x07654321.
const DIGEST_OF_DIALLER: [u8; 16] = [
    228, 29, 106, 61, 168, 217, 104, 110, 75, 59, 213, 227, 50, 195, 80, 142,
];
const DIGEST_OF_ACCEPTOR: [u8; 16] = [
    106, 247, 157, 32, 47, 216, 115, 93, 29, 18, 192, 95, 101, 160, 242, 135,
];

/// What the accepting side gets in a good handshake: the name, and the reply to its challenge.
fn from_dialler(framing: Framing) -> [Vec<u8>; 2] {
    let mut reply = vec![b'r', 0x01, 0x23, 0x45, 0x67];
    reply.extend(DIGEST_OF_ACCEPTOR);
    [
        framed(framing, &name(b"raw@127.0.0.1", Flags::HIDDEN.bits())),
        framed(framing, &reply),
    ]
}

/// What the dialling side gets in a good handshake.
fn from_acceptor(framing: Framing, status: &str) -> [Vec<u8>; 3] {
    [
        framed(framing, status.as_bytes()),
        framed(framing, &challenge(b"raw@127.0.0.1", Flags::HIDDEN.bits())),
        framed(framing, &[&b"a"[..], &DIGEST_OF_DIALLER].concat()),
    ]
}

/// Feeds bytes in these pieces, answers with `ok` if asked, and gives the last event and all that was sent.
fn feed<'a>(
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

#[test]
fn the_accepting_side_sends_the_bytes_that_a_beam_expects() {
    for framing in BOTH {
        let mut handshake = accept(framing);
        let [name, reply] = from_dialler(framing);
        let progress = handshake.receive(&name).unwrap();
        let asked = Event::Asked(raw());
        assert_eq!(
            progress,
            Progress {
                send: Vec::new(),
                event: asked
            }
        );
        let progress = handshake.answer(Status::Ok).unwrap();
        let mut expected = framed(framing, b"sok");
        expected.extend(framed(
            framing,
            &challenge(b"rust@127.0.0.1", 0xD_07DF_5FBC),
        ));
        assert_eq!(
            progress,
            Progress {
                send: expected,
                event: Event::Wait
            }
        );
        let progress = handshake.receive(&reply).unwrap();
        let send = framed(framing, &[&b"a"[..], &DIGEST_OF_DIALLER].concat());
        assert_eq!(
            progress,
            Progress {
                send,
                event: Event::Connected(raw())
            }
        );
        assert!(handshake.into_rest().is_empty());
    }
}

#[test]
fn the_dialling_side_sends_the_bytes_that_a_beam_expects() {
    for framing in BOTH {
        for status in ["sok", "sok_simultaneous", "salive"] {
            let (mut handshake, hello) = dial(framing);
            assert_eq!(
                hello,
                framed(framing, &name(b"rust@127.0.0.1", 0xD_07DF_5FBC))
            );
            let messages = from_acceptor(framing, status);
            let (event, sent) = feed(&mut handshake, messages.iter().map(Vec::as_slice)).unwrap();
            assert_eq!(event, Event::Connected(raw()));
            let mut expected = Vec::new();
            if status == "salive" {
                expected.extend(framed(framing, b"strue"));
            }
            let reply = [&[b'r', 0x01, 0x23, 0x45, 0x67][..], &DIGEST_OF_ACCEPTOR].concat();
            expected.extend(framed(framing, &reply));
            assert_eq!(sent, expected);
        }
    }
}

#[test]
fn bytes_may_be_cut_anywhere_and_what_follows_is_kept() {
    for framing in BOTH {
        let mut to_acceptor = from_dialler(framing).concat();
        let mut to_dialler = from_acceptor(framing, "salive").concat();
        to_acceptor.extend([0, 0, 0, 0, 9]);
        to_dialler.extend([0, 0, 0, 0, 9]);
        for (bytes, is_dialler) in [(to_acceptor, false), (to_dialler, true)] {
            let begin = || {
                if is_dialler {
                    dial(framing).0
                } else {
                    accept(framing)
                }
            };
            // The last piece has the whole end, as nothing more is expected by a handshake that is over.
            for size in 1..bytes.len() {
                let mut handshake = begin();
                let (event, _) = feed(&mut handshake, bytes.chunks(size)).unwrap();
                assert_eq!(event, Event::Connected(raw()), "pieces of {size}");
                assert_eq!(handshake.into_rest(), [0, 0, 0, 0, 9]);
            }
            for cut in 0..bytes.len() {
                let mut handshake = begin();
                let (head, tail) = bytes.split_at(cut);
                let (event, _) = feed(&mut handshake, [head, tail]).unwrap();
                assert_eq!(event, Event::Connected(raw()), "cut at {cut}");
                assert_eq!(handshake.into_rest(), [0, 0, 0, 0, 9]);
                // And what ends too early is no connection.
                if cut + 5 < bytes.len() {
                    let (event, _) = feed(&mut begin(), [head]).unwrap();
                    assert_eq!(event, Event::Wait, "ends at {cut}");
                }
            }
        }
    }
}

/// Each byte of each message changed in each way: nothing but a name, flags, a creation or a challenge may differ in a handshake that
/// succeeds.
#[test]
fn a_changed_byte_never_proves_the_cookie() {
    let framing = Framing::Two;
    let to_acceptor = from_dialler(framing).concat();
    let name_end = from_dialler(framing)[0].len();
    for at in 0..to_acceptor.len() {
        for change in 1..=255 {
            let mut bytes = to_acceptor.clone();
            bytes[at] ^= change;
            if let Ok((Event::Connected(peer), _)) = feed(&mut accept(framing), [&bytes[..]]) {
                let is_challenge = (name_end + 3..name_end + 7).contains(&at);
                assert!(peer != raw() || is_challenge, "byte {at} ^ {change}");
                assert!(peer.flags.missing().is_empty());
            }
        }
    }
    let to_dialler = from_acceptor(framing, "sok").concat();
    for at in 0..to_dialler.len() {
        for change in 1..=255 {
            let mut bytes = to_dialler.clone();
            bytes[at] ^= change;
            if let Ok((Event::Connected(peer), _)) = feed(&mut dial(framing).0, [&bytes[..]]) {
                // length 2, `sok` 3, length 2, `N` 1, flags 8, then the challenge
                assert!(
                    peer != raw() || (16..20).contains(&at),
                    "byte {at} ^ {change}"
                );
                assert_eq!(peer.name, raw().name);
                assert!(peer.flags.missing().is_empty());
            }
        }
    }
}

#[track_caller]
fn refused_name(message: &[u8], expected: HandshakeError) {
    for framing in BOTH {
        let mut handshake = accept(framing);
        let error = handshake.receive(&framed(framing, message)).unwrap_err();
        assert_eq!(error, expected);
        assert_eq!(handshake.receive(b"more"), Err(HandshakeError::Over));
        assert_eq!(handshake.answer(Status::Ok), Err(HandshakeError::Over));
        assert!(handshake.into_rest().is_empty());
    }
}

#[test]
fn names_that_are_none_are_refused() {
    let flags = Flags::HIDDEN.bits();
    let long = format!("{}@127.0.0.1", "x".repeat(250));
    for text in [
        &b""[..],
        b"nohost",
        b"\xff\xfe@127.0.0.1",
        b"a@b@c",
        b"@127.0.0.1",
        b"a@",
        b"\0\x01\x02@127.0.0.1",
        b"with space@127.0.0.1",
        long.as_bytes(),
    ] {
        refused_name(&name(text, flags), HandshakeError::Name);
    }
    refused_name(&name(b"rust@127.0.0.1", flags), HandshakeError::OurName);
    let malformed = HandshakeError::Malformed("a name");
    // A length beyond the end, and the name message of OTP 22.
    let mut lying = name(b"a@b", flags);
    lying[13..15].copy_from_slice(&60_000u16.to_be_bytes());
    refused_name(&lying, malformed.clone());
    refused_name(b"n\0\x05\0\0\0\x04raw@127.0.0.1", malformed.clone());
    refused_name(b"", malformed);
    refused_name(&[b'N'; 1025], HandshakeError::TooLong(1025));
}

#[test]
fn what_follows_a_name_is_from_the_future() {
    let mut message = name(b"raw@127.0.0.1", Flags::HIDDEN.bits());
    message.extend(b"unknown");
    let progress = accept(Framing::Two)
        .receive(&framed(Framing::Two, &message))
        .unwrap();
    assert_eq!(progress.event, Event::Asked(raw()));
}

#[test]
fn mandatory_flags_are_demanded() {
    let mandatory = 0x4_0307_0F94;
    for bit in (0..64)
        .map(|bit| 1u64 << bit)
        .filter(|bit| mandatory & bit != 0)
    {
        let lacks = HandshakeError::Flags(Flags::from_bits(bit));
        refused_name(&name(b"raw@127.0.0.1", mandatory & !bit), lacks.clone());
        let bytes = [
            framed(Framing::Two, b"sok"),
            framed(Framing::Two, &challenge(b"raw@127.0.0.1", mandatory & !bit)),
        ];
        let (mut handshake, _) = dial(Framing::Two);
        assert_eq!(handshake.receive(&bytes.concat()), Err(lacks));
    }
    // One bit stands for those that OTP 25 demands. All bits at once are fine too.
    for flags in [mandatory, 0x4_0600_0000, u64::MAX] {
        let bytes = framed(Framing::Two, &name(b"raw@127.0.0.1", flags));
        assert!(accept(Framing::Two).receive(&bytes).is_ok(), "{flags:x}");
    }
}

#[test]
fn a_long_length_ends_it_before_the_bytes_are_there() {
    for (framing, bytes) in [
        (Framing::Two, &b"GET / HTTP/1.0\r\n\r\n"[..]),
        (Framing::Two, &[0x04, 0x01]),
        (Framing::Four, &[22, 3, 1, 2, 0]),
        (Framing::Four, &[0, 0, 4, 1]),
    ] {
        let error = accept(framing).receive(bytes).unwrap_err();
        assert!(matches!(error, HandshakeError::TooLong(_)), "{bytes:?}");
    }
}

#[test]
fn nobody_fills_the_memory_while_the_owner_thinks() {
    let mut handshake = accept(Framing::Two);
    let [name, reply] = from_dialler(Framing::Two);
    assert!(matches!(
        handshake.receive(&name).unwrap().event,
        Event::Asked(_)
    ));
    assert!(handshake.receive(&reply).is_ok());
    let error = (0..1000).find_map(|_| handshake.receive(&[0; 100]).err());
    assert!(
        matches!(error, Some(HandshakeError::TooLong(2049..=2200))),
        "{error:?}"
    );
}

#[test]
fn an_answer_that_comes_before_the_question_is_taken_when_it_is_asked() {
    let mut handshake = accept(Framing::Two);
    let bytes = from_dialler(Framing::Two).concat();
    assert_eq!(
        handshake.receive(&bytes).unwrap().event,
        Event::Asked(raw())
    );
    assert_eq!(
        handshake.answer(Status::Ok).unwrap().event,
        Event::Connected(raw())
    );
}

#[test]
fn another_cookie_is_noticed_by_both_sides() {
    let other = Cookie::new("other");
    let mut acceptor = accept(Framing::Two);
    let (mut dialler, hello) = Handshake::dial(raw(), us().name, other.clone(), 1, Framing::Two);
    let _ = acceptor.receive(&hello).unwrap();
    let progress = acceptor.answer(Status::Ok).unwrap();
    let progress = dialler.receive(&progress.send).unwrap();
    assert_eq!(
        acceptor.receive(&progress.send),
        Err(HandshakeError::Cookie)
    );

    // An acceptor that pretends to be content.
    let bytes = [framed(Framing::Two, b"a"), vec![0; 16]].concat();
    let ack = framed(Framing::Two, &[&b"a"[..], &[0; 16]].concat());
    assert_eq!(bytes.len(), ack.len());
    assert_eq!(dialler.receive(&ack), Err(HandshakeError::Cookie));
}

#[test]
fn only_the_node_that_was_dialled_is_connected() {
    let bytes = [
        framed(Framing::Two, b"sok"),
        framed(
            Framing::Two,
            &challenge(b"other@127.0.0.1", Flags::HIDDEN.bits()),
        ),
    ];
    let (mut handshake, _) = dial(Framing::Two);
    let expected = HandshakeError::OtherNode {
        found: node("other@127.0.0.1").name,
        expected: raw().name,
    };
    assert_eq!(handshake.receive(&bytes.concat()), Err(expected));
}

#[test]
fn a_status_is_what_it_says() {
    for (status, expected) in [
        ("snok", HandshakeError::Nok),
        ("snot_allowed", HandshakeError::NotAllowed),
        ("sokay", HandshakeError::Malformed("a status")),
        ("ok", HandshakeError::Malformed("a status")),
        ("snamed:", HandshakeError::Malformed("a status")),
        ("s", HandshakeError::Malformed("a status")),
    ] {
        let (mut handshake, _) = dial(Framing::Two);
        let bytes = framed(Framing::Two, status.as_bytes());
        assert_eq!(handshake.receive(&bytes), Err(expected), "{status}");
    }
}

#[test]
fn a_refusal_is_sent_and_ends_it() {
    for (status, text) in [(Status::Nok, "snok"), (Status::NotAllowed, "snot_allowed")] {
        let mut handshake = accept(Framing::Two);
        let [name, reply] = from_dialler(Framing::Two);
        let _ = handshake.receive(&name).unwrap();
        let progress = handshake.answer(status).unwrap();
        assert_eq!(progress.send, framed(Framing::Two, text.as_bytes()));
        assert_eq!(handshake.receive(&reply), Err(HandshakeError::Over));
    }
}

#[test]
fn a_living_connection_is_taken_over_only_by_who_says_so_and_knows_the_cookie() {
    for (answer, expected) in [
        (&b"strue"[..], Ok(())),
        (b"sfalse", Err(HandshakeError::NotTaken)),
        (b"true", Err(HandshakeError::Malformed("true or false"))),
        (b"sok", Err(HandshakeError::Malformed("true or false"))),
    ] {
        let mut handshake = accept(Framing::Two);
        let [name, reply] = from_dialler(Framing::Two);
        let _ = handshake.receive(&name).unwrap();
        let progress = handshake.answer(Status::Alive).unwrap();
        assert_eq!(progress.send, framed(Framing::Two, b"salive"));
        let progress = handshake.receive(&framed(Framing::Two, answer));
        assert_eq!(
            progress.as_ref().map(|_| ()).map_err(Clone::clone),
            expected
        );
        if let Ok(progress) = progress {
            // Only now there is a challenge, and nothing is over.
            assert_eq!(progress.event, Event::Wait);
            assert!(progress.send.len() > 20);
            let mut wrong = reply.clone();
            wrong[10] ^= 1;
            assert_eq!(handshake.receive(&wrong), Err(HandshakeError::Cookie));
        }
    }
}

#[test]
fn the_cookie_is_not_printed() {
    let (handshake, _) = dial(Framing::Two);
    assert!(!format!("{handshake:?} {:?}", cookie()).contains("secret"));
}
