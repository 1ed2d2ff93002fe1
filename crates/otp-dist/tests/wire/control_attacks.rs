//! Control messages that are none.

use otp_dist::wire::control::{Control, ControlError};
use otp_dist::wire::frame::Frame;
use otp_etf::{DecodeError, Decoder, Limits, Term, term};

use crate::samples::{FORMATS, bytes, controls, decode_term, frame, payload, pid, reference};

/// What a hostile peer was seen to try.
#[test]
fn controls_of_the_wrong_shape_are_errors() {
    let (p, c, r) = (
        Term::from(pid(1)),
        Term::from(pid(2)),
        Term::from(reference(3)),
    );
    let (p, c, r) = (|| p.clone(), || c.clone(), || r.clone());
    let large = (0..2000).map(Term::from).collect::<Vec<_>>();
    let mut many = vec![Term::from(1)];
    many.extend(large);
    for term in [
        term!({}),
        term!({ 1 }),
        term!([1, 2]),
        term!(x),
        term!(1),
        term!({a, (p())}),
        term!({1.5, (p()), (c())}),
        term!({1, (p())}),
        term!({1, x, y}),
        term!({1, (p()), 7}),
        term!({1, (p()), (c()), 7}),
        term!({2, @""}),
        term!({2, @"", calc}),
        term!({5, 1}),
        term!({6, (p())}),
        term!({6, (p()), @"", (c())}),
        term!({6, x, @"", 7}),
        term!({8, (p()), (c())}),
        term!({19, (p()), 7, 8}),
        term!({19, (p()), (c()), noref}),
        term!({19, x, (c()), (r())}),
        term!({20, (p()), (c()), 5}),
        term!({21, (c()), (p()), 1, x}),
        term!({22, (p())}),
        term!({22, (p()), calc}),
        term!({24, (p())}),
        term!({24, 1, 2}),
        term!({26, (p()), calc}),
        term!({28, (c()), (p())}),
        term!({28, 1, (p()), (r())}),
        term!({29, 1, 2, 3, 4, 5}),
        term!({29, (r()), (p()), (p()), {os, cmd}, []}),
        term!({29, (r()), (p()), (p()), {os, cmd, 256}, []}),
        term!({29, (r()), (p()), (p()), {os, cmd, (-1)}, []}),
        term!({29, (r()), (p()), (p()), {os, cmd, a}, []}),
        term!({31, 1, 2, 3, 4}),
        term!({31, (r()), (p()), x, (c())}),
        term!({31, (r()), (p()), 0, 5}),
        term!({33, (p()), x}),
        term!({33, (p()), (c())}),
        term!({35, 1}),
        term!({35, (-1), (p()), (c())}),
        term!({35, 0, (p()), (c())}),
        term!({35, (u128::from(u64::MAX) + 1), (p()), (c())}),
        term!({35, x, (p()), (c())}),
        term!({36, 5, (p()), calc}),
        term!({ 37 }),
        term!({37, 1, 2, 3}),
        term!({37, 2, (p()), (c())}),
        term!({37, 0, (p()), (c()), 1}),
        term!({37, 4, (p()), (c())}),
        term!({37, 8, (p()), (r())}),
        term!({(u128::MAX), (p())}),
        Term::tuple(many),
    ] {
        for payload in [None, Some(&payload())] {
            let read = decode_term(&term, payload);
            assert!(read.is_err(), "{term}: {read:?}");
        }
    }
}

#[test]
fn what_has_to_be_carried_is_there_and_nothing_else() {
    for control in controls() {
        let mut term = Vec::new();
        control.encode(&mut term).unwrap();
        let term = Decoder::new(&term, Limits::default()).term().unwrap();
        let payload = (!control.carries()).then(payload);
        let error = decode_term(&term, payload.as_ref()).unwrap_err();
        assert!(matches!(error, ControlError::Payload(_)), "{term}: {error}");
    }
}

#[test]
fn no_frame_that_is_cut_short_is_another_one() {
    for control in controls() {
        for format in FORMATS {
            let frame = &frame(format, &control)[4..];
            let carried = if control.carries() {
                bytes(&payload()).len()
            } else {
                0
            };
            for end in 0..frame.len() {
                // What is carried is not looked at, so as long as there is a byte of it, the control message is whole.
                if end > frame.len() - carried {
                    continue;
                }
                if let Ok(Frame::Message(message)) = Frame::parse(&frame[..end]) {
                    let read = Control::decode(message, &Limits::default());
                    assert!(read.is_err(), "{control:?} up to {end}: {read:?}");
                }
            }
        }
    }
}

/// No byte that is changed makes more of a message than an error or another message, and what another message is can be written again.
#[test]
fn a_changed_byte_does_no_harm() {
    for control in controls() {
        for format in FORMATS {
            let whole = frame(format, &control);
            for at in 4..whole.len() {
                for value in 0..=255 {
                    let mut bytes = whole[4..].to_vec();
                    bytes[at - 4] = value;
                    if let Ok(Frame::Message(message)) = Frame::parse(&bytes)
                        && let Ok((read, _)) = Control::decode(message, &Limits::default())
                    {
                        let mut out = Vec::new();
                        assert!(read.encode(&mut out).is_ok());
                    }
                }
            }
        }
    }
}

#[test]
fn counts_that_lie_and_depth_are_errors() {
    let within = |bytes: &[u8]| {
        let frame = [&[131, 68, 0], bytes].concat();
        let Ok(Frame::Message(message)) = Frame::parse(&frame) else {
            panic!("a message")
        };
        Control::decode(message, &Limits::default()).map(|_| ())
    };
    assert_eq!(
        within(&[105, 255, 255, 255, 255, 97, 1]),
        Err(DecodeError::Truncated.into())
    );
    assert_eq!(
        within(&[104, 255, 97, 1]),
        Err(DecodeError::Truncated.into())
    );
    assert_eq!(
        within(&[80, 0, 0, 0, 100, 1, 2]),
        Err(DecodeError::Tag(80).into())
    );
    // A cookie of a million levels.
    let deep = [&[104, 3, 97, 2][..], &[104, 1].repeat(1_000_000), &[106]].concat();
    assert_eq!(within(&deep), Err(DecodeError::TooDeep(256).into()));
    // Options of a spawn, too.
    let mut deep = vec![104, 6, 97, 29];
    reference(3).encode_into(&mut deep);
    pid(1).encode_into(&mut deep);
    pid(1).encode_into(&mut deep);
    deep.extend(bytes(&term!({erpc, execute_call, 4})));
    deep.extend([108, 0, 0, 0, 1].repeat(100_000));
    assert_eq!(within(&deep), Err(DecodeError::TooDeep(256).into()));
}
