//! Two nodes on two hosts that lose each other: network namespaces with real TCP between them.
//!
//! It needs root on Linux. Elsewhere it says so and is skipped, unless `OTP_REQUIRE_NETNS` is 1.

mod net;
mod peer;
#[path = "../mixed/relay.rs"]
mod relay;

use std::net::SocketAddr;
use std::time::Duration;

use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_dist::{Destination, Discovery, Distribution, Found, NodeEvent, NodeMonitor, RpcError};
use otp_etf::Atom;

use self::net::{Net, Way};
use self::peer::{Peer, config, idle, scope};
use self::relay::{End, Quality, Relay, To};

/// Nothing takes as long.
const LONG: Duration = Duration::from_secs(60);

/// What a process here is told of one over there.
#[derive(Debug, Clone, PartialEq)]
enum Told {
    Exit(ExitReason),
    Down(ExitReason),
}

/// The node of this program, which looks for the other one.
struct Here {
    node: Node,
    dist: Distribution,
    rooms: Scope<String>,
    events: Probe<NodeEvent>,
    there: Atom,
    _search: Discovery,
    _events: NodeMonitor,
}

impl Here {
    /// `at` is where the other one is reached.
    async fn start(net: &Net, at: SocketAddr) -> Self {
        let node = Node::new();
        let dist = Distribution::start(&node, config("a", net.here)).await;
        let dist = dist.expect("it starts");
        let rooms = scope(&node, &dist).await;
        let events = Probe::new();
        let told = events.clone();
        let monitor = dist.monitor_nodes(move |event| told.report(event.clone()));
        let name = format!("b@{}", net.there.ip());
        let found = Found::new(&name).expect("it is a name").at(at);
        let search = dist.discover(vec![found]);
        let there = Atom::new(&name).expect("it is short");
        Self {
            node,
            dist,
            rooms,
            events,
            there,
            _search: search,
            _events: monitor,
        }
    }

    async fn event(&self) -> NodeEvent {
        let event = tokio::time::timeout(LONG, self.events.next()).await;
        event.expect("the node comes or goes")
    }

    async fn up(&self) {
        assert_eq!(self.event().await, NodeEvent::Up(self.there.clone()));
    }

    async fn down(&self) {
        assert_eq!(self.event().await, NodeEvent::Down(self.there.clone()));
    }

    async fn ask<R: serde::de::DeserializeOwned>(
        &self,
        function: &'static str,
        arguments: impl serde::Serialize,
    ) -> Result<R, RpcError> {
        let called = (
            Atom::constant("b"),
            Atom::new(function).expect("it is short"),
        );
        let result = self.dist.rpc(&self.there, called, arguments);
        result.timeout(LONG).await
    }

    async fn call<R: serde::de::DeserializeOwned>(
        &self,
        function: &'static str,
        arguments: impl serde::Serialize,
    ) -> R {
        let result = self.ask(function, arguments).await;
        result.unwrap_or_else(|error| panic!("{function}: {error}"))
    }

    /// Links and monitors the server over there, by its pid and by its name.
    async fn watch(&self) -> (Pid, Probe<Told>) {
        let pid: otp_etf::Pid = self.call("server", ()).await;
        let by_pid = self.dist.at(Destination::Pid(pid)).pid().await;
        let by_pid = by_pid.expect("it is one of a connected node");
        let name = self.there.as_str();
        let by_name = self.dist.process("server", name).target().await;
        let told = Probe::new();
        let (tell, ready) = (told.clone(), Probe::new());
        let is_ready = ready.clone();
        let process = self.node.spawn(async move |mut mailbox: Mailbox<Told>| {
            mailbox.trap_exit(|exit| Told::Exit(exit.reason));
            mailbox.link(by_pid);
            mailbox.monitor(by_pid, |down| Told::Down(down.reason));
            mailbox.monitor(by_name, |down| Told::Down(down.reason));
            is_ready.report(());
            loop {
                tell.report(mailbox.receive().await);
            }
        });
        ready.next().await;
        (process.pid(), told)
    }

    /// Has a process over there link and monitor one here. Returns that.
    async fn watched(&self) -> Pid {
        let target = idle(&self.node).await;
        let pid = self.dist.export(&target, peer::open());
        self.call::<()>("watch", (pid,)).await;
        target.pid()
    }

    /// A pid of a former life of the other node is one of a process that does not live.
    async fn is_dead(&self, former: otp_etf::Pid) {
        let target = self.dist.at(Destination::Pid(former)).target().await;
        let watching = |mut mailbox: Mailbox<ExitReason>| async move {
            mailbox.monitor(target, |down| down.reason);
            mailbox.receive().await
        };
        let reason = self.node.run_with(watching).await;
        let reason = reason.expect("it does not crash");
        assert!(
            matches!(reason, ExitReason::NoConnection | ExitReason::NoProcess),
            "{reason}"
        );
    }

    /// How many processes there are, here and there.
    async fn processes(&self) -> [usize; 2] {
        let there = self.call("processes", ()).await;
        [self.node.processes().len(), there]
    }

