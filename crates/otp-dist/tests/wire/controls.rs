//! What frames say.

use otp_dist::wire::control::{
    Control, ControlError, Destination, Spawn, Target, alias_send, reg_send, send_sender,
};
use otp_dist::wire::frame::{Format, Frame};
use otp_etf::{Decoder, Limits, Pid, Reference, Term, term};

use crate::samples::{
    FORMATS, atom, bytes, controls, decode, decode_term, frame, payload, pid, reference,
};

#[test]
fn what_is_written_is_read() {
    for control in controls() {
        for format in FORMATS {
            let (read, carried) = decode(&frame(format, &control)).unwrap();
            assert_eq!(read, control);
            let expected = if control.carries() {
                bytes(&payload())
            } else {
                Vec::new()
            };
            assert_eq!(carried, expected);
        }
    }
}

#[test]
fn what_is_written_is_the_term_of_erl_dist_protocol() {
    let (from, to) = (pid(1), pid(2));
    let (p, q, r) = (
        Term::from(from.clone()),
        Term::from(to.clone()),
        Term::from(reference(3)),
    );
    let calc = || atom("calc");
    for (control, expected) in [
        (
            Control::Link {
                from: from.clone(),
                to: to.clone(),
            },
            term!({1, (p.clone()), (q.clone())}),
        ),
        (
            Control::Send { to: to.clone() },
            term!({2, @"", (q.clone())}),
        ),
        (
            Control::RegSend {
                from: from.clone(),
                to: calc(),
            },
            term!({6, (p.clone()), @"", calc}),
        ),
        (
            Control::GroupLeader {
                from: from.clone(),
                to: to.clone(),
            },
            term!({7, (p.clone()), (q.clone())}),
        ),
        (
            Control::Monitor {
                from: from.clone(),
                to: Target::Name(calc()),
                reference: reference(3),
            },
            term!({19, (p.clone()), calc, (r.clone())}),
        ),
        (
            Control::Demonitor {
                from: from.clone(),
                to: Target::Pid(to.clone()),
                reference: reference(3),
            },
            term!({20, (p.clone()), (q.clone()), (r.clone())}),
        ),
        (
            Control::SendSender {
                from: from.clone(),
                to: to.clone(),
            },
            term!({22, (p.clone()), (q.clone())}),
        ),
        (
            Control::Exit {
                from: from.clone(),
                to: to.clone(),
            },
            term!({24, (p.clone()), (q.clone())}),
        ),
        (
            Control::Exit2 {
                from: from.clone(),
                to: to.clone(),
            },
            term!({26, (p.clone()), (q.clone())}),
        ),
        (
            Control::MonitorExit {
                from: Target::Name(calc()),
                to: to.clone(),
                reference: reference(3),
            },
            term!({28, calc, (q.clone()), (r.clone())}),
        ),
        (
            Control::SpawnRequest(Box::new(Spawn {
                id: reference(3),
                from: from.clone(),
                group_leader: to.clone(),
                function: (atom("erpc"), atom("execute_call"), 4),
                options: term!([monitor]),
            })),
            term!({29, (r.clone()), (p.clone()), (q.clone()), {erpc, execute_call, 4}, [monitor]}),
        ),
        (
            Control::SpawnReply {
                id: reference(3),
                to: from.clone(),
                is_linked: false,
                is_monitored: true,
                result: Ok(to.clone()),
            },
            term!({31, (r.clone()), (p.clone()), 2, (q.clone())}),
        ),
        (
            Control::AliasSend {
                from: from.clone(),
                to: reference(3),
            },
            term!({33, (p.clone()), (r.clone())}),
        ),
        (
            Control::UnlinkId {
                id: 7,
                from: from.clone(),
                to: to.clone(),
            },
            term!({35, 7, (p.clone()), (q.clone())}),
        ),
        (
            Control::UnlinkIdAck {
                id: 7,
                from: from.clone(),
                to: to.clone(),
            },
            term!({36, 7, (p.clone()), (q.clone())}),
        ),
        (
            Control::Altact {
                is_priority: true,
                is_exit: false,
                from: from.clone(),
                to: Destination::Alias(reference(3)),
            },
            term!({37, 5, (p.clone()), (r.clone())}),
        ),
    ] {
        let mut written = Vec::new();
        control.encode(&mut written).unwrap();
        assert_eq!(
            Decoder::new(&written, Limits::default()).term().unwrap(),
            expected
        );
    }
    let (mut a, mut b) = (Vec::new(), Vec::new());
    send_sender(&mut a, &from, &to);
    reg_send(&mut a, &from, &calc());
    alias_send(&mut a, &from, &reference(3));
    Control::SendSender {
        from: from.clone(),
        to,
    }
    .encode(&mut b)
    .unwrap();
    Control::RegSend {
        from: from.clone(),
        to: calc(),
    }
    .encode(&mut b)
    .unwrap();
    Control::AliasSend {
        from,
        to: reference(3),
    }
    .encode(&mut b)
    .unwrap();
    assert_eq!(a, b);
}

