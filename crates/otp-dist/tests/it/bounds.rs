//! What a peer that does not read costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process::ExitSignals;
use otp_core::sys;
use otp_dist::wire::control::{Control, Target};
use otp_dist::{Destination, Exposure};
use otp_etf::{Term, term};

use crate::raw::Raw;
use crate::support::{LONG, Pair, Server, atom};

// DST-017, THR-006
#[tokio::test]
async fn a_sender_waits_for_a_peer_that_does_not_read() {
    let pair = Pair::start().await;
    let raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let to = pair.on_b.at(Destination::Pid(raw.pid(1)));
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    let message = vec![b'x'; 64 << 10];
    let sending = async {
        loop {
            to.send(&serde_bytes::Bytes::new(&message))
                .await
                .expect("it can be written");
            counted.fetch_add(message.len(), Ordering::Relaxed);
        }
    };
    // Whatever the time is, it does not get further than the two buffers of the connection and its own.
    let limit = tokio::time::timeout(Duration::from_secs(1), sending).await;
    assert!(limit.is_err());
    let sent = sent.load(Ordering::Relaxed);
    assert!(
        sent < 32 << 20,
        "{sent} bytes are on their way to a peer that does not read"
    );
    drop(raw);
}

// THR-006
#[tokio::test]
async fn answers_that_nobody_reads_end_the_connection() {
    let pair = Pair::with(|config| config.queue_limit(1 << 20)).await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let mut frame = vec![131, 68, 0];
    let control = term!({6, (raw.pid(1)), @"", server});
    control.encode_into(&mut frame).expect("it can be written");
    // The tag comes back with each answer.
    let tag = "t".repeat(60_000);
    let call = term!({@"$gen_call", {(raw.pid(1)), (tag)}, get});
    call.encode_into(&mut frame).expect("it can be written");
    let flood = async {
        while pair.on_b.nodes().len() == 1 {
            raw.frame(&frame).await;
        }
    };
    assert!(tokio::time::timeout(LONG, flood).await.is_ok());
    assert!(pair.server.is_alive());
}

/// A server that does not come to its messages has so many of them and no more; a call is told.
// DST-021, THR-006
#[tokio::test]
async fn a_flood_from_another_node_meets_the_limit_of_the_mailbox() {
    for (limit, size, expected) in [
        ((100, usize::MAX), 1, 100),
        ((usize::MAX, 50_000), 1_000, 49),
    ] {
        let pair = Pair::start().await;
        let exposure = Exposure::<Server>::typed().sys(|state| state.0);
        let exposure = exposure.mailbox_limit(limit.0, limit.1);
        pair.on_b.expose_with("server", exposure);
        sys::suspend(&pair.server).await.expect("it is suspended");
        let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
        let panics = term!({panic, ("x".repeat(size))});
        for _ in 0..200 {
            // Nobody wants the answer.
            raw.call("server", term!(1), panics.clone()).await;
        }
        for _ in expected..200 {
            assert_eq!(raw.next().await.1, term!({1, {error, overloaded}}));
        }
        assert_eq!(pair.server.message_queue_len(), expected);
        // What is no message gets through.
        let from = raw.pid(1);
        let resume = term!({system, {(from.clone()), 2}, get_status});
        let to = atom("server");
        raw.carry(&Control::RegSend { from, to }, &resume).await;
        let (_, status) = raw.next().await;
        assert_eq!(status.as_tuple().map(|it| it[0].clone()), Some(term!(2)));
    }
}

/// Answers with as many bytes as it is asked for, and says so before it and after it.
struct Bulk(otp_dist::RemoteProcess);

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Bytes(usize, ReplyTo<serde_bytes::ByteBuf>),
}

#[gen_server]
impl GenServer for Bulk {
    type Args = otp_dist::RemoteProcess;
    type Call = Wanted;

    async fn init(
        other: otp_dist::RemoteProcess,
        _: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(other)))
    }

    async fn handle_call(&mut self, call: Wanted, _: &mut Context<Self>) -> Reply<Self> {
        let Wanted::Bytes(count, from) = call;
        from.send(vec![7; count].into());
        // It waits for room, which there is when the bytes are gone.
        self.0.send("sent").await.expect("it is a term");
        Reply::later()
    }
}

