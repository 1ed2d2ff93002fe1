//! Scopes of otp-core's that are shared over nodes.

use std::collections::HashMap;

use otp_core::pg::{Change, GroupEvent, Scope};
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_dist::wire::control::{Control, Target as To};
use otp_dist::{Distribution, NodeEvent};
use otp_etf::{Term, term};

use crate::raw::Raw;
use crate::support::{B, LONG, Pair, atom};

/// A process without anything to do.
fn member(node: &Node) -> Pid {
    node.spawn(|_: Mailbox<Never>| std::future::pending::<()>())
        .pid()
}

/// Starts a scope, and shares it.
async fn shared(node: &Node, dist: &Distribution) -> Scope<String> {
    let scope = Scope::new("rooms");
    start(node, &scope).await;
    assert!(dist.share(&scope));
    assert!(!dist.share(&scope), "it is shared already");
    scope
}

async fn start(node: &Node, scope: &Scope<String>) {
    let starting = scope.clone();
    let started = node.run(async move { starting.start().await }).await;
    started.expect("it does not crash").expect("it starts");
}

async fn join(node: &Node, scope: &Scope<String>, group: &'static str, pid: Pid) {
    let scope = scope.clone();
    let joined = node.run(async move { scope.join(group, pid).await }).await;
    joined.expect("it does not crash").expect("the scope runs");
}

