//! A member of the mixed cluster that is a node of ours: this program again. As member.erl, and with a registry.

use std::collections::BTreeMap;
use std::env;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_core::process;
use otp_dist::{Atom, ClusterRegistry, Config, Destination, Distribution, Found, NodeEvent};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::sleep;

use crate::net::PORT;

/// After how much silence a node is lost.
pub(crate) const TICK: u64 = 4;

/// A server without anything to do, which outlives those that are linked with it.
struct Idle;

#[gen_server]
impl GenServer for Idle {
    async fn init((): (), context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        Ok(Init::state(Self))
    }
}

/// One that ends when it loses its name.
struct Leader;

#[gen_server]
impl GenServer for Leader {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Said(String, u64, u64),
}

/// What comes from one life of a node comes in its order and once, and never after its next life.
struct Sink {
    last: BTreeMap<String, (u64, u64)>,
    counts: Counts,
}

#[gen_server]
impl GenServer for Sink {
    type Args = Counts;
    type Info = Said;

    async fn init(counts: Counts, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let last = BTreeMap::new();
        Ok(Init::state(Self { last, counts }))
    }

    async fn handle_info(&mut self, info: Info<Said>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(Said::Said(node, life, number)) = info
            && self.last.insert(node, (life, number)) >= Some((life, number))
        {
            self.counts.lock().faults += 1;
        }
        Next::NoReply
    }
}

type Counts = Arc<Mutex<Counted>>;

#[derive(Default)]
struct Counted {
    faults: u64,
    peers: BTreeMap<Atom, Peer>,
}

#[derive(Default)]
struct Peer {
    /// How often it has come or gone.
    epoch: u64,
    /// How many links and monitors were set, and how many of each have fired.
    set: i64,
    downs: i64,
    exits: i64,
}

/// Runs the member until the standard input ends, if the environment asks for one.
pub(crate) async fn run_if_asked() {
    let Ok(me) = env::var("OTP_MIXED_MEMBER") else {
        return;
    };
    let others = env::var("OTHERS").unwrap_or_default();
    let address: Ipv4Addr = me
        .split_once('@')
        .and_then(|(_, it)| it.parse().ok())
        .expect("a name");
    let node = Node::new();
    let config = Config::new(me)
        .cookie("secret")
        .without_epmd()
        .listen((address, PORT))
        .unprotected()
        .tick_time(Duration::from_secs(TICK));
    let dist = Distribution::start(&node, config).await.expect("it starts");
    let counts = Counts::default();
    let _events = watch(&node, &dist, &counts);
    let (rooms, leaders) = offer(&node, &dist, &counts).await;
    let found = |name: &str| {
        let address: Ipv4Addr = name.split_once('@')?.1.parse().ok()?;
        Some(Found::new(name)?.at(SocketAddr::from((address, PORT))))
    };
    let found: Vec<Found> = others.split(',').filter_map(found).collect();
    let _search = dist.discover_every(Duration::from_secs(1), found);
    talk(&node, &dist);
    lead(&node, &leaders);
    writeln!(std::io::stdout(), "READY").expect("somebody reads");
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(_state)) = lines.next_line().await {
        let state = state(&node, &dist, &rooms, &leaders, &counts);
        writeln!(std::io::stdout(), "{state}").expect("somebody reads");
    }
}

async fn offer(
    node: &Node,
    dist: &Distribution,
    counts: &Counts,
) -> (Scope<String>, ClusterRegistry<Leader>) {
    let target = Idle::options().on(node).name("target").start(()).await;
    let target = target.expect("it starts").pid();
    dist.expose::<Idle>("target");
    let sink = Sink::options().on(node).name("sink").start(counts.clone());
    sink.await.expect("it starts");
    dist.expose::<Sink>("sink");
    let pid = dist.pid(target);
    dist.function("erlang", "whereis", move |(_target,): (Atom,)| pid.clone());
    let rooms = Scope::new("rooms");
    let starting = rooms.clone();
    let started = node.run(async move {
        starting.start().await.expect("the name is free");
        starting.join("kitchen", target).await.expect("it runs");
    });
    started.await.expect("it does not crash");
    assert!(dist.share(&rooms));
    (rooms, dist.registry("leaders").expect("it is the only one"))
}

