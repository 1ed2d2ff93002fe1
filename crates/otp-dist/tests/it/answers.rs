//! Where the answers of calls go, as frames.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_dist::CallError;
use otp_dist::wire::control::{Control, Destination as To};
use otp_etf::{Term, term};

use crate::raw::Raw;
use crate::support::Pair;

// DST-012, DST-032
#[tokio::test]
async fn an_answer_goes_where_the_shape_of_the_tag_says() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let alias = raw.reference(9);
    let improper = Term::list_with_tail(vec![term!(alias)], alias.clone().into());
    let nested = Term::list_with_tail(vec![improper.clone()], term!(extra));
    let in_list = term!([(improper.clone()), extra]);
    let no_reference = Term::list_with_tail(vec![term!(alias)], term!(none));
    let plain = Term::from(raw.reference(10));
    let server = pair.on_b.pid(pair.server.pid());
    let server = server.expect("a process of b");
    for (tag, is_alias) in [
        (improper, true),
        (nested, true),
        (in_list, true),
        (plain, false),
        (term!({(raw.reference(11)), node}), false),
        (term!([alias]), false),
        (no_reference, false),
    ] {
        raw.call("server", tag.clone(), term!(get)).await;
        let (control, answer) = raw.next().await;
        assert_eq!(answer, term!({(tag), 0}));
        let expected = match is_alias {
            // Both sides have the flag ALTACT_SIG.
            true => Control::Altact {
                is_priority: false,
                is_exit: false,
                from: server.clone(),
                to: To::Alias(alias.clone()),
            },
            false => Control::SendSender {
                from: server.clone(),
                to: raw.pid(1),
            },
        };
        assert_eq!(control, expected);
    }
}

// DST-012
#[tokio::test]
async fn a_late_answer_reaches_nobody() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let there = pair.on_b.process("any", "raw@127.0.0.1");
    let (late, next) = (Probe::new(), Probe::new());
    let (caller, told) = (there.clone(), late.clone());
    pair.b.spawn(async move |_: Mailbox<Never>| {
        let limit = Duration::from_millis(1);
        told.report(caller.call::<Term>(&term!(late)).timeout(limit).await);
    });
    let (Control::Monitor { reference, .. }, _) = raw.next().await else {
        panic!("a call begins with a monitor");
    };
    let (_, request) = raw.next().await;
    let from = request.as_tuple().expect("a call")[1].clone();
    let tag = from.as_tuple().expect("a pid and a tag")[1].clone();
    assert!(matches!(late.next().await, Err(CallError::Timeout(_))));
    // What was begun is taken back.
    let (control, _) = raw.next().await;
    assert!(
        matches!(&control, Control::Demonitor { reference: taken_back, .. } if *taken_back == reference),
        "{control:?}"
    );
    let told = next.clone();
    pair.b
        .spawn(async move |_: Mailbox<Never>| told.report(there.call::<Term>(&term!(next)).await));
    raw.next().await;
    let (_, request) = raw.next().await;
    let from = request.as_tuple().expect("a call")[1].clone();
    let next_tag = from.as_tuple().expect("a pid and a tag")[1].clone();
    for (tag, answer) in [(tag, term!(late)), (next_tag, term!(right))] {
        let Term::ImproperList(list) = &tag else {
            panic!("{tag} is no alias");
        };
        let alias = list.tail().as_reference().expect("an alias").clone();
        let send = Control::AliasSend {
            from: raw.pid(1),
            to: alias,
        };
        raw.carry(&send, &term!({(tag), (answer)})).await;
    }
    let answer = next.next().await;
    assert_eq!(answer.expect("it is answered"), term!(right));
}

// DST-013
#[tokio::test]
async fn the_kernel_answers_a_ping() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let is_auth = term!({is_auth, (raw.node.clone())});
    raw.call("net_kernel", term!(1), is_auth).await;
    assert_eq!(raw.next().await.1, term!({1, yes}));
    // What would end a BEAM is not answered.
    for odd in [term!({ is_auth }), term!([1]), term!(is_auth)] {
        raw.call("net_kernel", term!(2), odd).await;
    }
    assert_eq!(raw.until_answered("server").await, []);
}