/// A BEAM sends what has waited for the connection in one frame.
// DST-001, THR-006
#[tokio::test]
async fn a_message_may_be_as_large_in_one_frame_as_in_fragments_and_no_larger() {
    const FRAME: usize = 1 << 20;

    let pair = Pair::with(|config| config.frame_limit(FRAME)).await;
    let connect = async || Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let bytes = |count| Term::from(&vec![7; count][..]);
    let fragment = |kind, id: u8, count| {
        let no_atoms: &[u8] = if kind == 69 { &[0] } else { &[] };
        let numbers = [&[0; 7][..], &[1], &[0; 7], &[id]].concat();
        [&[131, kind][..], &numbers, no_atoms, &vec![7; count]].concat()
    };
    // One that is no request is answered, and so has arrived.
    let mut raw = connect().await;
    for count in [FRAME - 200, FRAME + 200, 4 * FRAME - 200] {
        raw.call("server", term!(1), bytes(count)).await;
        let (_, answer) = raw.next().await;
        assert!(answer.to_string().contains("undecodable"), "{count}");
    }
    raw.frame(&vec![131; 4 * FRAME + 1]).await;
    assert!(raw.closed().await, "larger");
    // Both together are no larger.
    let mut raw = connect().await;
    raw.frame(&fragment(69, 3, FRAME - 200)).await;
    raw.frame(&fragment(70, 2, FRAME - 200)).await;
    assert!(raw.is_answered().await);
    let (from, to) = (raw.pid(1), atom("server"));
    let call = term!({@"$gen_call", {(from.clone()), 1}, (bytes(3 * FRAME))});
    let mut frame = vec![131, 68, 0];
    let control = Control::RegSend { from, to };
    control.encode(&mut frame).expect("it can be written");
    call.encode_into(&mut frame).expect("it can be written");
    raw.frame(&frame).await;
    assert!(raw.closed().await, "with fragments");
    let mut raw = connect().await;
    raw.frame(&fragment(69, 2, FRAME + 1)).await;
    assert!(raw.closed().await, "a fragment");
}

// DST-026
#[tokio::test]
async fn a_message_of_100_mb_holds_up_nobody_else() {
    const SIZE: usize = 100_000_000;

    let pair = Pair::with(|config| config.frame_limit(32 << 20)).await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let other = pair.on_b.at(Destination::Pid(raw.pid(1)));
    let bulk = Bulk::options().on(&pair.b).name("bulk");
    bulk.start(other).await.expect("it starts");
    pair.on_b.expose::<Bulk>("bulk");
    raw.call("bulk", term!(1), term!({bytes, (SIZE as i64)}))
        .await;
    // What the buffers of the system hold is before each of them.
    let pings = 4;
    let (mut answered, mut is_whole) = (0, false);
    raw.call("server", term!(2), term!(get)).await;
    loop {
        let (_, answer) = raw.next().await;
        match answer.as_tuple() {
            Some([tag, _]) if *tag == term!(2) => {
                assert!(is_whole || answered < pings);
                answered += 1;
                if answered < pings {
                    raw.call("server", term!(2), term!(get)).await;
                }
            }
            Some([tag, bytes]) if *tag == term!(1) => {
                assert_eq!(bytes.as_bytes().map(<[u8]>::len), Some(SIZE));
                assert_eq!(answered, pings, "all of them came first");
                is_whole = true;
            }
            // What the sender says next.
            _ => {
                assert_eq!(answer, term!("sent"));
                assert!(is_whole);
                break;
            }
        }
    }
    // A node of ours takes it, if its limit allows for it.
    let there = pair.on_a.process("bulk", crate::support::B);
    let request = term!({bytes, (SIZE as i64)});
    let bytes = there.call::<serde_bytes::ByteBuf>(&request).timeout(LONG);
    assert_eq!(bytes.await.expect("they are bytes").len(), SIZE);
}

// DST-028, THR-006
#[tokio::test]
async fn a_peer_has_so_many_calls_that_are_not_answered_and_no_more() {
    let pair = Pair::with(|config| config.calls_limit(3)).await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let info = || {
        let of_raw = |it: &otp_dist::ConnectionInfo| it.node == atom("raw@127.0.0.1");
        pair.on_b
            .connections()
            .into_iter()
            .find(of_raw)
            .expect("it is connected")
    };
    assert_eq!((info().calls_in, info().refused), (0, 0));
    sys::suspend(&pair.server).await.expect("it is suspended");
    for tag in 1..=5 {
        raw.call("server", Term::from(tag), term!(get)).await;
    }
    for tag in [4, 5] {
        assert_eq!(raw.next().await.1, term!({(tag), {error, overloaded}}));
    }
    assert_eq!((info().calls_in, info().refused), (3, 2));
    // Another peer has places of its own.
    let other = pair.on_a.server::<Server>("server", crate::support::B);
    sys::resume(&pair.server).await.expect("it is resumed");
    for tag in 1..=3 {
        assert_eq!(raw.next().await.1, term!({(tag), 0}));
    }
    assert_eq!(
        other
            .call(crate::support::Call::Get)
            .await
            .expect("it answers"),
        0
    );
    assert_eq!(raw.until_answered("server").await, []);
    assert_eq!((info().calls_in, info().refused), (0, 2));
    let (out, into) = (info().bytes_out, info().bytes_in);
    raw.until_answered("server").await;
    assert!(info().bytes_out > out && info().bytes_in > into);
    // Who ends without an answer gives the place back, too.
    raw.call("server", term!(6), term!({panic, "boom"})).await;
    pair.b.wait(pair.server.pid()).await;
    while info().calls_in > 0 {
        tokio::task::yield_now().await;
    }
}