/// `{6, Pid, '', calc}` with `{'$gen_cast', c}`, as OTP sends it on a connection of either format.
#[test]
fn the_bytes_of_a_beam_are_read() {
    let control: &[u8] = b"\x68\x04\x61\x06\x58\x77\x0daaa@127.0.0.1\0\0\0\x5a\0\0\0\0\x6b\x0b\x01\xe7\x77\0\x77\x04calc";
    let message: &[u8] = b"\x68\x02\x77\x09$gen_cast\x77\x01c";
    let frames = [
        [b"\x70\x83", control, b"\x83", message].concat(),
        [b"\x83\x44\0", control, message].concat(),
    ];
    for frame in frames {
        let Ok(Frame::Message(parsed)) = Frame::parse(&frame) else {
            panic!("a message")
        };
        let (read, payload) = Control::decode(parsed, &Limits::default()).unwrap();
        let from = Pid {
            id: 90,
            serial: 0,
            node: atom("aaa@127.0.0.1"),
            creation: 0x6B0B_01E7,
        };
        assert_eq!(
            read,
            Control::RegSend {
                from,
                to: atom("calc")
            }
        );
        assert_eq!(payload, message);
    }
}

#[test]
fn older_forms_and_forms_with_a_token_mean_the_same() {
    let (from, to) = (pid(1), pid(2));
    let (p, q, r) = (
        Term::from(from.clone()),
        Term::from(to.clone()),
        Term::from(reference(3)),
    );
    let token = term!({0, [1, 2, 3], 0, 0, (p.clone())});
    let t = || token.clone();
    let reason = term!({shutdown, "why"});
    let why = || reason.clone();
    let exit = Control::Exit {
        from: from.clone(),
        to: to.clone(),
    };
    let exit2 = Control::Exit2 {
        from: from.clone(),
        to: to.clone(),
    };
    let down = Control::MonitorExit {
        from: Target::Pid(from.clone()),
        to: to.clone(),
        reference: reference(3),
    };
    for (term, expected) in [
        (term!({3, (p.clone()), (q.clone()), (why())}), &exit),
        (term!({13, (p.clone()), (q.clone()), (t()), (why())}), &exit),
        (term!({8, (p.clone()), (q.clone()), (why())}), &exit2),
        (
            term!({18, (p.clone()), (q.clone()), (t()), (why())}),
            &exit2,
        ),
        (
            term!({21, (p.clone()), (q.clone()), (r.clone()), (why())}),
            &down,
        ),
    ] {
        assert_eq!(
            decode_term(&term, None),
            Ok((expected.clone(), bytes(&reason)))
        );
        // There would be two reasons.
        let error = decode_term(&term, Some(&reason)).unwrap_err();
        assert!(matches!(error, ControlError::Payload(_)));
    }
    let spawn = Control::SpawnRequest(Box::new(Spawn {
        id: reference(3),
        from: from.clone(),
        group_leader: to.clone(),
        function: (atom("m"), atom("f"), 1),
        options: term!([]),
    }));
    for (term, expected) in [
        (
            term!({12, @"", (q.clone()), (t())}),
            Control::Send { to: to.clone() },
        ),
        (
            term!({16, (p.clone()), @"", calc, (t())}),
            Control::RegSend {
                from: from.clone(),
                to: atom("calc"),
            },
        ),
        (
            term!({23, (p.clone()), (q.clone()), (t())}),
            Control::SendSender {
                from: from.clone(),
                to: to.clone(),
            },
        ),
        (term!({25, (p.clone()), (q.clone()), (t())}), exit.clone()),
        (term!({27, (p.clone()), (q.clone()), (t())}), exit2.clone()),
        (
            term!({30, (r.clone()), (p.clone()), (q.clone()), {m, f, 1}, [], (t())}),
            spawn,
        ),
        (
            term!({34, (p.clone()), (r.clone()), (t())}),
            Control::AliasSend {
                from: from.clone(),
                to: reference(3),
            },
        ),
        (
            term!({37, 3, (p.clone()), (q.clone()), (t())}),
            Control::Altact {
                is_priority: true,
                is_exit: false,
                from: from.clone(),
                to: Destination::Pid(to.clone()),
            },
        ),
        // What stands for a cookie may be any term.
        (
            term!({2, {old, cookie}, (q.clone())}),
            Control::Send { to: to.clone() },
        ),
    ] {
        assert_eq!(
            decode_term(&term, Some(&reason)),
            Ok((expected, bytes(&reason)))
        );
    }
    let reply = Control::SpawnReply {
        id: reference(3),
        to: from,
        is_linked: true,
        is_monitored: false,
        result: Err(atom("system_limit")),
    };
    let term = term!({32, (r.clone()), (p.clone()), 1, system_limit, (t())});
    assert_eq!(decode_term(&term, None), Ok((reply, Vec::new())));
}

