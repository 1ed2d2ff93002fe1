//! Frames that were right and are changed in places, from a peer with the right cookie. By itself in a program, as all of its memory
//! is counted.
//!
//! `OTP_FRAMES=1000000 OTP_SEED=7` makes it longer and other; `just mutants` does.

#[allow(dead_code, reason = "other tests use more of it")]
#[path = "it/raw.rs"]
mod raw;
#[allow(dead_code, reason = "other tests use more of it")]
#[path = "it/support.rs"]
mod support;

use std::env;

use fastrand::Rng;
use otp_core::prelude::*;
use otp_core::{ChildSpec, Strategy};
use otp_dist::Distribution;
use otp_dist::wire::control::{Control, Target};
use otp_etf::{Term, term};
use peak_alloc::PeakAlloc;

use crate::raw::Raw;
use crate::support::{A, B, Server, atom, config};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Fewer than the limits of one connection allow: nothing here is near them.
const MOST: usize = 64 << 20;

fn number(name: &str, default: u64) -> u64 {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is {text:?}: expected a number")),
        Err(_) => default,
    }
}

/// A right frame, without its length.
fn frame(raw: &Raw, server: &otp_etf::Pid, rng: &mut Rng) -> Vec<u8> {
    let (from, to) = (raw.pid(rng.u32(1..5)), server.clone());
    let reference = raw.reference(rng.u32(1..5));
    let call = term!({@"$gen_call", {(from.clone()), (reference.clone())}, {double, 21}});
    let (control, payload): (Control, Option<Term>) = match rng.u32(..12) {
        0 => (Control::Link { from, to }, None),
        1 => (Control::UnlinkId { id: 7, from, to }, None),
        2 => (Control::UnlinkIdAck { id: 7, from, to }, None),
        3 => {
            let to = Target::Pid(to);
            let monitor = Control::Monitor {
                from,
                to,
                reference,
            };
            (monitor, None)
        }
        4 => {
            let to = Target::Name(atom("server"));
            let demonitor = Control::Demonitor {
                from,
                to,
                reference,
            };
            (demonitor, None)
        }
        5 => (Control::Exit { from, to }, Some(term!({shutdown, [1, 2]}))),
        6 => (Control::Exit2 { from, to }, Some(term!(kill))),
        7 => {
            let to = atom("server");
            (Control::RegSend { from, to }, Some(call))
        }
        8 => {
            let cast = term!({@"$gen_cast", {add, 1}});
            (Control::SendSender { from, to }, Some(cast))
        }
        9 => {
            let to = atom("pg");
            let join = term!({join, (from.clone()), group, [(from.clone())]});
            (Control::RegSend { from, to }, Some(join))
        }
        10 => {
            let to = atom("server");
            let state = term!({system, {(from.clone()), (reference)}, get_state});
            (Control::RegSend { from, to }, Some(state))
        }
        _ => {
            let from = Target::Pid(from);
            let end = Control::MonitorExit {
                from,
                to,
                reference,
            };
            (end, Some(term!(gone)))
        }
    };
    let mut bytes = match rng.bool() {
        true => vec![131, 68, 0],
        // As a message's only fragment.
        false => [&[131, 69][..], &[0; 7], &[1], &[0; 7], &[1, 0]].concat(),
    };
    control.encode(&mut bytes).expect("it can be written");
    if let Some(payload) = payload {
        payload.encode_into(&mut bytes).expect("it can be written");
    }
    bytes
}

/// Changes a frame in one or two places.
fn mutate(bytes: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..rng.u32(1..3) {
        let at = rng.usize(..=bytes.len());
        let end = bytes.len().min(at + rng.usize(0..8));
        match rng.u32(..6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, rng.u8(..)),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            4 => {
                // A count or a length that claims much.
                let claims = [255, 255, 255, 127];
                for (byte, claim) in bytes[at..end].iter_mut().zip(claims) {
                    *byte = claim;
                }
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = rng.u8(..);
                }
            }
        }
    }
}

#[tokio::test]
async fn changed_frames_end_their_connection_at_most() {
    let (frames, seed) = (number("OTP_FRAMES", 3_000), number("OTP_SEED", 1));
    let (a, b) = (Node::new(), Node::new());
    let on_b = Distribution::start(&b, config(B).visible(true)).await;
    let on_b = on_b.expect("b starts");
    let on_a = Distribution::start(&a, config(A).peer(B, on_b.address())).await;
    let on_a = on_a.expect("a starts");
    let server = || Server::options().name("server").start_link(());
    let tree = Supervisor::new(Strategy::OneForOne).max_restarts(usize::MAX, support::LONG);
    let tree = tree
        .child(ChildSpec::worker("server", server))
        .on(&b)
        .start();
    let _tree = tree.await.expect("it starts");
    on_b.expose::<Server>("server");
    let witness = on_a.server::<Server>("server", B);
    let answers = async || {
        while witness.call(support::Call::Get).await.is_err() {
            // It may be between two of its lives.
            assert_eq!(on_a.nodes(), [atom(B)], "another connection has ended");
            tokio::task::yield_now().await;
        }
    };
    answers().await;

    let mut rng = Rng::with_seed(seed);
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let mut raw = Raw::connect(&on_b, "raw@127.0.0.1").await;
    let mut closed = 0;
    for n in 0..frames {
        let pid = b.whereis("server").and_then(|pid| on_b.pid(pid));
        let pid = pid.unwrap_or_else(|| raw.pid(9));
        let mut bytes = frame(&raw, &pid, &mut rng);
        mutate(&mut bytes, &mut rng);
        raw.frame(&bytes).await;
        if !raw.is_answered().await {
            closed += 1;
            raw = Raw::connect(&on_b, "raw@127.0.0.1").await;
        }
        if n % 1000 == 0 {
            answers().await;
        }
    }
    answers().await;
    let taken = MEMORY.peak_usage().saturating_sub(before);
    assert!(closed > 0 && closed < frames, "{closed} of {frames}");
    assert!(taken < MOST, "{taken} bytes");
    // `--nocapture` shows it.
    eprintln!("seed {seed}: {frames} frames, {closed} connections ended, {taken} bytes at most");
}