/// One link and one monitor for each time that a node is there.
fn watch(node: &Node, dist: &Distribution, counts: &Counts) -> otp_dist::NodeMonitor {
    let (node, watching, counts) = (node.clone(), dist.clone(), counts.clone());
    dist.monitor_nodes(move |event| {
        let (NodeEvent::Up(peer) | NodeEvent::Down(peer)) = event;
        let epoch = {
            let mut counts = counts.lock();
            let of_peer = counts.peers.entry(peer.clone()).or_default();
            of_peer.epoch += 1;
            of_peer.epoch
        };
        if let NodeEvent::Up(_) = event {
            let (dist, peer, counts) = (watching.clone(), peer.clone(), counts.clone());
            node.spawn(move |mailbox| watch_one(mailbox, dist, peer, epoch, counts));
        }
    })
}

enum Told {
    Down,
    Exit,
}

async fn watch_one(
    mut mailbox: Mailbox<Told>,
    dist: Distribution,
    peer: Atom,
    epoch: u64,
    counts: Counts,
) {
    mailbox.trap_exit(|_| Told::Exit);
    let called = (Atom::constant("erlang"), Atom::constant("whereis"));
    loop {
        let target = (Atom::constant("target"),);
        let asked = dist.rpc::<otp_etf::Pid>(&peer, called.clone(), target);
        let pid = match asked.timeout(Duration::from_secs(5)).await {
            Ok(pid) => dist.at(Destination::Pid(pid)).pid().await,
            Err(_) => None,
        };
        let name = dist.process("target", peer.as_str()).target().await;
        {
            let mut counts = counts.lock();
            let of_peer = counts.peers.entry(peer.clone()).or_default();
            if of_peer.epoch != epoch {
                return;
            }
            if let Some(pid) = pid {
                of_peer.set += 1;
                drop(counts);
                mailbox.monitor(name, |_| Told::Down);
                process::link(pid);
                break;
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
    let mut fired = 0;
    loop {
        // One that fires twice would do so soon.
        let limit = match fired {
            0 | 1 => Duration::MAX,
            _ => Duration::from_secs(1),
        };
        let Some(told) = mailbox.receive().timeout(limit).await else {
            return;
        };
        fired += 1;
        let mut counts = counts.lock();
        let of_peer = counts.peers.entry(peer.clone()).or_default();
        match told {
            Told::Down => of_peer.downs += 1,
            Told::Exit => of_peer.exits += 1,
        }
    }
}

/// Says a number to all connected nodes, again and again.
fn talk(node: &Node, dist: &Distribution) {
    let dist = dist.clone();
    let life = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let life = u64::try_from(life.as_micros()).unwrap_or_default();
    node.spawn(async move |_: Mailbox<Never>| {
        for number in 1.. {
            sleep(Duration::from_millis(100)).await;
            for peer in dist.nodes() {
                let said = Said::Said(dist.name().as_str().to_owned(), life, number);
                let sink = dist.process("sink", peer.as_str());
                sink.send(&said).await.expect("it can be written");
            }
        }
    });
}

/// Wants to have the one name that only one has.
fn lead(node: &Node, leaders: &ClusterRegistry<Leader>) {
    let leaders = leaders.clone();
    node.spawn(async move |_: Mailbox<Never>| {
        loop {
            if leaders.whereis("leader").is_none() {
                let _taken = Leader::options()
                    .name(leaders.via("leader"))
                    .start(())
                    .await;
            }
            sleep(Duration::from_millis(200)).await;
        }
    });
}

fn state(
    node: &Node,
    dist: &Distribution,
    rooms: &Scope<String>,
    leaders: &ClusterRegistry<Leader>,
    counts: &Counts,
) -> String {
    let name = |pid: Pid| {
        dist.node_name(pid.node())
            .map_or_else(String::new, |it| it.as_str().to_owned())
    };
    let mut members: Vec<String> = rooms.members("kitchen").into_iter().map(name).collect();
    members.sort_unstable();
    let up: Vec<String> = dist
        .nodes()
        .iter()
        .map(|it| it.as_str().to_owned())
        .collect();
    let counts = counts.lock();
    let open = counts.peers.iter().map(|(peer, it)| {
        let peer = peer.as_str();
        format!("{peer}:{}:{}", it.set - it.downs, it.set - it.exits)
    });
    let open: Vec<String> = open.collect();
    let leader = leaders.whereis("leader");
    format!(
        "STATE up={} members={} open={} name={} holds={} faults={} processes={}",
        up.join(","),
        members.join(","),
        open.join(","),
        leader.map_or_else(String::new, name),
        u8::from(leader.is_some_and(|pid| pid.node() == node.id())),
        counts.faults,
        node.processes().len()
    )
}
