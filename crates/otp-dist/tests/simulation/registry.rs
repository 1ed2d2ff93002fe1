//! Names over three nodes that lose each other and find each other again.

use std::time::Duration;

use fastrand::Rng;
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_dist::{Atom, ClusterRegistry, Config, Distribution};
use otp_etf::{Term, term};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::network::Network;

const NAMES: [&str; 3] = ["a@sim", "b@sim", "c@sim"];
const TICK: Duration = Duration::from_secs(8);
/// Longer than it takes to notice a loss, and to tell everybody.
const SETTLED: Duration = Duration::from_secs(30);

fn atom(name: &str) -> Atom {
    Atom::new(name).expect("it is short")
}

/// Reports why it ends.
struct Room(Probe<Term>);

#[derive(Serialize, Deserialize)]
enum Call {
    Pid(ReplyTo<Pid>),
}

#[gen_server]
impl GenServer for Room {
    type Args = Probe<Term>;
    type Call = Call;

    async fn init(
        ends: Probe<Term>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        Ok(Init::state(Self(ends)))
    }

    async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
        let Call::Pid(from) = call;
        from.reply(context.pid())
    }

    async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
        let Info::Exit(exit) = info else {
            return Next::NoReply;
        };
        self.0.report(otp_dist::reason_to_term(&exit.reason));
        Next::Stop(exit.reason)
    }
}

struct One {
    node: Node,
    dist: Distribution,
    rooms: ClusterRegistry<Room>,
    /// Why rooms have ended.
    ends: Probe<Term>,
}

impl One {
    async fn start(network: &Network, name: &'static str) -> Self {
        let node = Node::new();
        let config = Config::new(name).cookie("secret").tick_time(TICK);
        let host = network.host(atom(name));
        let dist = Distribution::start(&node, config.transport(host)).await;
        let dist = dist.expect("nothing can fail");
        let rooms = dist.registry("rooms").expect("it is the only one");
        assert!(dist.registry::<Room>("rooms").is_none());
        let ends = Probe::new();
        Self {
            node,
            dist,
            rooms,
            ends,
        }
    }

    /// Starts a server by its name. The pid is that of the cluster, and in an error of the one that has the name.
    async fn open(&self, key: &str) -> Result<otp_etf::Pid, otp_etf::Pid> {
        let options = Room::options().on(&self.node).name(self.rooms.via(key));
        match options.start(self.ends.clone()).await {
            Ok(server) => Ok(self.dist.pid(server.pid()).expect("it is of this node")),
            Err(StartError::AlreadyStarted(pid)) => Err(self.dist.pid(pid).expect("it is known")),
            Err(error) => panic!("{error}"),
        }
    }

    fn find(&self, key: &str) -> Option<otp_etf::Pid> {
        self.dist.pid(self.rooms.whereis(key)?)
    }
}

struct Cluster {
    network: Network,
    nodes: Vec<One>,
}

impl Cluster {
    async fn start(seed: u64) -> Self {
        let network = Network::new(seed);
        let mut nodes = Vec::new();
        for name in NAMES {
            nodes.push(One::start(&network, name).await);
        }
        let cluster = Self { network, nodes };
        cluster.meet().await;
        cluster
    }

    /// All connect with all, and hear of each other.
    async fn meet(&self) {
        for one in &self.nodes {
            for name in NAMES {
                if *one.dist.name() != name {
                    one.dist.connect(&atom(name)).await.expect("it is there");
                }
            }
        }
        sleep(SETTLED).await;
    }

    /// The first node is on one side, the others on the other one.
    async fn cut(&self) {
        let [a, b, c] = NAMES.map(atom);
        for (from, to) in [(&a, &b), (&b, &a), (&a, &c), (&c, &a)] {
            self.network.stall(from, to);
        }
        sleep(SETTLED).await;
    }

    async fn heal(&self) {
        self.network.heal();
        self.meet().await;
    }

    /// What all nodes know of a name, which is the same.
    fn find(&self, key: &str) -> Option<otp_etf::Pid> {
        let found: Vec<_> = self.nodes.iter().map(|one| one.find(key)).collect();
        assert!(found.iter().all(|it| *it == found[0]), "{key}: {found:?}");
        found[0].clone()
    }
}

// DST-030
#[tokio::test(start_paused = true)]
async fn a_name_is_found_and_called_on_every_node_until_its_process_or_node_ends() {
    let cluster = Cluster::start(1).await;
    let [a, b, c] = &cluster.nodes[..] else {
        panic!("there are three")
    };
    let kitchen = a.open("kitchen").await.expect("it is free");
    assert_eq!(a.open("kitchen").await, Err(kitchen.clone()));
    sleep(SETTLED).await;
    assert_eq!(cluster.find("kitchen"), Some(kitchen.clone()));
    for one in [a, b, c] {
        assert_eq!(one.open("kitchen").await, Err(kitchen.clone()));
        let room = one.rooms.server("kitchen").expect("it is there");
        let pid = room.call(Call::Pid).await.expect("it answers");
        assert_eq!(one.dist.pid(pid), Some(kitchen.clone()));
        assert_eq!(one.rooms.names(), ["kitchen"]);
    }
    // Its process ends.
    let pid = a.rooms.whereis("kitchen").expect("it is there");
    a.node.exit(pid, ExitReason::Kill);
    a.node.wait(pid).await;
    assert_eq!(a.find("kitchen"), None);
    sleep(SETTLED).await;
    assert_eq!(cluster.find("kitchen"), None);
    let kitchen = b.open("kitchen").await.expect("it is free");
    sleep(SETTLED).await;
    assert_eq!(cluster.find("kitchen"), Some(kitchen));
    // Its node is lost.
    b.dist.stop();
    sleep(SETTLED).await;
    for one in [a, c] {
        assert_eq!(one.find("kitchen"), None);
        assert!(one.rooms.names().is_empty());
    }
}

