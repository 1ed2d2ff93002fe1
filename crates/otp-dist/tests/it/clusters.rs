//! Names, groups, and nodes that meet.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_dist::{Config, Distribution, Finding, Found, Source, StartError};
use otp_etf::{Atom, term};

use crate::support::{A, B, LONG, Pair, atom, config};

#[tokio::test]
async fn an_epmd_of_our_own_brings_nodes_together() {
    let (a, b) = (Node::new(), Node::new());
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let epmd = Distribution::serve_epmd(&a, any)
        .await
        .expect("a free port");
    let config = |name: &str| Config::new(name).cookie("secret").epmd(epmd);
    let on_a = Distribution::start(&a, config(A)).await.expect("a starts");
    let on_b = Distribution::start(&b, config(B)).await.expect("b starts");
    let taken = Distribution::start(&b, config(A)).await;
    assert!(matches!(taken, Err(StartError::Epmd { .. })));
    on_a.connect(&atom(B)).await.expect("b is known");
    assert_eq!(on_b.nodes(), [atom(A)]);
    assert!(on_a.connect(&atom("c@127.0.0.1")).await.is_err());
}

// THR-007
#[tokio::test]
async fn a_node_does_not_start_open_to_everybody() {
    let node = Node::new();
    let open = Distribution::start(&node, config(A).cookie("")).await;
    assert!(matches!(open, Err(StartError::NoCookie)));
    let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let open = Distribution::start(&node, config(A).listen(everywhere)).await;
    assert!(matches!(open, Err(StartError::Unprotected(_))));
    let open = Distribution::start(&node, config(A).listen(everywhere).unprotected()).await;
    assert!(open.is_ok());
    // No peer would take these for a name.
    for odd in ["nohost", "@host", "name@", "a@b@c", "a b@host", "a@host\n"] {
        let odd = Distribution::start(&node, config(odd)).await;
        assert!(matches!(odd, Err(StartError::Name(_))), "{odd:?}");
    }
}

// DST-016, THR-002
#[tokio::test]
async fn a_wrong_cookie_is_no_connection() {
    let pair = Pair::start().await;
    let c = Node::new();
    let config = config("c@127.0.0.1").cookie("wrong");
    let on_c = Distribution::start(&c, config.peer(B, pair.on_b.address())).await;
    let on_c = on_c.expect("c starts");
    assert!(on_c.connect(&atom(B)).await.is_err());
    assert!(pair.on_b.nodes().is_empty());
}

// DST-015
#[tokio::test]
async fn nodes_that_dial_each_other_at_once_have_one_connection() {
    for round in 0..20 {
        let (a, b) = (Node::new(), Node::new());
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let epmd = Distribution::serve_epmd(&a, any)
            .await
            .expect("a free port");
        let config = |name: &str| Config::new(name).cookie("secret").epmd(epmd);
        let on_a = Distribution::start(&a, config(A)).await.expect("a starts");
        let on_b = Distribution::start(&b, config(B)).await.expect("b starts");
        let (node_a, node_b) = (atom(A), atom(B));
        let (to_b, to_a) = tokio::join!(on_a.connect(&node_b), on_b.connect(&node_a));
        assert_eq!((to_b, to_a), (Ok(()), Ok(())), "round {round}");
        // Neither attempt has taken the connection of the other away.
        let called = (atom("erlang"), atom("node"));
        on_b.function("erlang", "node", |()| atom(B));
        let answer = on_a.rpc::<Atom>(&node_b, called, ()).timeout(LONG).await;
        assert_eq!(answer.expect("it returns"), node_b);
        assert_eq!((on_a.nodes(), on_b.nodes()), (vec![node_b], vec![node_a]));
    }
}

// DST-018
#[tokio::test]
async fn visible_nodes_share_their_groups() {
    let pair = Pair::with(|config| config.visible(true)).await;
    let group = term!(readers);
    let member = pair
        .b
        .spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    pair.on_b.join(group.clone(), member.pid());
    pair.on_a.connect(&atom(B)).await.expect("b is there");
    let is = async |count: usize| {
        let waiting = async {
            while pair.on_a.members(&group).len() != count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LONG, waiting).await.is_ok()
    };
    assert!(is(1).await);
    pair.on_b.join(group.clone(), member.pid());
    assert!(is(2).await);
    assert!(pair.on_b.leave(&group, member.pid()));
    assert!(is(1).await);
    pair.b.exit(&member, ExitReason::Kill);
    assert!(is(0).await);
    assert!(!pair.on_b.leave(&group, member.pid()));
}

