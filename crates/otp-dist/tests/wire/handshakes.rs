//! One handshake, message by message.

use otp_dist::wire::flags::Flags;
use otp_dist::wire::handshake::{Event, Framing, HandshakeError, Progress, Status};

use crate::peers::{
    BOTH, DIGEST_OF_ACCEPTOR, DIGEST_OF_DIALLER, accept, challenge, dial, feed, framed,
    from_acceptor, from_dialler, name, raw,
};

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
            &challenge(b"rust@127.0.0.1", 0x2D_07DF_5FBC),
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
                framed(framing, &name(b"rust@127.0.0.1", 0x2D_07DF_5FBC))
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