// DST-017, THR-006
#[tokio::test]
async fn a_peer_with_too_many_links_and_monitors_loses_its_connection() {
    const MOST: u32 = 1_000;

    let pair = Pair::with(|config| config.links_limit(MOST as usize)).await;
    let server = pair.on_b.pid(pair.server.pid()).expect("a process of b");
    // The links end the server with the connection.
    for is_link in [false, true] {
        let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
        for number in 1..=2 * MOST {
            let control = match is_link {
                true => Control::Link {
                    from: raw.pid(number),
                    to: server.clone(),
                },
                false => Control::Monitor {
                    from: raw.pid(1),
                    to: Target::Name(atom("server")),
                    reference: raw.reference(number),
                },
            };
            if number == MOST / 2 {
                assert!(raw.is_answered().await, "it has not so many");
            }
            let mut frame = vec![131, 68, 0];
            control.encode(&mut frame).expect("it can be written");
            raw.frame(&frame).await;
        }
        assert!(raw.closed().await, "it has too many");
    }
}

// DST-017, THR-006
#[tokio::test]
async fn a_few_processes_with_links_to_many_servers_have_too_many() {
    let pair = Pair::with(|config| config.links_limit(100)).await;
    let mut servers = Vec::new();
    for _ in 0..30 {
        let server = Server::options().on(&pair.b).start(()).await;
        let server = server.expect("it starts");
        pair.on_b.export(&server, Exposure::typed());
        servers.push(pair.on_b.pid(server.pid()).expect("a process of b"));
    }
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    for number in 1..=20 {
        let from = raw.pid(number);
        for to in servers.iter().cloned() {
            let mut frame = vec![131, 68, 0];
            let control = Control::Link {
                from: from.clone(),
                to,
            };
            control.encode(&mut frame).expect("it can be written");
            raw.frame(&frame).await;
        }
        if number == 3 {
            assert!(raw.is_answered().await, "it has not so many");
        }
    }
    assert!(raw.closed().await, "it has too many");
}

// DST-017, THR-006
#[tokio::test]
async fn a_reference_stands_for_one_monitor() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    for _ in 0..100 {
        raw.monitor("server", 1).await;
    }
    raw.until_answered("server").await;
    let watchers = || {
        let info = pair.b.process_info(pair.server.pid());
        info.expect("it is alive").monitored_by.len()
    };
    assert_eq!(watchers(), 1);
    let demonitor = Control::Demonitor {
        from: raw.pid(1),
        to: Target::Name(atom("server")),
        reference: raw.reference(1),
    };
    raw.signal(&demonitor).await;
    raw.until_answered("server").await;
    assert_eq!(watchers(), 0);
}

// DST-024, THR-006
#[tokio::test]
async fn a_peer_that_changes_its_scope_all_the_time_is_monitored_once() {
    let pair = Pair::with(|config| config.visible(true)).await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    for number in 1..=1_000 {
        let scope = raw.pid(1 + number % 2);
        raw.tell("pg", &term!({discover, (scope)})).await;
    }
    raw.until_answered("server").await;
    let monitors = || {
        let processes = pair.b.processes().into_iter();
        let infos = processes.filter_map(|pid| pair.b.process_info(pid));
        infos.map(|info| info.monitors.len()).max()
    };
    let once = async {
        while monitors() != Some(1) {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(LONG, once).await;
    assert!(waited.is_ok(), "{:?} monitors stay", monitors());
}

/// A server that traps exits.
struct Traps;

#[gen_server]
impl GenServer for Traps {
    type Call = crate::support::Call;

    async fn init((): (), ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(ExitSignals::Trap);
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, _: crate::support::Call, _: &mut Context<Self>) -> Reply<Self> {
        Reply::later()
    }
}

// THR-006
#[tokio::test]
async fn exit_signals_that_are_messages_meet_the_limit_of_the_mailbox() {
    let pair = Pair::start().await;
    let traps = Traps::options().on(&pair.b).start(()).await;
    let traps = traps.expect("it starts");
    let exposure = Exposure::<Traps>::typed().mailbox_limit(100, 50_000);
    let to = pair.on_b.export(&traps, exposure);
    sys::suspend(&traps).await.expect("it is suspended");
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let reason = term!({reason, ("x".repeat(1_000))});
    for _ in 0..200 {
        let (from, to) = (raw.pid(1), to.clone());
        raw.carry(&Control::Exit2 { from, to }, &reason).await;
    }
    raw.until_answered("server").await;
    assert_eq!(traps.message_queue_len(), 49);
    // One over a link cannot be dropped: the end of the connection takes its place, and that of all that might follow.
    let (from, to) = (raw.pid(1), to.clone());
    let [link, exit] = [
        Control::Link {
            from: from.clone(),
            to: to.clone(),
        },
        Control::Exit { from, to },
    ];
    raw.signal(&link).await;
    raw.carry(&exit, &reason).await;
    assert!(raw.closed().await, "it has to go");
    assert_eq!(traps.message_queue_len(), 50, "the link has fired");
    // What ends a server needs no room.
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let (from, to) = (raw.pid(1), pair.on_b.pid(traps.pid()).expect("a pid"));
    raw.carry(&Control::Exit2 { from, to }, &term!(kill)).await;
    let ended = pair.b.wait(traps.pid()).await;
    assert_eq!(ended, Some(ExitReason::Killed));
}