// DST-022, THR-007
#[tokio::test]
async fn without_tls_there_is_no_way_to_or_from_another_host() {
    // An address that documentation has for itself.
    let elsewhere = SocketAddr::from(([192, 0, 2, 1], 4369));
    let anywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let start = async |config: Config| Distribution::start(&Node::new(), config).await;
    let refused = start(config(A).listen(anywhere)).await;
    assert!(matches!(refused, Err(StartError::Unprotected(at)) if at == anywhere));
    let a = start(config(A).peer(B, elsewhere))
        .await
        .expect("it starts");
    let error = a.connect(&atom(B)).await.expect_err("it is refused");
    let reason = "192.0.2.1:4369 is another host, and there is no TLS";
    assert_eq!(error.reason, reason);
    // By a name, it is not even asked where the node listens.
    let node = Node::new();
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let epmd = Distribution::serve_epmd(&node, any);
    let epmd = epmd.await.expect("a free port");
    let by_epmd = start(Config::new(A).cookie("secret").epmd(epmd)).await;
    let error = by_epmd
        .expect("it starts")
        .connect(&atom("b@192.0.2.1"))
        .await;
    let reason = format!(
        "192.0.2.1:{} is another host, and there is no TLS",
        epmd.port()
    );
    assert_eq!(error.expect_err("it is refused").reason, reason);
    assert!(
        start(config(A).listen(anywhere).unprotected())
            .await
            .is_ok()
    );
}

// DST-033
#[tokio::test]
async fn nodes_outlive_their_epmd_and_are_known_to_its_next_one() {
    let (first, a, b) = (Node::new(), Node::new(), Node::new());
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let epmd = Distribution::serve_epmd(&first, any).await;
    let epmd = epmd.expect("a free port");
    let config = |name: &str| Config::new(name).cookie("secret").epmd(epmd);
    let on_a = Distribution::start(&a, config(A)).await.expect("a starts");
    let on_b = Distribution::start(&b, config(B)).await.expect("b starts");
    on_b.function("b", "hello", |(): ()| "hello");
    let hello = async || {
        let called = (Atom::constant("b"), Atom::constant("hello"));
        let said = on_a.rpc::<String>(&atom(B), called, ()).timeout(LONG).await;
        assert_eq!(said.expect("b answers"), "hello");
    };
    hello().await;
    for pid in first.processes() {
        first.exit(pid, ExitReason::Kill);
        first.wait(pid).await;
    }
    // Those that are connected stay so; nobody is found any more.
    hello().await;
    assert!(on_a.disconnect(&atom(B)));
    while !on_b.nodes().is_empty() {
        tokio::task::yield_now().await;
    }
    let lost = on_a.connect(&atom(B)).await.expect_err("nobody knows it");
    assert!(lost.reason.contains("epmd"), "{lost}");
    let again = Distribution::serve_epmd(&Node::new(), epmd).await;
    assert_eq!(again.expect("the port is free"), epmd);
    let found = async {
        while on_a.connect(&atom(B)).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, found)
        .await
        .expect("b registers anew");
    hello().await;
}

/// A list of nodes, and how often it is looked at.
struct Counted(Vec<Found>, Probe<()>);

impl Source for Counted {
    fn find(&mut self) -> Finding<'_> {
        self.1.report(());
        self.0.find()
    }
}

// DST-033
#[tokio::test]
async fn a_node_that_has_left_the_cluster_stays_away() {
    let pair = Pair::start().await;
    let found = Found::new(B).expect("it is a name");
    let found = vec![found.at(pair.on_b.address())];
    pair.on_a.connect(&atom(B)).await.expect("b is there");
    pair.on_a.stop();
    while !pair.on_b.nodes().is_empty() {
        tokio::task::yield_now().await;
    }
    let error = pair.on_a.connect(&atom(B)).await.expect_err("it has left");
    assert_eq!(error.reason, "this node has left the cluster");
    // A search dials as soon as it has found a node.
    let looks = Probe::new();
    let source = Counted(found, looks.clone());
    let _search = pair.on_a.discover_every(Duration::from_millis(10), source);
    for _ in 0..20 {
        looks.next().await;
    }
    assert!(pair.on_a.nodes().is_empty() && pair.on_b.nodes().is_empty());
}
