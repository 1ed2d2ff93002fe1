//! A real BEAM as the other node.

use otp_core::prelude::*;
use otp_core::pub_sub::PubSub;
use otp_core::test::Probe;
use otp_dist::NodeEvent;
use otp_etf::{Atom, Term, term};

pub(crate) use crate::erlang::Beam;
use crate::support::{LONG, Server, atom};

impl Beam {
    /// A process there without anything to do.
    async fn process(&self) -> otp_etf::Pid {
        let sleep = (atom("timer"), atom("sleep"), vec![atom("infinity")]);
        self.call("erlang", "spawn", sleep).await
    }
}

/// Waits until a value is as expected.
async fn until<T: PartialEq + std::fmt::Debug>(expected: T, look: impl AsyncFn() -> T) {
    let mut last = None;
    let waiting = async {
        loop {
            let value = look().await;
            if value == expected {
                return;
            }
            last = Some(value);
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(LONG, waiting).await;
    assert!(
        waited.is_ok(),
        "expected {expected:?}, but it stays {last:?}"
    );
}

// DST-024
#[tokio::test]
async fn a_scope_is_shared_with_pg_of_a_beam() {
    let Some(beam) = Beam::start("{ok, _} = pg:start(rooms)", |config| config).await else {
        return;
    };
    let scope = otp_core::pg::Scope::<String>::new("rooms");
    let starting = scope.clone();
    let started = beam.node.run(async move { starting.start().await }).await;
    started.expect("it does not crash").expect("it starts");
    assert!(beam.dist.share(&scope));
    let there = beam.process().await;
    let kitchen = (atom("rooms"), Term::from("kitchen"));
    let join = (kitchen.0.clone(), kitchen.1.clone(), there.clone());
    assert_eq!(
        beam.call::<Atom>("pg", "join", join.clone()).await,
        atom("ok")
    );
    let seen = async || {
        let members = scope.members("kitchen").into_iter();
        members.map(|pid| beam.dist.pid(pid)).collect::<Vec<_>>()
    };
    until(vec![Some(there.clone())], seen).await;
    // Ours, twice, and theirs again.
    let here = beam
        .node
        .spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    let (joining, pid) = (scope.clone(), here.pid());
    let joined = beam
        .node
        .run(async move { joining.join_all("kitchen", [pid, pid]).await });
    assert_eq!(joined.await, Ok(Ok(())));
    assert_eq!(
        beam.call::<Atom>("pg", "join", join.clone()).await,
        atom("ok")
    );
    let ours = beam.dist.pid(pid).expect("a process of ours");
    let members = async || {
        let mut pids = beam
            .call::<Vec<otp_etf::Pid>>("pg", "get_members", kitchen.clone())
            .await;
        pids.sort_by_key(|pid| pid.node != beam.name);
        pids
    };
    until(
        vec![there.clone(), there.clone(), ours.clone(), ours],
        members,
    )
    .await;
    until(4, async || scope.members("kitchen").len()).await;
    // Leaving, and ends.
    assert_eq!(beam.call::<Atom>("pg", "leave", join).await, atom("ok"));
    until(3, async || scope.members("kitchen").len()).await;
    beam.node.exit(pid, ExitReason::Kill);
    until(vec![there.clone()], members).await;
    let killed: bool = beam.call("erlang", "exit", (there, atom("kill"))).await;
    assert!(killed);
    until(0, async || scope.members("kitchen").len()).await;
    // The scope over there ends, and starts afresh after the connection is up.
    let there = beam.process().await;
    let join = (kitchen.0.clone(), kitchen.1.clone(), there);
    assert_eq!(beam.call::<Atom>("pg", "join", join).await, atom("ok"));
    until(1, async || scope.members("kitchen").len()).await;
    let stop = (atom("rooms"),);
    assert_eq!(
        beam.call::<Atom>("gen_server", "stop", stop).await,
        atom("ok")
    );
    until(0, async || scope.members("kitchen").len()).await;
    beam.call::<(Atom, otp_etf::Pid)>("pg", "start", (atom("rooms"),))
        .await;
    let there = beam.process().await;
    let join = (kitchen.0.clone(), kitchen.1.clone(), there);
    assert_eq!(beam.call::<Atom>("pg", "join", join).await, atom("ok"));
    until(1, async || scope.members("kitchen").len()).await;
    // The BEAM is killed.
    let looked = scope.clone();
    beam.kill().await;
    until(0, async || looked.members("kitchen").len()).await;
}

/// What an application's adapter is on the wire: a process in a group of the scope of all adapters, which has the group's name.
const ADAPTER: &str = "{ok, _} = pg:start('Elixir.Phoenix.PubSub'), \
    P = spawn(timer, sleep, [infinity]), register('Elixir.My.PubSub.Adapter', P), \
    ok = pg:join('Elixir.Phoenix.PubSub', 'Elixir.My.PubSub.Adapter', P)";

// DST-025, PBS-007
#[tokio::test]
async fn topics_are_those_of_phoenix() {
    let Some(beam) = Beam::start(ADAPTER, |config| config).await else {
        return;
    };
    let (scope, group) = (
        atom("Elixir.Phoenix.PubSub"),
        atom("Elixir.My.PubSub.Adapter"),
    );
    let pub_sub: PubSub<Term> = beam
        .dist
        .pub_sub(PubSub::options("My.PubSub"))
        .await
        .expect("the name is free");
    let again = beam.dist.pub_sub::<Term, ()>(PubSub::options("My.PubSub"));
    assert!(again.await.is_err());
    let starting = pub_sub.clone();
    let started = beam.node.run(async move { starting.start().await }).await;
    started.expect("it does not crash").expect("it starts");
    let members = async || {
        let groups = (scope.clone(), group.clone());
        beam.call::<Vec<otp_etf::Pid>>("pg", "get_members", groups)
            .await
    };
    until(2, async || members().await.len()).await;

    // From here to there, and to who is here.
    let heard = Probe::new();
    let subscriber = beam.node.spawn({
        let heard = heard.clone();
        async move |mut mailbox: Mailbox<Term>| {
            loop {
                heard.report(mailbox.receive().await);
            }
        }
    });
    for _ in 0..2 {
        let subscribed = pub_sub.subscribe("prices", &subscriber);
        subscribed.expect("it runs");
    }
    let price = term!({price, 42});
    let told = pub_sub.broadcast("prices", price.clone());
    told.expect("it runs");
    for _ in 0..2 {
        assert_eq!(heard.next().await, price);
    }
    let forwarded =
        |message: Term| term!({forward_to_local, "prices", (message), @"Elixir.Phoenix.PubSub"});
    let pid: otp_etf::Pid = beam.call("erlang", "whereis", (group.clone(),)).await;
    let messages = async || {
        let item = (pid.clone(), atom("messages"));
        beam.call::<(Atom, Vec<Term>)>("erlang", "process_info", item)
            .await
            .1
    };
    until(vec![forwarded(price.clone())], messages).await;
    let from = subscriber.pid();
    let told = pub_sub.broadcast_from(from, "prices", term!(7));
    told.expect("it runs");
    until(
        vec![forwarded(price.clone()), forwarded(term!(7))],
        messages,
    )
    .await;

    // From there to here: to the member, and to its name.
    let ours = members()
        .await
        .into_iter()
        .find(|pid| pid.node != beam.name);
    let ours = Term::from(ours.expect("a member of ours"));
    let by_name = term!({(group.clone()), (beam.dist.name().clone())});
    let odd_dispatcher = term!({forward_to_local, "prices", odd, @"Elixir.Other"});
    for (to, message, expected) in [
        (&ours, forwarded(term!(one)), Some(term!(one))),
        (&by_name, forwarded(term!(two)), Some(term!(two))),
        (&ours, odd_dispatcher, None),
        (&ours, term!({forward_to_local, 1, 2, 3}), None),
        (&ours, forwarded(term!(three)), Some(term!(three))),
    ] {
        beam.call::<Term>("erlang", "send", (to, &message)).await;
        for _ in 0..2 {
            if let Some(expected) = &expected {
                assert_eq!(heard.next().await, *expected);
            }
        }
    }
    assert_eq!(pub_sub.unknown_dispatchers(), 1);
    pub_sub.unsubscribe("prices", &subscriber);
    let subscribed = pub_sub.subscribe("other", &subscriber);
    subscribed.expect("it runs");
    beam.call::<Term>("erlang", "send", (&ours, forwarded(term!(four))))
        .await;
    let told = pub_sub.broadcast("other", term!(8));
    told.expect("it runs");
    assert_eq!(heard.next().await, term!(8));
}

// DST-030
#[tokio::test]
async fn the_names_of_a_registry_are_groups_of_pg_on_a_beam() {
    let Some(beam) = Beam::start("{ok, _} = pg:start('registry:rooms')", |it| it).await else {
        return;
    };
    let rooms = beam.dist.registry::<Server>("rooms");
    let rooms = rooms.expect("it is the only one");
    let options = Server::options().on(&beam.node).name(rooms.via("kitchen"));
    let kitchen = options.start(()).await.expect("the name is free");
    let pid = beam.dist.pid(kitchen.pid()).expect("it is of this node");
    let scope = atom("registry:rooms");
    // What the documentation of `ClusterRegistry` does.
    let holders = async || {
        let groups: Vec<(String, u64)> = beam.call("pg", "which_groups", (scope.clone(),)).await;
        let mut holders = Vec::new();
        for (name, since) in groups {
            let group = (scope.clone(), (name.clone(), since));
            let pids: Vec<otp_etf::Pid> = beam.call("pg", "get_members", group).await;
            holders.extend(pids.into_iter().map(|pid| (name.clone(), pid)));
        }
        holders
    };
    until(vec![("kitchen".to_owned(), pid.clone())], holders).await;
    let state: i64 = beam.call("gen_server", "call", (&pid, atom("get"))).await;
    assert_eq!(state, 0);
    // A process there gets a name, and another one the name that is older there.
    let (attic, older) = (beam.process().await, beam.process().await);
    for (name, pid) in [("attic", &attic), ("kitchen", &older)] {
        let joined: Atom = beam
            .call("pg", "join", (scope.clone(), (name, 1), pid))
            .await;
        assert_eq!(joined, atom("ok"));
    }
    let found = async || {
        let found = ["attic", "kitchen"].map(|name| rooms.whereis(name));
        found.map(|pid| beam.dist.pid(pid?))
    };
    until([Some(attic), Some(older)], found).await;
    let reason = beam.node.wait(kitchen.pid()).await;
    assert!(
        matches!(reason, None | Some(ExitReason::ShutdownWith(_))),
        "{reason:?}"
    );
    until(2, async || holders().await.len()).await;
}

/// A BEAM sends what has waited for the connection in one frame, however large it is.
// DST-001
#[tokio::test]
async fn the_first_message_of_a_connection_may_be_large() {
    let program = r#"register(main, spawn(fun() -> receive Node ->
        erlang:disconnect_node(Node),
        Answer = (catch gen_server:call({server, Node}, binary:copy(<<7>>, 20000000), 20000)),
        persistent_term:put(answer, Answer)
    end end)), persistent_term:put(answer, none)"#;
    let Some(beam) = Beam::start(program, |config| config).await else {
        return;
    };
    let server = Server::options().on(&beam.node).name("server").start(());
    let _server = server.await.expect("it starts");
    beam.dist.expose::<Server>("server");
    let events = Probe::new();
    let told = events.clone();
    let _events = beam
        .dist
        .monitor_nodes(move |event| told.report(event.clone()));
    let main = beam.dist.process("main", beam.name.as_str());
    main.send(beam.dist.name()).await.expect("it is a term");
    // It has dialled, and not this node.
    for event in [NodeEvent::Up, NodeEvent::Down, NodeEvent::Up] {
        assert_eq!(events.next().await, event(beam.name.clone()));
    }
    let answer = async || {
        let answer: Term = beam.call("persistent_term", "get", (atom("answer"),)).await;
        answer.to_string().contains("{error,{undecodable,")
    };
    until(true, answer).await;
    beam.kill().await;
}
