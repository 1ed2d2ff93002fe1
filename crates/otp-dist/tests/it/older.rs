//! C and Java nodes: peers that lack the newer forms of signals, and functions that are called by the server `rex`.

use std::sync::Arc;

use otp_core::prelude::*;
use otp_core::process;
use otp_dist::wire::control::Control;
use otp_dist::wire::flags::Flags;
use otp_dist::{Destination, Distribution, Raised, RpcError};
use otp_etf::{Decoder, Limits, Term, term};
use tokio::sync::Notify;

use crate::raw::Raw;
use crate::support::{LONG, Pair, atom};

const RAW: &str = "raw@127.0.0.1";

/// The terms of a frame of the oldest format.
fn terms(frame: &[u8]) -> Vec<Term> {
    let [112, bytes @ ..] = frame else {
        panic!("a frame with a header: {frame:?}");
    };
    let mut terms = Vec::new();
    let mut decoder = Decoder::new(bytes, Limits::default());
    while !decoder.rest().is_empty() {
        decoder.version().expect("each term has one");
        terms.push(decoder.term().expect("it is a term"));
    }
    terms
}

// DST-035
#[tokio::test]
async fn a_peer_that_knows_the_older_forms_alone_gets_these() {
    let pair = Pair::start().await;
    // Those of erl_interface.
    let newer = Flags::from_bits(!0x4_0707_4F9C);
    let flags = Flags::HIDDEN.without(newer);
    let mut raw = Raw::connect_with(&pair.on_b, RAW, 7, flags).await;
    let (me, server) = (raw.pid(1), pair.on_b.pid(pair.server.pid()));
    let server = server.expect("a process of b");
    raw.call("server", term!(tag), term!(get)).await;
    let answer = [term!({2, @"", (me.clone())}), term!({tag, 0})];
    assert_eq!(terms(&raw.bytes().await), answer);
    raw.monitor("nobody", 1).await;
    let down = term!({21, nobody, (me.clone()), (raw.reference(1)), noproc});
    assert_eq!(terms(&raw.bytes().await), [down]);
    let (from, to) = (me.clone(), server.clone());
    raw.signal(&Control::Link { from, to }).await;
    raw.call("server", term!(tag), term!(get)).await;
    assert_eq!(terms(&raw.bytes().await), answer);
    pair.b.exit(pair.server.pid(), ExitReason::Kill);
    let exit = term!({3, (server), (me.clone()), killed});
    assert_eq!(terms(&raw.bytes().await), [exit]);
    let there = pair.on_b.at(Destination::Pid(me.clone()));
    let there = there.pid().await.expect("it is a pid");
    let exiting = async move |_: Mailbox<Never>| {
        process::exit(there, ExitReason::Shutdown);
        process::current()
    };
    let here = pair.b.run_with(exiting).await.expect("it exits");
    let here = pair.on_b.pid(here).expect("a process of b");
    let exit = term!({8, (here), (me), shutdown});
    assert_eq!(terms(&raw.bytes().await), [exit]);
    // A function of it cannot be called.
    let called = (atom("m"), atom("f"));
    let refused = pair
        .on_b
        .rpc::<Term>(&atom(RAW), called, ())
        .timeout(LONG)
        .await;
    assert!(matches!(refused, Err(RpcError::Refused(why)) if why == term!(notsup)));
}

/// Offers functions.
fn offer(on: &Distribution) -> Arc<Notify> {
    on.function("m", "add", |(a, b): (i64, i64)| a + b);
    on.async_function("m", "raise", async |(how, why): (otp_etf::Atom, Term)| {
        Err::<(), _>(match how.as_str() {
            "error" => Raised::Error(why),
            "exit" => Raised::Exit(why),
            _ => Raised::Throw(why),
        })
    });
    on.async_function("m", "panic", async |()| -> Result<(), Raised> {
        panic!("no")
    });
    let noted = Arc::new(Notify::new());
    let notes = noted.clone();
    on.function("m", "note", move |()| notes.notify_one());
    noted
}