#[test]
fn an_unknown_operation_is_no_error() {
    for (op, term) in [
        (99, term!({99, (Term::from(pid(1))), a})),
        (0, term!({ 0 })),
        (4, term!({4, (Term::from(pid(1))), (Term::from(pid(2)))})),
        (-1, term!({(-1), a})),
        (
            257,
            term!({257, (Term::from(pid(1))), (Term::from(pid(2)))}),
        ),
    ] {
        for payload in [None, Some(&payload())] {
            assert_eq!(
                decode_term(&term, payload),
                Ok((Control::Unknown(op), Vec::new()))
            );
        }
    }
}

#[test]
fn options_are_found_in_a_list_only() {
    let spawn = |options| Spawn {
        id: reference(1),
        from: pid(1),
        group_leader: pid(1),
        function: (atom("m"), atom("f"), 0),
        options,
    };
    assert!(spawn(term!([link, {priority, high}, monitor])).has_option("monitor"));
    assert!(!spawn(term!([link])).has_option("monitor"));
    for hostile in [
        term!(monitor),
        term!([{monitor, 1}]),
        Term::list_with_tail(vec![term!(a)], term!(monitor)),
        term!(#{}),
    ] {
        assert!(!spawn(hostile).has_option("monitor"));
    }
}

/// References of OTP before 24 had three words, newer ones up to five.
#[test]
fn references_of_all_lengths_are_aliases() {
    for words in 1..=5 {
        let control = Control::AliasSend {
            from: pid(1),
            to: reference(words),
        };
        let (read, _) = decode(&frame(Format::Header, &control)).unwrap();
        assert_eq!(read, control);
    }
    let six = Reference::new(atom("a@b"), 1, &[0; 6]);
    assert!(six.is_err());
}
