//! One history: nodes that are started, cut off from each other, ended and started anew, by a seed.

mod calls;
mod ending;
mod flood;
mod groups;
mod ties;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use otp_core::prelude::*;
use otp_dist::{Atom, Config, Destination, Distribution, Exposure, NodeEvent, NodeMonitor};
use parking_lot::Mutex;
use tokio::time::sleep;

use crate::actor::{Actor, Do, Notes, Place, letter};
use crate::checker::Id;
use crate::network::Network;

const NAMES: [&str; 3] = ["a@sim", "b@sim", "c@sim"];
const ACTORS: [&str; 2] = ["first", "second"];
const TICK: Duration = Duration::from_secs(8);

/// What a history has come to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) faults: Vec<String>,
    pub(crate) trace: Vec<String>,
    /// How many crashes, cuts and messages it had.
    pub(crate) counts: [usize; 3],
}

/// A history of all that may happen.
pub(crate) fn play(seed: u64) -> Outcome {
    run(seed, World::play)
}

/// A history in which a node reads nothing for a while.
pub(crate) fn flood(seed: u64) -> Outcome {
    run(seed, World::play_flood)
}

fn run<F: Future<Output = Outcome>>(seed: u64, history: impl FnOnce(World) -> F) -> Outcome {
    fastrand::seed(seed);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    let runtime = runtime.expect("there is memory");
    runtime.block_on(history(World::new(seed)))
}

fn atom(name: &str) -> Atom {
    Atom::new(name).expect("it is short")
}

/// An actor that was started once.
#[derive(Clone)]
struct Known {
    id: Id,
    pid: otp_etf::Pid,
}

struct Running {
    node: Node,
    place: Place,
    actors: Vec<(Known, ServerRef<Actor>)>,
    _epochs: NodeMonitor,
}

