//! Three nodes on a network that delays, splits, breaks and forgets connections, and nodes that end and come back with the same name.
//!
//! Each node has a server that writes down what it gets. What the others send it is numbered, so the record tells what was lost,
//! doubled or overtaken.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use otp_core::prelude::*;
use otp_core::process;
use otp_dist::{CallError, Config, Destination, Distribution, NodeEvent, NodeMonitor};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::cast::{Heard, Log};
use crate::net::{Break, Net};

const NAMES: [&str; 3] = ["a@sim", "b@sim", "c@sim"];

/// How often something goes wrong.
const MISHAPS: usize = 12;

/// After this much silence a peer is down.
const TICK_TIME: Duration = Duration::from_secs(4);

/// Longer than it takes to notice the loss of a connection, and to make a new one.
const HEALED: Duration = Duration::from_secs(40);

/// What a server has got, in this order.
#[derive(Debug, Clone, PartialEq)]
enum Got {
    /// A message: from which node, which life of it, and the how manieth.
    Number(String, u64, u64),
    Node(NodeEvent),
}

/// The server of a node.
struct Inbox {
    record: Log<Got>,
    dist: Distribution,
    _events: NodeMonitor,
}

#[derive(Serialize, Deserialize)]
enum Call {
    Echo(u64, ReplyTo<u64>),
    Who(ReplyTo<otp_etf::Pid>),
}

#[derive(Serialize, Deserialize)]
enum Cast {
    Number(String, u64, u64),
}

#[derive(Deserialize)]
enum Info {
    #[serde(skip)]
    Node(NodeEvent),
}

#[gen_server]
impl GenServer for Inbox {
    type Args = (Log<Got>, Distribution);
    type Call = Call;
    type Cast = Cast;
    type Info = Info;

    async fn init(
        (record, dist): Self::Args,
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        // Others are linked with it, and get lost.
        ctx.trap_exit(true);
        let me = ctx.me();
        let events = dist.monitor_nodes(move |event| me.send(Info::Node(event.clone())));
        Ok(Init::state(Self {
            record,
            dist,
            _events: events,
        }))
    }

    async fn handle_call(&mut self, call: Call, ctx: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Echo(number, from) => from.reply(number),
            Call::Who(from) => {
                let me = self.dist.pid(ctx.pid());
                from.reply(me.expect("a process of this node"))
            }
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        let Cast::Number(node, life, number) = cast;
        self.record.add(Got::Number(node, life, number));
        Next::NoReply
    }

    async fn handle_info(
        &mut self,
        info: otp_core::Info<Info>,
        _: &mut Context<Self>,
    ) -> Next<Self> {
        if let otp_core::Info::Message(Info::Node(event)) = info {
            self.record.add(Got::Node(event));
        }
        Next::NoReply
    }
}

/// One life of a node.
struct Life {
    node: Node,
    dist: Distribution,
    record: Log<Got>,
    /// How a watch of another node's server has ended, in order.
    ends: Log<(usize, ExitReason)>,
}

impl Life {
    async fn start(net: &Net, place: usize, life: u64, rng: &mut Rng) -> Self {
        let name = NAMES[place];
        let node = Node::new();
        let config = Config::new(name).cookie("secret").tick_time(TICK_TIME);
        let dist = Distribution::start(&node, config.transport(net.enter(name))).await;
        let dist = dist.expect("it has a name and a cookie");
        dist.expose::<Inbox>("inbox");
        let (record, ends) = (Log::new(), Log::new());
        let arguments = (record.clone(), dist.clone());
        let inbox = Inbox::options().on(&node).name("inbox");
        inbox.start(arguments).await.expect("nobody has the name");
        for other in (0..NAMES.len()).filter(|other| *other != place) {
            let inbox = dist.server::<Inbox>("inbox", NAMES[other]);
            let (to, mut pauses) = (inbox.clone(), rng.fork());
            node.spawn(async move |_: Mailbox<Never>| {
                for number in 1.. {
                    let cast = Cast::Number(name.to_owned(), life, number);
                    to.cast(&cast).await.expect("it can be written");
                    sleep(Duration::from_millis(pauses.u64(0..600))).await;
                }
            });
            let (to, mut pauses) = (inbox.clone(), rng.fork());
            node.spawn(async move |_: Mailbox<Never>| {
                for number in 1.. {
                    // An answer is the one to the question, or there is none.
                    if let Ok(answer) = to.call(|from| Call::Echo(number, from)).await {
                        assert_eq!(answer, number);
                    }
                    sleep(Duration::from_millis(pauses.u64(0..2000))).await;
                }
            });
            let (dist, ends) = (dist.clone(), ends.clone());
            node.spawn(move |mailbox| watch(mailbox, inbox, dist, other, ends));
        }
        Self {
            node,
            dist,
            record,
            ends,
        }
    }

    async fn asks(&self, name: &str) -> Result<u64, CallError> {
        let inbox = self.dist.server::<Inbox>("inbox", name);
        inbox.call(|from| Call::Echo(7, from)).await
    }
}

