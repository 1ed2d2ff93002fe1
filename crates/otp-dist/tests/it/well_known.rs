//! The names that a BEAM expects on every node, and what becomes of messages to them that nobody knows.

use otp_dist::RpcError;
use otp_dist::wire::control::{Control, Target};
use otp_etf::{Term, term};

use crate::erlang::Beam;
use crate::raw::Raw;
use crate::support::{LONG, Pair, atom};

const RAW: &str = "raw@127.0.0.1";

// DST-036
#[tokio::test]
async fn a_peer_that_compares_global_names_is_told_that_it_is_done() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, RAW).await;
    let me = Term::from(raw.node.clone());
    let begin = term!({init_connect, {8, (-7)}, (me), {locker, no_longer_a_pid, [], (raw.pid(2))}});
    raw.tell("global_name_server", &term!({@"$gen_cast", (begin)}))
        .await;
    let (control, told) = raw.next().await;
    assert!(matches!(control, Control::RegSend { to, .. } if to.as_str() == "global_name_server"));
    let b = pair.on_b.name().clone();
    assert_eq!(told, term!({@"$gen_cast", {in_sync, (b), true}}));
    // Nobody else is answered, and locks and names are not kept here.
    for odd in [
        term!({@"$gen_cast", init_connect}),
        term!({@"$gen_cast", {in_sync, raw, true}}),
        term!({init_connect, 8}),
        term!({@"$gen_call", {(raw.pid(1)), tag}, {set_lock, {lock, me}}}),
        term!(junk),
    ] {
        raw.tell("global_name_server", &odd).await;
    }
    raw.monitor("global_name_server", 1).await;
    let (down, why) = raw.next().await;
    assert!(matches!(down, Control::MonitorExit { .. }));
    assert_eq!(why, term!(noproc));
    assert_eq!(raw.until_answered("server").await, []);
}

// DST-036
#[tokio::test]
async fn a_call_that_a_scope_does_not_know_fails_and_the_groups_stay() {
    let pair = Pair::start().await;
    pair.on_b.join(term!(group), pair.server.pid());
    let mut raw = Raw::connect(&pair.on_b, RAW).await;
    for number in [1, 2] {
        raw.monitor("pg", number).await;
        let reference = Term::from(raw.reference(number));
        let tag = match number {
            1 => term!([alias | (reference)]),
            _ => reference,
        };
        raw.call("pg", tag, term!(junk)).await;
        let (down, why) = raw.next().await;
        let expected = Control::MonitorExit {
            from: Target::Name(atom("pg")),
            to: raw.pid(1),
            reference: raw.reference(number),
        };
        assert_eq!((down, why), (expected, term!({badarg, []})));
    }
    for odd in [
        term!(junk),
        term!({@"$gen_cast", junk}),
        term!({@"$gen_call", junk, junk}),
        term!({@"$gen_call", {(raw.pid(1)), tag}, junk}),
        term!({@"$gen_call", {(pair.on_b.pid(pair.server.pid()).expect("of b")), (raw.reference(3))}, junk}),
        term!({system, junk, junk}),
        term!({join, (raw.pid(1)), junk}),
    ] {
        raw.tell("pg", &odd).await;
    }
    assert_eq!(raw.until_answered("server").await, []);
    assert_eq!(pair.on_b.members(&term!(group)).len(), 1);
}

// DST-036
#[tokio::test]
async fn a_system_message_to_a_name_of_the_node_is_refused() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, RAW).await;
    for (number, name) in [(1, "net_kernel"), (2, "rex"), (3, "pg")] {
        raw.monitor(name, number).await;
        let tag = raw.reference(number);
        let stop = term!({system, {(raw.pid(1)), (tag.clone())}, {terminate, normal}});
        raw.tell(name, &stop).await;
        let (_, answer) = raw.next().await;
        let why = "the server takes no system messages";
        assert_eq!(answer, term!({(tag), {error, {not_allowed, (why)}}}));
        for odd in [
            term!(junk),
            term!({@"$gen_cast", junk}),
            term!({@"$gen_call", junk, junk}),
            term!({@"$gen_call", {(raw.pid(1)), tag}, {is_auth}}),
            term!({system, junk, {terminate, normal}}),
            term!({system, junk}),
        ] {
            raw.tell(name, &odd).await;
        }
    }
    assert_eq!(raw.until_answered("server").await, []);
}

// DST-036
#[tokio::test]
async fn a_call_of_a_beam_that_a_scope_does_not_know_exits() {
    let Some(beam) = Beam::start("ok", |config| config).await else {
        return;
    };
    let me = beam.dist.name().clone();
    let failed = async |module: &str, function: &str, name: &str, arguments: &[Term]| {
        let called = (atom(module), atom(function));
        let to = term!({(atom(name)), (me.clone())});
        let arguments = Term::list([&[to], arguments].concat());
        let result = beam.dist.rpc::<Term>(&beam.name, called, arguments);
        match result.timeout(LONG).await {
            Err(RpcError::Exit(why) | RpcError::Error(why)) => {
                why.as_tuple().expect("a reason")[0].clone()
            }
            other => panic!("{other:?}"),
        }
    };
    let junk = [term!(junk), term!(infinity)];
    let why = failed("gen_server", "call", "pg", &junk).await;
    assert_eq!(why, term!({badarg, []}));
    let why = failed("gen_server", "call", "nobody", &junk).await;
    assert_eq!(why, term!(noproc));
    for name in ["pg", "rex", "net_kernel"] {
        let why = failed("sys", "get_state", name, &[term!(infinity)]).await;
        assert_eq!(why, term!(not_allowed), "{name}");
    }
}