struct World {
    rng: Rng,
    network: Network,
    notes: Notes,
    /// The nodes, in their present lives.
    running: BTreeMap<&'static str, Running>,
    lives: BTreeMap<&'static str, u32>,
    /// All actors that there ever were.
    known: Vec<Known>,
    counts: [usize; 3],
    /// Calls that were begun, and what those that are over have found.
    calls: u64,
    over: Arc<Mutex<Vec<String>>>,
    faults: Vec<String>,
    /// Those that are found as nodes come and go.
    events: Arc<Mutex<Vec<String>>>,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            network: Network::new(!seed),
            notes: Notes::default(),
            running: BTreeMap::new(),
            lives: BTreeMap::new(),
            known: Vec::new(),
            counts: [0; 3],
            calls: 0,
            over: Arc::default(),
            faults: Vec::new(),
            events: Arc::default(),
        }
    }

    async fn play(mut self) -> Outcome {
        for name in NAMES {
            self.start(name).await;
        }
        for _ in 0..self.rng.usize(10..60) {
            self.disturb().await;
            let pause = self.rng.u64(0..4) * self.rng.u64(0..1000);
            sleep(Duration::from_millis(pause)).await;
        }
        self.end().await
    }

    async fn start(&mut self, name: &'static str) {
        let node = Node::new();
        let config = Config::new(name).cookie("secret").tick_time(TICK);
        // Visible nodes share their groups.
        let config = config.visible(true);
        let host = self.network.host(atom(name));
        let dist = Distribution::start(&node, config.transport(host)).await;
        let dist = dist.expect("nothing can fail");
        let epochs = Arc::new(Mutex::new(BTreeMap::new()));
        let counted = epochs.clone();
        let (groups, faults) = (dist.clone(), self.events.clone());
        // Before those of the actors, which are told of the number.
        let counts = dist.monitor_nodes(move |event| {
            let (NodeEvent::Up(node) | NodeEvent::Down(node)) = event;
            // Of one that comes none is known yet, and of one that is lost none any more.
            let members = groups.members(&groups::all());
            if members.iter().any(|it| it.node == *node) {
                faults.lock().push(format!("{event:?} has members"));
            }
            *counted.lock().entry(letter(node)).or_default() += 1;
        });
        let life = self.lives.entry(name).or_default();
        *life += 1;
        let place = Place {
            life: (letter(&atom(name)), *life),
            dist,
            notes: self.notes.clone(),
            epochs,
        };
        let running = Running {
            node,
            place,
            actors: Vec::new(),
            _epochs: counts,
        };
        self.running.insert(name, running);
        for actor in ACTORS {
            self.start_actor(name, actor).await;
        }
    }

    async fn start_actor(&mut self, name: &'static str, actor: &'static str) {
        let running = self.running.get_mut(name).expect("it runs");
        let place = running.place.clone();
        let options = Actor::options().on(&running.node).name(actor);
        let server = options.start(place).await.expect("the name is free");
        running
            .place
            .dist
            .expose_with(actor, Exposure::<Actor>::typed());
        running.place.dist.join(groups::all(), server.pid());
        let pid = running.place.dist.pid(server.pid());
        let known = Known {
            id: self
                .notes
                .with(|it| *it.actors.keys().last().expect("one was entered")),
            pid: pid.expect("it is of this node"),
        };
        running.actors.push((known.clone(), server));
        self.known.push(known);
    }

    fn node(&mut self) -> Atom {
        atom(NAMES[self.rng.usize(..NAMES.len())])
    }

    /// Two nodes that are not the same one.
    fn two(&mut self) -> (Atom, Atom) {
        let first = self.rng.usize(..NAMES.len());
        let other = (first + self.rng.usize(1..NAMES.len())) % NAMES.len();
        (atom(NAMES[first]), atom(NAMES[other]))
    }

    /// An actor that lives now.
    fn actor(&mut self) -> ServerRef<Actor> {
        let actors = self.running.values().flat_map(|it| &it.actors);
        let actors: Vec<_> = actors.map(|(_, server)| server.clone()).collect();
        actors[self.rng.usize(..actors.len())].clone()
    }

    /// An actor of any time, mostly one that lives.
    fn target(&mut self) -> Known {
        let all = self.known.len();
        let latest = NAMES.len() * ACTORS.len();
        let from = if self.rng.u32(..4) == 0 {
            0
        } else {
            all - latest
        };
        self.known[self.rng.usize(from..all)].clone()
    }

    async fn disturb(&mut self) {
        let actor = self.actor();
        match self.rng.u32(..22) {
            0..4 => {
                let target = self.target();
                let (to, id) = match self.rng.bool() {
                    true => (Destination::Pid(target.pid), Some(target.id)),
                    false => {
                        let name = atom(ACTORS[self.rng.usize(..ACTORS.len())]);
                        (Destination::Name(name, self.node()), None)
                    }
                };
                let sizes = (0..self.rng.usize(1..6)).map(|_| match self.rng.u32(..60) {
                    // Above what is sent in fragments, and above what takes turns with others.
                    0 => 2_200_000,
                    1..9 => 150_000,
                    _ => self.rng.usize(..300),
                });
                let sizes: Vec<usize> = sizes.collect();
                self.counts[2] += sizes.len();
                actor.send(Do::Say { to, id, sizes });
            }
            4..7 => {
                let (to, id) = match self.rng.u32(..3) {
                    0 => {
                        let name = atom(ACTORS[self.rng.usize(..ACTORS.len())]);
                        (Destination::Name(name, self.node()), None)
                    }
                    _ => {
                        let target = self.target();
                        (Destination::Pid(target.pid), Some(target.id))
                    }
                };
                actor.send(Do::Watch(to, id));
            }
            7 => actor.send(Do::Unwatch),
            8 => {
                let target = self.target();
                actor.send(Do::Link(target.pid, target.id));
            }
            9..11 => self.tangle().await,
            11 => {
                let target = self.target();
                let kill = false;
                actor.send(Do::Shoot {
                    to: target.pid,
                    id: target.id,
                    kill,
                });
            }
            12 => self.end_one().await,
            13 => {
                let (a, b) = self.two();
                self.counts[1] += 1;
                self.network.stall(&a, &b);
                if self.rng.bool() {
                    self.network.stall(&b, &a);
                }
            }
            14 => self.network.heal(),
            15 => {
                let (a, b) = self.two();
                self.counts[1] += 1;
                self.network.reset(&a, &b);
            }
            16 => {
                let (a, b) = self.two();
                self.running[NAMES[place(&a)]].place.dist.disconnect(&b);
            }
            17 => {
                // Both at the same time, or nearly so.
                let (a, b) = self.two();
                for (a, b) in [(&a, &b), (&b, &a)] {
                    let dist = self.running[NAMES[place(a)]].place.dist.clone();
                    let b = b.clone();
                    let node = &self.running[NAMES[place(a)]].node;
                    node.spawn(async move |_: Mailbox<Never>| {
                        let _unreachable = dist.connect(&b).await;
                    });
                }
            }
            18 => self
                .network
                .set_latency([0, 5, 50, 3000][self.rng.usize(..4)]),
            19..21 => self.call(),
            _ => self.crash().await,
        }
    }

    /// Two actors link and unlink themselves with each other, so that what one sends meets what the other one sends.
    async fn tangle(&mut self) {
        let actors = self.running.values().flat_map(|it| &it.actors);
        let actors: Vec<_> = actors.cloned().collect();
        let one = self.rng.usize(..actors.len());
        let other = (one + self.rng.usize(1..actors.len())) % actors.len();
        let two = [&actors[one], &actors[other]];
        // Who acts, and whether it links itself. Of the unlinks of the first one the earlier is acknowledged before the later arrives, and the
        // other one links itself in between.
        let steps = match self.rng.u32(..4) {
            0 => vec![(0, true), (0, false), (1, true), (0, true), (0, false)],
            _ => {
                let count = self.rng.usize(2..8);
                (0..count)
                    .map(|_| (self.rng.usize(..2), self.rng.bool()))
                    .collect()
            }
        };
        for (from, links) in steps {
            let (Known { id, pid }, server) = (&two[1 - from].0, &two[from].1);
            server.send(match links {
                true => Do::Link(pid.clone(), *id),
                false => Do::Unlink(pid.clone(), *id),
            });
            // So that some arrive in between.
            let pause = self.rng.u64(..2) * self.rng.u64(..30);
            sleep(Duration::from_millis(pause)).await;
        }
        if self.rng.u32(..4) == 0 {
            self.end_one().await;
        }
    }

    /// An actor ends, and another one gets its name.
    async fn end_one(&mut self) {
        let name = NAMES[self.rng.usize(..NAMES.len())];
        let place = self.rng.usize(..ACTORS.len());
        let running = self.running.get_mut(name).expect("it runs");
        let (_, server) = running.actors.remove(place);
        running.node.exit(&server, ExitReason::Kill);
        running.node.wait(server.pid()).await;
        let actor = ACTORS
            .into_iter()
            .find(|it| running.node.whereis(*it).is_none());
        self.start_actor(name, actor.expect("one has ended")).await;
    }

    /// A node ends, at once and with all that it had, and starts anew.
    async fn crash(&mut self) {
        let name = NAMES[self.rng.usize(..NAMES.len())];
        self.counts[0] += 1;
        let is_silent = self.rng.bool();
        let running = self.running.remove(name).expect("it runs");
        self.network.crash(&atom(name), is_silent);
        end(&running).await;
        if self.rng.bool() {
            let pause = Duration::from_millis(self.rng.u64(..12_000));
            sleep(pause).await;
        }
        self.start(name).await;
    }
}

fn place(node: &Atom) -> usize {
    let place = NAMES.iter().position(|name| *name == node.as_str());
    place.expect("it is one of them")
}

/// Ends all processes of a node.
async fn end(running: &Running) {
    running.place.dist.stop();
    for pid in running.node.processes() {
        running.node.exit(pid, ExitReason::Kill);
    }
    for pid in running.node.processes() {
        running.node.wait(pid).await;
    }
}