/// Which watch is over, how it was told, and why.
type Over = (u64, &'static str, ExitReason);

/// Links itself with a server of another node and monitors it, again and again: both tell of the end, once and with the same reason.
async fn watch(
    mut mailbox: Mailbox<Over>,
    inbox: otp_dist::RemoteServer<Inbox>,
    dist: Distribution,
    other: usize,
    ends: Log<(usize, ExitReason)>,
) {
    for round in 1.. {
        let Ok(pid) = inbox.call(Call::Who).await else {
            sleep(Duration::from_millis(300)).await;
            continue;
        };
        let there = dist.at(Destination::Pid(pid)).pid().await;
        let there = there.expect("it is a pid");
        mailbox.trap_exit(move |exit| (round, "exit", exit.reason));
        process::link(there);
        mailbox.monitor(there, move |down| (round, "down", down.reason));
        let (first, second) = (mailbox.receive().await, mailbox.receive().await);
        assert_eq!((first.0, second.0), (round, round));
        assert_ne!(first.1, second.1, "one of each");
        assert_eq!(first.2, second.2);
        assert!(
            [ExitReason::NoConnection, ExitReason::NoProcess].contains(&first.2),
            "{}",
            first.2
        );
        ends.add((other, first.2));
    }
}

/// Checks what one life of a server has got.
fn check(record: &[Got]) {
    let mut up = BTreeMap::new();
    // What came last of each node: which life, which number, and whether the connection is still the same one.
    let mut last: BTreeMap<&str, (u64, u64, bool)> = BTreeMap::new();
    for got in record {
        match got {
            Got::Node(NodeEvent::Up(node)) => {
                let was_up = up.insert(node.as_str(), true) == Some(true);
                assert!(!was_up, "{node} is up twice: {record:?}");
            }
            Got::Node(NodeEvent::Down(node)) => {
                let was_up = up.insert(node.as_str(), false) == Some(true);
                assert!(was_up, "{node} is down twice: {record:?}");
                if let Some(last) = last.get_mut(node.as_str()) {
                    last.2 = false;
                }
            }
            Got::Number(node, life, number) => {
                let is_up = up.get(node.as_str()) == Some(&true);
                assert!(is_up, "{node} is down and says {number}: {record:?}");
                if let Some((last_life, last, is_same)) = last.insert(node, (*life, *number, true))
                {
                    assert!(last_life <= *life, "of a former life: {record:?}");
                    assert!(last_life < *life || last < *number, "order: {record:?}");
                    let is_next = last_life == *life && last + 1 == *number;
                    assert!(is_next || !is_same, "lost: {record:?}");
                }
            }
        }
    }
}

pub(super) async fn system(_: Mailbox<Heard>, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let net = Net::new(rng.fork());
    let mut lives = Vec::new();
    for place in 0..NAMES.len() {
        lives.push(Life::start(&net, place, 1, &mut rng).await);
    }
    for mishap in 0..MISHAPS {
        sleep(Duration::from_millis(rng.u64(0..3000))).await;
        let a = rng.usize(..NAMES.len());
        let b = (a + rng.usize(1..NAMES.len())) % NAMES.len();
        match rng.u32(..6) {
            0 => net.cut(NAMES[a], NAMES[b], Break::Seen),
            1 => net.cut(NAMES[a], NAMES[b], Break::HalfOpen),
            2 => net.cut(NAMES[a], NAMES[b], Break::Silent),
            3 => drop(lives[a].dist.disconnect(lives[b].dist.name())),
            how => {
                // By a loss of power, or in good order.
                if how == 4 {
                    net.leave(NAMES[a]);
                }
                let again = 2 + mishap as u64;
                end(&lives[a]);
                lives[a] = Life::start(&net, a, again, &mut rng).await;
            }
        }
    }
    net.calm();
    sleep(HEALED).await;
    for life in &lives {
        for name in NAMES {
            let answer = life.asks(name).await;
            assert!(
                answer.is_ok(),
                "{name} from {}: {answer:?}",
                life.dist.name()
            );
        }
        life.ends.take();
    }
    // All nodes notice the end of a node without a message of it.
    net.leave(NAMES[2]);
    end(&lives[2]);
    sleep(HEALED).await;
    for life in &lives[..2] {
        let ends = life.ends.take();
        let of_it = ends.iter().filter(|(other, _)| *other == 2);
        let reasons: Vec<&ExitReason> = of_it.map(|(_, reason)| reason).collect();
        assert_eq!(reasons, [&ExitReason::NoConnection]);
        let record = life.record.take();
        assert!(record.len() > 10);
        check(&record);
    }
}

/// Ends a node: what it has got is checked, as nothing comes any more.
fn end(life: &Life) {
    life.dist.stop();
    for pid in life.node.processes() {
        life.node.exit(pid, ExitReason::Kill);
    }
    check(&life.record.take());
}
