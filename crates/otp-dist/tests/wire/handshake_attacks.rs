//! Handshakes that fail.

use otp_dist::wire::flags::Flags;
use otp_dist::wire::handshake::{Cookie, Event, Framing, Handshake, HandshakeError, Status};

use crate::peers::{
    BOTH, accept, challenge, cookie, dial, feed, framed, from_acceptor, from_dialler, name, node,
    raw, us,
};

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
fn refused_name(message: &[u8], expected: &HandshakeError) {
    for framing in BOTH {
        let mut handshake = accept(framing);
        let refused = handshake.receive(&framed(framing, message));
        assert_eq!(refused.as_ref(), Err(expected));
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
        refused_name(&name(text, flags), &HandshakeError::Name);
    }
    refused_name(&name(b"rust@127.0.0.1", flags), &HandshakeError::OurName);
    let malformed = HandshakeError::Malformed("a name");
    // A length beyond the end, and the name message of OTP 22.
    let mut lying = name(b"a@b", flags);
    lying[13..15].copy_from_slice(&60_000u16.to_be_bytes());
    refused_name(&lying, &malformed);
    refused_name(b"n\0\x05\0\0\0\x04raw@127.0.0.1", &malformed);
    refused_name(b"", &malformed);
    refused_name(&[b'N'; 1025], &HandshakeError::TooLong(1025));
}

#[test]
fn mandatory_flags_are_demanded() {
    let mandatory = 0x4_0307_0F94;
    for bit in (0..64)
        .map(|bit| 1u64 << bit)
        .filter(|bit| mandatory & bit != 0)
    {
        let lacks = HandshakeError::Flags(Flags::from_bits(bit));
        refused_name(&name(b"raw@127.0.0.1", mandatory & !bit), &lacks);
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
fn the_cookie_is_not_printed() {
    let (handshake, _) = dial(Framing::Two);
    assert!(!format!("{handshake:?} {:?}", cookie()).contains("secret"));
}