/// Waits until a group has so many members.
async fn until(scope: &Scope<String>, group: &str, count: usize) -> Vec<Pid> {
    let waiting = async {
        loop {
            let members = scope.members(group);
            if members.len() == count {
                return members;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, waiting)
        .await
        .unwrap_or_else(|_| panic!("{group} has {:?}", scope.members(group)))
}

// DST-024
#[tokio::test]
async fn a_shared_scope_has_the_members_of_all_nodes() {
    let pair = Pair::start().await;
    let on_a = shared(&pair.a, &pair.on_a).await;
    let on_b = shared(&pair.b, &pair.on_b).await;
    let [first, second] = [member(&pair.b), member(&pair.b)];
    // What was there before the nodes met, and what comes after.
    join(&pair.b, &on_b, "kitchen", first).await;
    pair.on_a.connect(&atom(B)).await.expect("b is there");
    let seen = until(&on_a, "kitchen", 1).await[0];
    assert_eq!(pair.on_a.pid(seen), pair.on_b.pid(first));
    join(&pair.b, &on_b, "kitchen", first).await;
    join(&pair.b, &on_b, "kitchen", second).await;
    until(&on_a, "kitchen", 3).await;
    assert_eq!(on_a.local_members("kitchen"), []);
    let here = member(&pair.a);
    join(&pair.a, &on_a, "kitchen", here).await;
    until(&on_b, "kitchen", 4).await;
    assert_eq!(on_a.local_members("kitchen"), [here]);
    assert_eq!(on_b.local_members("kitchen"), [first, first, second]);
    // One leaves once, the other one ends.
    let leaving = on_b.clone();
    let left = pair
        .b
        .run(async move { leaving.leave("kitchen", first).await });
    assert_eq!(left.await, Ok(Ok(true)));
    until(&on_a, "kitchen", 3).await;
    pair.b.exit(second, ExitReason::Kill);
    until(&on_a, "kitchen", 2).await;
    assert_eq!(on_a.groups(), ["kitchen"]);
}

// DST-024
#[tokio::test]
async fn who_monitors_a_shared_scope_is_told_of_other_nodes() {
    let pair = Pair::start().await;
    let on_a = shared(&pair.a, &pair.on_a).await;
    let on_b = shared(&pair.b, &pair.on_b).await;
    let told = Probe::new();
    let (scope, tell) = (on_a.clone(), told.clone());
    pair.a
        .spawn(async move |mut mailbox: Mailbox<GroupEvent<String>>| {
            let me = mailbox.me();
            let (_, known) = scope
                .monitor_scope(&me, |event| event)
                .await
                .expect("it runs");
            tell.report((
                String::new(),
                Change::Join(known.into_values().flatten().collect()),
            ));
            loop {
                let event = mailbox.receive().await;
                tell.report((event.group, event.change));
            }
        });
    assert_eq!(told.next().await.1, Change::Join(vec![]));
    let there = member(&pair.b);
    join(&pair.b, &on_b, "kitchen", there).await;
    pair.on_a.connect(&atom(B)).await.expect("b is there");
    let seen = until(&on_a, "kitchen", 1).await;
    assert_eq!(
        told.next().await,
        ("kitchen".into(), Change::Join(seen.clone()))
    );
    // The node is lost: its members are not found from the moment on in which others hear of it.
    let (scope, gone) = (on_a.clone(), Probe::new());
    let tell = gone.clone();
    let _monitor = pair.on_a.monitor_nodes(move |event| {
        if matches!(event, NodeEvent::Down(_)) {
            tell.report(scope.members("kitchen"));
        }
    });
    assert!(pair.on_a.disconnect(&atom(B)));
    assert_eq!(gone.next().await, []);
    assert_eq!(told.next().await, ("kitchen".into(), Change::Leave(seen)));
    // And again, as if nothing had been.
    pair.on_a.connect(&atom(B)).await.expect("b is there");
    let again = until(&on_a, "kitchen", 1).await;
    assert_eq!(told.next().await, ("kitchen".into(), Change::Join(again)));
}

// DST-024
#[tokio::test]
async fn a_scope_that_starts_afresh_hears_of_the_others_anew() {
    let pair = Pair::start().await;
    let on_a = shared(&pair.a, &pair.on_a).await;
    let on_b = shared(&pair.b, &pair.on_b).await;
    let [of_a, of_b] = [member(&pair.a), member(&pair.b)];
    join(&pair.a, &on_a, "kitchen", of_a).await;
    join(&pair.b, &on_b, "kitchen", of_b).await;
    pair.on_a.connect(&atom(B)).await.expect("b is there");
    until(&on_a, "kitchen", 2).await;
    until(&on_b, "kitchen", 2).await;
    let scope = on_a.pid().expect("it runs");
    pair.a.exit(scope, ExitReason::Kill);
    // Its own members have left with it.
    until(&on_b, "kitchen", 1).await;
    while on_a.is_alive() {
        tokio::task::yield_now().await;
    }
    start(&pair.a, &on_a).await;
    let seen = until(&on_a, "kitchen", 1).await[0];
    assert_eq!(pair.on_a.pid(seen), pair.on_b.pid(of_b));
    join(&pair.a, &on_a, "kitchen", of_a).await;
    until(&on_b, "kitchen", 2).await;
}

// DST-024, THR-005
#[tokio::test]
async fn a_peer_says_only_what_is_its_own_to_say() {
    let pair = Pair::start().await;
    let on_b = shared(&pair.b, &pair.on_b).await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    // A scope that is found by its name is asked for its members.
    let rooms = atom("rooms");
    let (control, _) = raw.next().await;
    assert!(matches!(control, Control::RegSend { to, .. } if to == rooms));
    let scope = raw.pid(9);
    let say = async |raw: &mut Raw, message: Term| {
        let from = raw.pid(9);
        let to = atom("rooms");
        raw.carry(&Control::RegSend { from, to }, &message).await;
    };
    let of = |raw: &Raw, id| Term::from(raw.pid(id));
    let sync = |scope: &otp_etf::Pid, members: Vec<Term>| {
        let groups = term!([{"kitchen", (Term::list(members))}]);
        term!({@"$gen_cast", {sync, (scope.clone()), (groups)}})
    };
    let foreign = Term::from(pair.on_b.pid(pair.server.pid()).expect("a process of b"));
    for (message, expected) in [
        // Before it is known.
        (term!({join, (scope.clone()), "kitchen", (of(&raw, 1))}), 0),
        (sync(&scope, vec![of(&raw, 1), of(&raw, 2), of(&raw, 2)]), 3),
        (sync(&scope, vec![of(&raw, 2), of(&raw, 3)]), 2),
        (
            term!({join, (scope.clone()), "kitchen", [(of(&raw, 4)), (of(&raw, 4))]}),
            4,
        ),
        // A process of another node, another type of name, a member that is none.
        (term!({join, (scope.clone()), "kitchen", (foreign)}), 4),
        (term!({join, (scope.clone()), 7, (of(&raw, 5))}), 4),
        (term!({join, (scope.clone()), "kitchen", nobody}), 4),
        (
            term!({leave, (scope.clone()), (of(&raw, 4)), ["kitchen", "cellar", 7]}),
            3,
        ),
        (
            term!({leave, (scope.clone()), [(of(&raw, 9))], ["kitchen"]}),
            3,
        ),
        (term!({ odd }), 3),
        // Another process of the same node stands for the scope now.
        (sync(&raw.pid(10), vec![of(&raw, 1)]), 1),
    ] {
        say(&mut raw, message).await;
        raw.until_answered("server").await;
        until(&on_b, "kitchen", expected).await;
    }
    let groups: HashMap<_, _> = on_b.groups().into_iter().map(|it| (it, ())).collect();
    assert_eq!(groups.len(), 1);
    // Its scope ends, and the node lives on.
    let monitor = async |raw: &mut Raw| loop {
        let (control, _) = raw.next().await;
        if let Control::Monitor {
            to: To::Pid(pid),
            reference,
            from,
        } = control
            && pid == raw.pid(10)
        {
            return (reference, from);
        }
    };
    for scope in [raw.pid(11), raw.pid(10)] {
        let message = sync(&scope, vec![of(&raw, 1)]);
        say(&mut raw, message).await;
    }
    let (reference, to) = monitor(&mut raw).await;
    until(&on_b, "kitchen", 1).await;
    let from = To::Pid(raw.pid(10));
    let down = Control::MonitorExit {
        from,
        to,
        reference,
    };
    raw.carry(&down, &term!(shutdown)).await;
    until(&on_b, "kitchen", 0).await;
}

// DST-024, THR-006
#[tokio::test]
async fn a_peer_that_changes_groups_faster_than_they_are_handled_is_read_slower() {
    let pair = Pair::start().await;
    let on_b = shared(&pair.b, &pair.on_b).await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let (scope, member) = (raw.pid(9), raw.pid(1));
    raw.tell("rooms", &term!({discover, (scope.clone())})).await;
    let waiting = || {
        let processes = pair.b.processes().into_iter();
        let infos = processes.filter_map(|pid| pair.b.process_info(pid));
        infos.map(|info| info.message_queue_len).max()
    };
    let mut most = None;
    let join = term!({join, (scope.clone()), "kitchen", (member.clone())});
    let leave = term!({leave, (scope), (member), ["kitchen"]});
    for step in 0..30_000 {
        raw.tell("rooms", &join).await;
        raw.tell("rooms", &leave).await;
        if step % 100 == 0 {
            most = most.max(waiting());
        }
    }
    raw.tell("rooms", &join).await;
    until(&on_b, "kitchen", 1).await;
    // 10,000 changes, and what the scope has told of as many.
    assert!(most < Some(25_000), "{most:?} messages have waited");
}

// DST-024, THR-003
#[tokio::test]
async fn what_is_not_shared_stays_here() {
    let pair = Pair::start().await;
    let scope = Scope::<String>::new("private");
    start(&pair.b, &scope).await;
    join(&pair.b, &scope, "kitchen", member(&pair.b)).await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let (from, to) = (raw.pid(9), atom("private"));
    raw.carry(
        &Control::RegSend {
            from: from.clone(),
            to,
        },
        &term!({discover, (from)}),
    )
    .await;
    assert_eq!(raw.until_answered("server").await, []);
}