// DST-035
#[tokio::test]
async fn rex_calls_functions_as_before() {
    let pair = Pair::start().await;
    let noted = offer(&pair.on_b);
    let mut raw = Raw::connect(&pair.on_b, RAW).await;
    let failed = |why| term!({badrpc, {@"EXIT", (why)}});
    let error = |why, name: Term, arguments: &Term| {
        let stack = term!([{m, (name), (arguments.clone()), []}]);
        failed(term!({(why), (stack)}))
    };
    let raise = |how| term!([(atom(how)), bad]);
    let of_error = error(term!(bad), term!(raise), &raise("error"));
    let (few, odd) = (term!([1]), term!([1, a]));
    let of_few = error(term!(undef), term!(add), &few);
    let of_odd = error(term!(badarg), term!(add), &odd);
    for (name, arguments, result) in [
        (term!(add), term!([40, 2]), term!(42)),
        (term!(raise), raise("throw"), term!(bad)),
        (term!(raise), raise("exit"), failed(term!(bad))),
        (term!(raise), raise("error"), of_error),
        (term!(panic), term!([]), failed(term!(killed))),
        (term!(add), few, of_few),
        (term!(add), odd, of_odd),
        (term!(add), term!(no_list), failed(term!({badarg, []}))),
    ] {
        for what in ["call", "block_call"] {
            let what = Term::from(atom(what));
            let request = term!({(what), m, (name.clone()), (arguments.clone()), user});
            raw.call("rex", term!(tag), request).await;
            assert_eq!(raw.next().await.1, term!({tag, (result.clone())}));
        }
        // A C node.
        let request = term!({(raw.pid(1)), {call, m, (name), (arguments), user}});
        raw.tell("rex", &request).await;
        assert_eq!(raw.next().await.1, term!({rex, (result)}));
    }
    raw.tell("rex", &term!({@"$gen_cast", {cast, m, note, [], user}}))
        .await;
    noted.notified().await;
}

// DST-035
#[tokio::test]
async fn rex_passes_messages_on_to_what_is_exposed() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, RAW).await;
    let (me, b) = (raw.pid(1), pair.on_b.name().clone());
    let add = term!({@"$gen_cast", {add, 5}});
    for (request, reply) in [
        (
            term!({sbcast, server, (add)}),
            term!({rex, (b.clone()), (b.clone())}),
        ),
        (
            term!({sbcast, nobody, hi}),
            term!({rex, (b.clone()), {nonexisting_name, nobody}}),
        ),
        (
            term!({send, nobody, hi}),
            term!({rex, (b.clone()), {nonexisting_name, nobody}}),
        ),
        (
            term!(features_request),
            term!({features_reply, (b.clone()), [erpc]}),
        ),
    ] {
        raw.tell("rex", &term!({(me.clone()), (request)})).await;
        assert_eq!(raw.next().await.1, reply);
    }
    let state = pair.on_a.process("server", pair.on_b.name().as_str());
    assert_eq!(state.call::<i64>(&term!(get)).await.expect("it lives"), 5);
    // It is always there, and what is no request is ignored.
    raw.monitor("rex", 1).await;
    for odd in [
        term!(hello),
        term!({(me.clone()), hello}),
        term!({(me.clone()), {sbcast, hello}}),
        term!({(me.clone()), {send, server, hello}}),
        term!({odd, {sbcast, server, hello}}),
        term!({(me.clone()), {call, m}}),
        term!({@"$gen_call", odd, {call, m, add, [], user}}),
        term!({@"$gen_call", {(me), tag}, {call, m}}),
        term!({@"$gen_cast", {cast, m, add, []}}),
    ] {
        raw.tell("rex", &odd).await;
    }
    assert_eq!(raw.until_answered("server").await, []);
}