// DST-030
#[tokio::test(start_paused = true)]
async fn after_a_partition_the_older_keeps_the_name_and_the_other_is_told() {
    let cluster = Cluster::start(2).await;
    let [a, b, c] = &cluster.nodes[..] else {
        panic!("there are three")
    };
    let kitchen = a.open("kitchen").await.expect("it is free");
    let attic = c.open("attic").await.expect("it is free");
    sleep(SETTLED).await;
    cluster.cut().await;
    // Each side goes on: what it has it keeps, what the other side has is free.
    assert_eq!(a.find("kitchen"), Some(kitchen.clone()));
    assert_eq!([b.find("kitchen"), c.find("kitchen")], [None, None]);
    assert_eq!(a.find("attic"), None);
    assert_eq!(b.find("attic"), Some(attic.clone()));
    let second = b.open("kitchen").await.expect("it is free here");
    let cellar = c.open("cellar").await.expect("it is free");
    let hall = a.open("hall").await.expect("it is free");
    // On one side there is one.
    sleep(SETTLED).await;
    assert_eq!(c.open("kitchen").await, Err(second.clone()));
    let younger = a.open("cellar").await.expect("it is free here");
    cluster.heal().await;
    for (key, holder) in [
        ("kitchen", kitchen.clone()),
        ("attic", attic),
        ("cellar", cellar),
        ("hall", hall),
    ] {
        assert_eq!(cluster.find(key), Some(holder), "{key}");
    }
    let told =
        |key: &str, by: &otp_etf::Pid| term!({shutdown, {name_conflict, (key), (by.clone())}});
    assert_eq!(b.ends.drain(), [told("kitchen", &kitchen)]);
    assert_eq!(
        a.ends.drain(),
        [told(
            "cellar",
            &cluster.find("cellar").expect("it is there")
        )]
    );
    assert_eq!(c.ends.drain(), []);
    for (one, pid) in [(b, second), (a, younger)] {
        let lost = otp_dist::Destination::Pid(pid);
        let pid = one.dist.at(lost).pid().await.expect("it is a pid");
        assert!(!one.node.is_alive(pid));
    }
}

/// Names are given on all sides, nodes are cut off and lose connections, and at last there is one process of each.
// DST-030
#[test]
fn whatever_happens_there_is_one_process_of_each_name_at_last() {
    for seed in 1..=50 {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build();
        runtime.expect("there is memory").block_on(converge(seed));
    }
}

async fn converge(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let cluster = Cluster::start(seed).await;
    let keys = ["kitchen", "attic", "cellar"];
    let mut opened = Vec::new();
    for _ in 0..30 {
        let one = &cluster.nodes[rng.usize(..3)];
        let other = atom(NAMES[rng.usize(..3)]);
        match rng.u32(..10) {
            0 => cluster.network.stall(one.dist.name(), &other),
            1 => cluster.network.heal(),
            2 => cluster.network.reset(one.dist.name(), &other),
            3 => {
                if let Some(pid) = one.rooms.whereis(keys[rng.usize(..3)]) {
                    one.node.exit(pid, ExitReason::Kill);
                }
            }
            4 => {
                // Without waiting for it.
                let dist = one.dist.clone();
                one.node.spawn(async move |_: Mailbox<Never>| {
                    let _unreachable = dist.connect(&other).await;
                });
            }
            _ => {
                let key = keys[rng.usize(..3)];
                if let Ok(pid) = one.open(key).await {
                    opened.push((key, pid));
                }
            }
        }
        sleep(Duration::from_millis(rng.u64(..10) * rng.u64(..1000))).await;
    }
    cluster.network.heal();
    sleep(SETTLED).await;
    cluster.meet().await;
    for key in keys {
        let holder = cluster.find(key);
        // All others of this name have ended.
        for (_, pid) in opened.iter().filter(|(of, _)| *of == key) {
            let one = cluster
                .nodes
                .iter()
                .find(|one| *one.dist.name() == pid.node);
            let one = one.expect("it is one of them");
            let at = one.dist.at(otp_dist::Destination::Pid(pid.clone()));
            let local = at.pid().await.expect("it is a pid");
            assert_eq!(
                one.node.is_alive(local),
                holder.as_ref() == Some(pid),
                "{key} {pid:?}, seed {seed}"
            );
        }
    }
}
