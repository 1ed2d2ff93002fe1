//! A peer with the right cookie that sends nonsense: it loses its connection, and nobody else notices.

use otp_core::prelude::*;
use otp_dist::wire::control::Control;
use otp_etf::{Decoder, Limits, Term, term};

use crate::raw::Raw;
use crate::support::{B, Pair, Server, atom};

// THR-004
#[tokio::test]
async fn malformed_frames_cost_their_connection_and_nothing_else() {
    let pair = Pair::start().await;
    let server = pair.on_a.process("server", B);
    let huge = [
        131, 69, 0, 0, 0, 0, 0, 0, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 0,
    ];
    let frames: &[&[u8]] = &[
        // Headers that kill a BEAM: fragment 0, fragment 2^64-1, 255 cached atoms, a header that is cut short.
        &[131, 69, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &huge,
        &[131, 69, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 255],
        &[131, 68, 3, 1, 2, 3],
        // No kind of frame, no tuple, no operation, a list that claims 2^32 elements.
        &[1, 2, 3],
        &[131, 68, 0, 97, 1],
        &[131, 68, 0, 104, 0],
        &[131, 68, 0, 108, 255, 255, 255, 255, 97, 1],
    ];
    for (i, frame) in frames.iter().enumerate() {
        let mut raw = Raw::connect(&pair.on_b, &format!("raw{i}@127.0.0.1")).await;
        raw.frame(frame).await;
        assert!(!raw.is_answered().await, "{frame:?}");
        assert_eq!(server.call::<i64>(&term!(get)).await.expect("it lives"), 0);
    }
}

// THR-004
#[tokio::test]
async fn a_call_whose_request_is_no_term_costs_its_connection() {
    let pair = Pair::start().await;
    let server = pair.on_a.process("server", B);
    // Cut short, no text, more than one term, and one that claims 2^32 elements. All of them begin as calls do.
    let requests: [&[u8]; 5] = [
        b"",
        b"h\x02w\x06double",
        b"w\x03g\xFFt",
        b"w\x03getj",
        b"l\xFF\xFF\xFF\xFFa\x01",
    ];
    for (i, request) in requests.into_iter().enumerate() {
        let mut raw = Raw::connect(&pair.on_b, &format!("raw{i}@127.0.0.1")).await;
        let (from, to) = (raw.pid(1), atom("server"));
        let caller = term!({(from.clone()), (raw.reference(1))});
        let mut frame = vec![131, 68, 0];
        let control = Control::RegSend { from, to };
        control.encode(&mut frame).expect("it can be written");
        frame.extend(b"h\x03w\x09$gen_call");
        caller.encode_into(&mut frame).expect("it can be written");
        frame.extend(request);
        raw.frame(&frame).await;
        assert!(!raw.is_answered().await, "{request:?}");
        assert_eq!(server.call::<i64>(&term!(get)).await.expect("it lives"), 0);
    }
}

/// Whether these bytes are a term, as who makes one of them finds.
fn is_term(payload: &[u8]) -> bool {
    let mut decoder = Decoder::new(payload, Limits::default());
    decoder.term().is_ok() && decoder.finish().is_ok()
}

/// A term cut short at each byte, and with other bytes at each place.
fn damaged(term: &Term) -> Vec<Vec<u8>> {
    let mut bytes = Vec::new();
    term.encode_into(&mut bytes).expect("it can be written");
    let mut damaged: Vec<_> = (0..bytes.len()).map(|end| bytes[..end].to_vec()).collect();
    for at in 0..bytes.len() {
        for value in [0, 3, 90, 104, 108, 255] {
            let mut changed = bytes.clone();
            changed[at] = value;
            damaged.push(changed);
        }
    }
    damaged.push([&bytes[..], &[106]].concat());
    damaged
}

// THR-004
#[tokio::test]
async fn a_message_costs_its_connection_if_it_is_no_term_and_only_then() {
    let pair = Pair::start().await;
    pair.on_b.expose::<Server>("absent");
    // The second name is not kept in an atom's value.
    for name in ["r@b", "raw-with-a-long-name@127.0.0.1"] {
        let mut raw = Raw::connect(&pair.on_b, name).await;
        let from = raw.pid(1);
        let alias = Term::list_with_tail(vec![term!(alias)], raw.reference(1).into());
        let messages = [
            term!({@"$gen_call", {(from.clone()), (alias.clone())}, {double, 7}}),
            term!({@"$gen_cast", {add, 0}}),
            term!({(raw.reference(2)), get}),
        ];
        let to_name = |to| Control::RegSend {
            from: from.clone(),
            to: atom(to),
        };
        let to_pid = Control::Send {
            to: pair.on_b.pid(pair.server.pid()).expect("a process of b"),
        };
        let controls = [to_name("server"), to_name("absent"), to_pid];
        for message in &messages {
            for payload in damaged(message) {
                for control in &controls {
                    let mut frame = vec![131, 68, 0];
                    control.encode(&mut frame).expect("it can be written");
                    frame.extend(&payload);
                    raw.frame(&frame).await;
                    let survives = raw.is_answered().await;
                    assert_eq!(survives, is_term(&payload), "{control:?} {payload:?}");
                    if !survives {
                        raw = Raw::connect(&pair.on_b, name).await;
                    }
                }
            }
        }
    }
}

// THR-005
#[tokio::test]
async fn a_peer_cannot_speak_for_another() {
    let pair = Pair::start().await;
    pair.on_a
        .connect(pair.on_b.name())
        .await
        .expect("b is there");
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    // An exit that pretends to come over a link, from a process of node a: `{24, From, To} | kill`.
    let from = pair
        .on_a
        .pid(pair.a.spawn(|_: Mailbox<Never>| async {}).pid());
    let to = pair.on_b.pid(pair.server.pid());
    let control = term!({24, (from.expect("a's")), (to.clone().expect("b's"))});
    let mut frame = vec![131, 68, 0];
    control.encode_into(&mut frame).expect("it can be written");
    term!(kill)
        .encode_into(&mut frame)
        .expect("it can be written");
    raw.frame(&frame).await;
    // And one of its own, without a link.
    let control = term!({24, (raw.pid(1)), (to.expect("b's"))});
    frame.truncate(3);
    control.encode_into(&mut frame).expect("it can be written");
    term!(kill)
        .encode_into(&mut frame)
        .expect("it can be written");
    raw.frame(&frame).await;
    // A frame that is refused shows that those before it were handled.
    raw.frame(&[1]).await;
    assert!(raw.closed().await);
    assert!(pair.server.is_alive());
}

// THR-003
#[tokio::test]
async fn what_was_not_offered_cannot_be_reached_by_name_pid_or_function() {
    let pair = Pair::start().await;
    let secret = Server::options().on(&pair.b).name("secret");
    let secret = secret.start(()).await.expect("it starts");
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let pid = pair.on_b.pid(secret.pid()).expect("a process of b");
    let from = raw.pid(1);
    let add = term!({@"$gen_cast", {add, 1}});
    let (name, from_) = (atom("secret"), from.clone());
    raw.carry(
        &Control::RegSend {
            from: from_,
            to: name,
        },
        &add,
    )
    .await;
    let to = pid.clone();
    raw.carry(
        &Control::SendSender {
            from: from.clone(),
            to,
        },
        &add,
    )
    .await;
    let terminate = term!({system, {(from.clone()), 1}, {terminate, shutdown}});
    let to = pid.clone();
    raw.carry(
        &Control::SendSender {
            from: from.clone(),
            to,
        },
        &terminate,
    )
    .await;
    let to = pid.clone();
    raw.carry(
        &Control::Exit2 {
            from: from.clone(),
            to,
        },
        &term!(kill),
    )
    .await;
    // A link with it is one with nobody, and so is a monitor.
    let (to, other) = (pid.clone(), from.clone());
    raw.signal(&Control::Link { from: other, to }).await;
    raw.monitor("secret", 5).await;
    let spawn = Control::SpawnRequest(Box::new(otp_dist::wire::control::Spawn {
        id: raw.reference(6),
        from: from.clone(),
        group_leader: from.clone(),
        function: (atom("os"), atom("cmd"), 1),
        options: term!([monitor]),
    }));
    raw.carry(&spawn, &term!(["halt"])).await;
    let answers = raw.until_answered("server").await;
    let noproc = |(_, reason): &&(Control, Term)| *reason == term!(noproc);
    assert_eq!(answers.iter().filter(noproc).count(), 2, "{answers:?}");
    let refused = |(control, _): &(Control, Term)| matches!(control, Control::SpawnReply { result: Err(why), .. } if *why == "notsup");
    assert!(answers.iter().any(refused), "{answers:?}");
    assert_eq!(answers.len(), 3);
    assert!(secret.is_alive());
    let state = otp_core::sys::get_state(&secret, |server| server.0).await;
    assert_eq!(state, Ok(0));
    // What is hidden again is as if it had never been there.
    assert!(pair.on_b.hide("server"));
    raw.call("server", term!(9), term!(get)).await;
    raw.monitor("server", 7).await;
    assert_eq!(raw.next().await.1, term!(noproc));
}
