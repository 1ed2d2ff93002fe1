//! Control messages of all kinds.

use otp_dist::wire::control::{Control, ControlError, Destination, Spawn, Target};
use otp_dist::wire::frame::{Format, Frame, Message, Reader};
use otp_etf::{Atom, EncodeError, Limits, Pid, Reference, Term, term};

pub(crate) const FORMATS: [Format; 2] = [Format::PassThrough, Format::Header];

pub(crate) fn atom(text: &str) -> Atom {
    Atom::new(text).expect("a short text")
}

pub(crate) fn pid(id: u32) -> Pid {
    Pid {
        id,
        serial: 0xFFFF_FFFF,
        node: atom("rust@127.0.0.1"),
        creation: 1_795_883_495,
    }
}

pub(crate) fn reference(words: usize) -> Reference {
    let words = [1, 0xFFFF_FFFF, 3, 4, 5][..words].to_vec();
    Reference::new(atom("a@127.0.0.1"), 4, &words).expect("1 to 5")
}

/// One of each kind and of each form.
pub(crate) fn controls() -> Vec<Control> {
    let (from, to) = (pid(1), pid(2));
    let name = || Target::Name(atom("calc"));
    let mut controls = vec![
        Control::Link {
            from: from.clone(),
            to: to.clone(),
        },
        Control::Send { to: to.clone() },
        Control::SendSender {
            from: from.clone(),
            to: to.clone(),
        },
        Control::RegSend {
            from: from.clone(),
            to: atom("calc"),
        },
        Control::RegSend {
            from: from.clone(),
            to: atom(""),
        },
        Control::AliasSend {
            from: from.clone(),
            to: reference(3),
        },
        Control::AliasSend {
            from: from.clone(),
            to: reference(5),
        },
        Control::Exit {
            from: from.clone(),
            to: to.clone(),
        },
        Control::Exit2 {
            from: from.clone(),
            to: to.clone(),
        },
        Control::NodeLink,
        Control::GroupLeader {
            from: from.clone(),
            to: to.clone(),
        },
        Control::SpawnRequest(Box::new(Spawn {
            id: reference(3),
            from: from.clone(),
            group_leader: to.clone(),
            function: (atom("erpc"), atom("execute_call"), 4),
            options: term!([monitor]),
        })),
    ];
    for id in [1, 7, u64::from(u32::MAX), i64::MAX as u64, u64::MAX] {
        controls.push(Control::UnlinkId {
            id,
            from: from.clone(),
            to: to.clone(),
        });
        controls.push(Control::UnlinkIdAck {
            id,
            from: from.clone(),
            to: to.clone(),
        });
    }
    for target in [Target::Pid(to.clone()), name()] {
        let (from, reference) = (from.clone(), reference(3));
        controls.push(Control::Monitor {
            from: from.clone(),
            to: target.clone(),
            reference: reference.clone(),
        });
        controls.push(Control::Demonitor {
            from: from.clone(),
            to: target.clone(),
            reference: reference.clone(),
        });
        controls.push(Control::MonitorExit {
            from: target,
            to: from,
            reference,
        });
    }
    for (is_linked, is_monitored) in [(false, false), (true, false), (false, true), (true, true)] {
        for result in [Ok(to.clone()), Err(atom("badopt"))] {
            let (id, to) = (reference(3), from.clone());
            controls.push(Control::SpawnReply {
                id,
                to,
                is_linked,
                is_monitored,
                result,
            });
        }
    }
    for (is_priority, is_exit) in [(false, false), (true, false), (false, true), (true, true)] {
        for to in [
            Destination::Pid(to.clone()),
            Destination::Name(atom("calc")),
            Destination::Alias(reference(3)),
        ] {
            controls.push(Control::Altact {
                is_priority,
                is_exit,
                from: from.clone(),
                to,
            });
        }
    }
    controls
}

/// What a control message carries in these tests, if it carries something.
pub(crate) fn payload() -> Term {
    term!({@"$gen_call", [alias, 1], "text"})
}

/// The frame of a control message, with its length.
pub(crate) fn frame(format: Format, control: &Control) -> Vec<u8> {
    let mut out = Vec::new();
    if control.carries() {
        format
            .message(
                &mut out,
                |out| control.encode(out),
                |out| payload().encode_into(out),
            )
            .expect("it can be sent");
    } else {
        format
            .control(&mut out, |out| control.encode(out))
            .expect("it can be sent");
    }
    out
}

/// The frame of a term as a control message, and perhaps of what it carries.
pub(crate) fn raw(format: Format, control: &Term, payload: Option<&Term>) -> Vec<u8> {
    let mut out = Vec::new();
    let control = |out: &mut Vec<u8>| control.encode_into(out);
    let written: Result<(), EncodeError> = match payload {
        Some(payload) => format.message(&mut out, control, |out| payload.encode_into(out)),
        None => format.control(&mut out, control),
    };
    written.expect("it can be sent");
    out
}

/// Reads the one message of a frame.
pub(crate) fn with_message<T>(frame: &[u8], then: impl FnOnce(Message<'_>) -> T) -> T {
    let mut reader = Reader::new(1 << 20);
    reader.input().extend_from_slice(frame);
    match reader.next() {
        Ok(Some(Frame::Message(message))) => then(message),
        other => panic!("{other:?} is no message"),
    }
}

pub(crate) fn decode(frame: &[u8]) -> Result<(Control, Vec<u8>), ControlError> {
    with_message(frame, |message| {
        let (control, payload) = Control::decode(message, &Limits::default())?;
        Ok((control, payload.to_vec()))
    })
}

/// The term that a control message is, and what comes of it with and without what it carries.
pub(crate) fn decode_term(
    control: &Term,
    payload: Option<&Term>,
) -> Result<(Control, Vec<u8>), ControlError> {
    let [a, b] = FORMATS.map(|format| decode(&raw(format, control, payload)));
    assert_eq!(a, b, "both formats say the same");
    a
}

pub(crate) fn bytes(term: &Term) -> Vec<u8> {
    let mut bytes = Vec::new();
    term.encode_into(&mut bytes).expect("it can be sent");
    bytes
}