    /// Waits until there are no more processes than there were.
    async fn nothing_is_left(&self, before: [usize; 2]) {
        let waiting = async {
            while std::iter::zip(self.processes().await, before).any(|(now, before)| now > before) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(LONG, waiting).await;
        assert!(
            waited.is_ok(),
            "{before:?}, then {:?}",
            self.processes().await
        );
    }

    async fn members(&self, count: usize) {
        let waiting = async {
            while self.rooms.members("kitchen").len() != count {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let members = || self.rooms.members("kitchen");
        let waited = tokio::time::timeout(LONG, waiting).await;
        assert!(waited.is_ok(), "expected {count}, found {:?}", members());
    }
}

/// Loses the other node and finds it again. `is_same` says whether it lives on meanwhile.
async fn outage(here: &Here, is_same: bool, breaks: impl AsyncFnOnce(), heals: impl AsyncFnOnce()) {
    let before = here.processes().await;
    let (watches, told) = here.watch().await;
    let watched = here.watched().await;
    here.members(2).await;
    breaks().await;
    here.down().await;
    let mut all = [told.next().await, told.next().await, told.next().await];
    all.sort_by_key(|told| matches!(told, Told::Down(_)));
    let lost = ExitReason::NoConnection;
    let expected = [
        Told::Exit(lost.clone()),
        Told::Down(lost.clone()),
        Told::Down(lost),
    ];
    assert_eq!(all, expected);
    here.members(1).await;
    heals().await;
    here.up().await;
    here.members(2).await;
    // What both know of each other is what they would know had nothing happened.
    let report: Vec<String> = here.call("report", ()).await;
    let expected: &[&str] = match is_same {
        true => &["DOWN no connection", "EXIT no connection"],
        false => &[],
    };
    assert_eq!(report, expected, "on the other side");
    assert_eq!(told.drain(), [], "it is told once");
    let members: usize = here.call("members", ()).await;
    assert_eq!(members, 2);
    for pid in [watches, watched] {
        here.node.exit(pid, ExitReason::Kill);
    }
    here.nothing_is_left(before).await;
}

/// Links hold and calls are answered while this goes on.
async fn undisturbed(here: &Here) {
    let (watches, told) = here.watch().await;
    let server: otp_etf::Pid = here.call("server", ()).await;
    // More than fits into a fragment.
    let bytes = serde_bytes::ByteBuf::from(vec![b'x'; 300_000]);
    for _ in 0..5 {
        assert_eq!(here.call::<otp_etf::Pid>("server", ()).await, server);
        let echo: serde_bytes::ByteBuf = here.call("echo", (&bytes,)).await;
        assert!(echo == bytes);
    }
    assert_eq!(told.drain(), []);
    assert_eq!(here.events.drain(), []);
    here.node.exit(watches, ExitReason::Kill);
}

/// Packets that get lost cost time and nothing else.
async fn lossy(here: &Here, net: &Net) {
    if !net.lose() {
        net::tell("skipped: there is no iptables, nothing is lost by chance");
        return;
    }
    undisturbed(here).await;
    net.lose_nothing();
}

// DST-033
/// Nothing but the connection may tell that the other node is lost.
#[tokio::test]
async fn nodes_that_lose_each_other_notice_it_once_and_find_each_other_again() {
    let Some(net) = Net::make(0) else {
        return;
    };
    let here = Here::start(&net, net.there).await;
    let mut peer = Peer::start(&net).await;
    here.up().await;
    lossy(&here, &net).await;
    for way in [Way::Both, Way::There, Way::Here] {
        outage(&here, true, async || net.cut(way), async || net.heal()).await;
    }
    let stopped = peer.id();
    outage(
        &here,
        true,
        async || net::signal(stopped, "STOP"),
        async || net::signal(stopped, "CONT"),
    )
    .await;
    let before: otp_etf::Pid = here.call("server", ()).await;
    let mut again = None;
    outage(
        &here,
        false,
        async || peer.kill().await,
        async || again = Some(Peer::start(&net).await),
    )
    .await;
    here.is_dead(before).await;
    drop(again);
}

// DST-033
/// What the network does to a connection, and not to its packets: bytes that are late, split, held in one direction, and that end within a
/// frame.
#[tokio::test]
async fn a_connection_that_is_late_split_held_or_cut_within_a_frame_is_lost_once_or_not_at_all() {
    let Some(net) = Net::make(1) else {
        return;
    };
    let relay = Relay::start(net.there).await.expect("a port is free");
    let here = Here::start(&net, relay.address).await;
    let mut peer = Peer::start(&net).await;
    here.up().await;
    let good = Quality::default();
    let (now, late) = (Duration::ZERO, Duration::from_millis(200));
    for late in [[late, now], [now, late]] {
        relay.set(Quality { late, ..good });
        undisturbed(&here).await;
    }
    relay.set(Quality {
        is_split: true,
        ..good
    });
    undisturbed(&here).await;
    for held in [[true, false], [false, true], [true, true]] {
        let holds = async || relay.set(Quality { held, ..good });
        outage(&here, true, holds, async || relay.set(good)).await;
    }
    for to in [To::Target, To::Dialler] {
        for end in [End::Reset, End::Closed] {
            let cuts = async || {
                let cut = Some((to, 100_000, end));
                relay.set(Quality { cut, ..good });
                let bytes = serde_bytes::ByteBuf::from(vec![b'x'; 300_000]);
                let echo = here.ask::<serde_bytes::ByteBuf>("echo", (bytes,)).await;
                assert!(matches!(echo, Err(RpcError::NodeDown)), "{to:?} {end:?}");
            };
            outage(&here, true, cuts, async || relay.set(good)).await;
        }
    }
    // What a killed node has sent arrives while its next life runs already.
    let late = [now, late];
    relay.set(Quality { late, ..good });
    let before: otp_etf::Pid = here.call("server", ()).await;
    let mut again = None;
    let kills = async || peer.kill().await;
    let starts = async || again = Some(Peer::start(&net).await);
    outage(&here, false, kills, starts).await;
    here.is_dead(before).await;
}

/// What runs on the other host, if this program is started for that.
#[tokio::test]
async fn the_other_node() {
    peer::run_if_asked().await;
}
