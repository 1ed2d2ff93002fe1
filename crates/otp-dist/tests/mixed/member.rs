//! A member of the mixed cluster that is a node of ours: this program again. As member.erl, and with a registry.

use std::collections::BTreeMap;
use std::env;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_core::{MonitorRef, process};
use otp_dist::{Atom, ClusterRegistry, Config, Destination, Distribution, Found};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::sleep;

use crate::net::PORT;
use crate::relay::Relay;

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
    faults: Faults,
}

#[gen_server]
impl GenServer for Sink {
    type Args = Faults;
    type Info = Said;

    async fn init(faults: Faults, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let last = BTreeMap::new();
        Ok(Init::state(Self { last, faults }))
    }

    async fn handle_info(&mut self, info: Info<Said>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(Said::Said(node, life, number)) = info
            && self.last.insert(node, (life, number)) >= Some((life, number))
        {
            self.faults.fetch_add(1, Relaxed);
        }
        Next::NoReply
    }
}

type Faults = Arc<AtomicU64>;

/// Has one monitor of another node's target, and one link with it. The next one is set when it has fired, on the connection that there is then.
#[derive(Clone)]
struct Watch {
    dist: Distribution,
    peer: Atom,
    faults: Faults,
}

impl Watch {
    async fn monitors(self, mut mailbox: Mailbox<MonitorRef>) {
        loop {
            sleep(Duration::from_millis(100)).await;
            if !self.dist.nodes().contains(&self.peer) {
                continue;
            }
            let target = self.dist.process("target", self.peer.as_str());
            let monitor = mailbox.monitor(target.target().await, |down| down.monitor);
            if mailbox.receive().await != monitor {
                self.faults.fetch_add(1, Relaxed);
            }
        }
    }

    async fn links(self, mut mailbox: Mailbox<Pid>) {
        mailbox.trap_exit(|exit| exit.from);
        let called = (Atom::constant("erlang"), Atom::constant("whereis"));
        loop {
            sleep(Duration::from_millis(100)).await;
            let target = (Atom::constant("target"),);
            let asked = self.dist.rpc(&self.peer, called.clone(), target);
            let Ok(pid) = asked.timeout(Duration::from_secs(5)).await else {
                continue;
            };
            let Some(pid) = self.dist.at(Destination::Pid(pid)).pid().await else {
                continue;
            };
            process::link(pid);
            if mailbox.receive().await != pid {
                self.faults.fetch_add(1, Relaxed);
            }
        }
    }
}

/// The processes that watch another node.
struct Watchers {
    peer: Atom,
    monitors: Pid,
    links: Pid,
}

/// Runs the member until the standard input ends, if the environment asks for one.
pub(crate) async fn run_if_asked() {
    let Ok(me) = env::var("OTP_MIXED_MEMBER") else {
        return;
    };
    let list = |name| env::var(name).unwrap_or_default();
    let (others, dials) = (list("OTHERS"), list("DIALS"));
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
    let faults = Faults::default();
    let (target, rooms, leaders) = offer(&node, &dist, &faults).await;
    let has_relays = list("RELAYS") == "1";
    let (mut found, mut relays) = (Vec::new(), BTreeMap::new());
    for name in dials.split(',') {
        let node = Found::new(name).expect("a name");
        let (_, host) = name.split_once('@').expect("a name");
        let host: Ipv4Addr = host.parse().expect("an address");
        let mut address = SocketAddr::from((host, PORT));
        if has_relays {
            let relay = Relay::start(address).await.expect("a port is free");
            address = relay.address;
            relays.insert(name.to_owned(), relay);
        }
        found.push(node.at(address));
    }
    let _search = dist.discover_every(Duration::from_secs(1), found);
    talk(&node, &dist);
    lead(&node, &leaders);
    let watch = |peer| {
        let peer = Atom::new(peer).expect("it is short");
        let (dist, faults) = (dist.clone(), faults.clone());
        let first = Watch {
            dist,
            peer: peer.clone(),
            faults,
        };
        let second = first.clone();
        Watchers {
            peer,
            monitors: node.spawn(|mailbox| first.monitors(mailbox)).pid(),
            links: node.spawn(|mailbox| second.links(mailbox)).pid(),
        }
    };
    let watchers: Vec<Watchers> = others.split(',').map(watch).collect();
    writeln!(std::io::stdout(), "READY").expect("somebody reads");
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(line) = line.strip_prefix("relay ") {
            let (name, quality) = line.split_once(' ').expect("two words");
            relays[name].set(serde_json::from_str(quality).expect("it is JSON"));
            continue;
        }
        let (up, counts) = connections(&node, &dist, target, &watchers);
        let state = state(&node, &dist, &rooms, &leaders);
        let faults = faults.load(Relaxed);
        writeln!(
            std::io::stdout(),
            "STATE up={up} {counts} {state} faults={faults}"
        )
        .expect("somebody reads");
    }
}

async fn offer(
    node: &Node,
    dist: &Distribution,
    faults: &Faults,
) -> (Pid, Scope<String>, ClusterRegistry<Leader>) {
    let target = Idle::options().on(node).name("target").start(()).await;
    let target = target.expect("it starts").pid();
    dist.expose::<Idle>("target");
    let sink = Sink::options().on(node).name("sink").start(faults.clone());
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
    let leaders = dist.registry("leaders").expect("it is the only one");
    (target, rooms, leaders)
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

/// The nodes that are connected, and how often each is monitored and linked with, and does the same.
fn connections(
    node: &Node,
    dist: &Distribution,
    target: Pid,
    watchers: &[Watchers],
) -> (String, String) {
    let up: Vec<String> = (dist.nodes().iter())
        .map(|it| it.as_str().to_owned())
        .collect();
    let held = |pid| node.process_info(pid).expect("it runs");
    let (mut sets, mut has) = (Vec::new(), Vec::new());
    let target = held(target);
    for it in watchers {
        let of_peer = |pids: &[Pid]| {
            let pids = pids.iter().map(|pid| dist.node_name(pid.node()));
            pids.filter(|name| name.as_ref() == Some(&it.peer)).count()
        };
        let (monitors, links) = (held(it.monitors).monitored_names, held(it.links).links);
        let count = |monitors, links| format!("{}:{monitors}:{links}", it.peer.as_str());
        sets.push(count(monitors.len(), links.len()));
        has.push(count(of_peer(&target.monitored_by), of_peer(&target.links)));
    }
    let counts = format!("sets={} has={}", sets.join(","), has.join(","));
    (up.join(","), counts)
}

fn state(
    node: &Node,
    dist: &Distribution,
    rooms: &Scope<String>,
    leaders: &ClusterRegistry<Leader>,
) -> String {
    let name = |pid: Pid| {
        dist.node_name(pid.node())
            .map_or_else(String::new, |it| it.as_str().to_owned())
    };
    let mut members: Vec<String> = rooms.members("kitchen").into_iter().map(name).collect();
    members.sort_unstable();
    let leader = leaders.whereis("leader");
    format!(
        "members={} name={} holds={} processes={}",
        members.join(","),
        leader.map_or_else(String::new, name),
        u8::from(leader.is_some_and(|pid| pid.node() == node.id())),
        node.processes().len()
    )
}
