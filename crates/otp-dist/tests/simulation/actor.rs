//! A process that sends, links, monitors and ends others as it is told, and notes what it sees.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use otp_core::prelude::*;
use otp_core::{Exit, MonitorRef, process};
use otp_dist::{Atom, Destination, Distribution, NodeEvent, NodeMonitor};
use otp_etf::{Term, term};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::checker::{Actor as Known, History, Id, Life, Seen};

/// What all actors of all nodes write to.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    history: History,
    ids: Vec<otp_etf::Pid>,
    /// Everything in one order, to compare two runs.
    trace: Vec<String>,
}

impl Notes {
    fn note(&self, id: Id, seen: Seen) {
        let mut written = self.0.lock();
        written.trace.push(format!("{id} {seen:?}"));
        let actor = written.history.actors.get_mut(&id);
        actor.expect("it is entered").seen.push(seen);
    }

    fn enter(&self, actor: Known, pid: otp_etf::Pid) -> Id {
        let mut written = self.0.lock();
        let id = Id::try_from(written.ids.len()).expect("there are few");
        written.ids.push(pid);
        written.history.actors.insert(id, actor);
        id
    }

    pub(crate) fn with<T>(&self, f: impl FnOnce(&mut History) -> T) -> T {
        f(&mut self.0.lock().history)
    }

    /// The actor with this pid.
    pub(crate) fn id(&self, pid: &otp_etf::Pid) -> Option<Id> {
        let place = self.0.lock().ids.iter().position(|it| it == pid)?;
        Id::try_from(place).ok()
    }

    pub(crate) fn trace(&self) -> Vec<String> {
        self.0.lock().trace.clone()
    }
}

/// A node in one of its lives, as its actors see it.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) life: Life,
    pub(crate) dist: Distribution,
    pub(crate) notes: Notes,
    /// How many changes of each node were told.
    pub(crate) epochs: Arc<Mutex<BTreeMap<char, u64>>>,
}

impl Place {
    fn epoch(&self, node: char) -> u64 {
        self.epochs.lock().get(&node).copied().unwrap_or_default()
    }

    fn life_of(&self, id: Id) -> Life {
        self.notes.with(|history| history.actors[&id].life)
    }
}

/// The letter by which a node is known here.
pub(crate) fn letter(node: &Atom) -> char {
    node.as_str().chars().next().expect("it has a name")
}

pub(crate) struct Actor {
    place: Place,
    id: Id,
    /// How many messages it has sent.
    sent: u64,
    /// All that it has set.
    monitors: Vec<MonitorRef>,
    /// How many of them were taken back: the oldest ones.
    unwatched: usize,
    links: BTreeSet<Id>,
    _events: NodeMonitor,
}

/// What comes over the network.
#[derive(Serialize, Deserialize)]
pub(crate) enum Cast {
    Said {
        from: Id,
        number: u64,
        to: Option<Id>,
        padding: serde_bytes::ByteBuf,
    },
}

/// What it is asked over the network.
#[derive(Serialize, Deserialize)]
pub(crate) enum Call {
    Echo(u64, ReplyTo<u64>),
}

/// What it is told here.
#[derive(Deserialize)]
pub(crate) enum Do {
    /// To the actor of this number, or to the holder of the name.
    #[serde(skip)]
    Say {
        to: Destination,
        id: Option<Id>,
        sizes: Vec<usize>,
    },
    /// Says something and sends an exit signal, and both have to arrive.
    #[serde(skip)]
    Promise(otp_etf::Pid, Id),
    #[serde(skip)]
    Watch(Destination, Option<Id>),
    /// Takes back the oldest monitor.
    #[serde(skip)]
    Unwatch,
    #[serde(skip)]
    Link(otp_etf::Pid, Id),
    #[serde(skip)]
    Unlink(otp_etf::Pid, Id),
    /// Sends an exit signal; it may kill.
    #[serde(skip)]
    Shoot {
        to: otp_etf::Pid,
        id: Id,
        kill: bool,
    },
    /// What was in the mailbox when something was taken back is handled.
    #[serde(skip)]
    Flushed(Seen),
    /// A node has come or gone.
    #[serde(skip)]
    Event(NodeEvent, u64),
    /// All that was before is done.
    #[serde(skip)]
    Mark(oneshot::Sender<()>),
}

impl Actor {
    fn note(&self, seen: Seen) {
        self.place.notes.note(self.id, seen);
    }

    async fn say(&mut self, to: Destination, id: Option<Id>, size: usize) -> u64 {
        self.sent += 1;
        let said = Cast::Said {
            from: self.id,
            number: self.sent,
            to: id,
            padding: vec![7; size].into(),
        };
        let to = self.place.dist.at(to);
        to.cast(&said).await.expect("it can be written");
        self.sent
    }

    /// Sends an exit signal, which counts as a message.
    async fn shoot(&mut self, to: otp_etf::Pid, id: Id, kill: bool) -> u64 {
        let pid = self.pid(to).await;
        self.sent += 1;
        let shot = [
            self.id.into(),
            i64::try_from(self.sent).expect("there are few"),
            id.into(),
        ];
        let reason = match kill {
            true => ExitReason::Kill,
            false => ExitReason::other(term!({shot, (shot[0]), (shot[1]), (shot[2])})),
        };
        process::exit(pid, reason);
        self.sent
    }

    async fn pid(&self, pid: otp_etf::Pid) -> Pid {
        let process = self.place.dist.at(Destination::Pid(pid));
        process.pid().await.expect("it is a pid")
    }

    async fn act(&mut self, what: Do, context: &Context<Self>) {
        match what {
            Do::Say { to, id, sizes } => {
                for size in sizes {
                    self.say(to.clone(), id, size).await;
                }
            }
            Do::Promise(pid, id) => {
                let to = Destination::Pid(pid.clone());
                let (from, number) = (self.id, self.say(to, Some(id), 10).await);
                let to = Some(id);
                let mut promised = vec![(id, Seen::Said { from, number, to })];
                if id != self.id {
                    let (number, to) = (self.shoot(pid, id, false).await, id);
                    promised.push((id, Seen::Shot { from, number, to }));
                }
                self.place.notes.with(|it| it.promised.extend(promised));
            }
            Do::Watch(at, to) => {
                let (Destination::Pid(otp_etf::Pid { node, .. }) | Destination::Name(_, node)) =
                    &at;
                let node = letter(node);
                let target = self.place.dist.at(at).target().await;
                let watch = self.monitors.len();
                self.monitors.push(context.monitor(target));
                let epoch = self.place.epoch(node);
                self.note(Seen::Watched {
                    watch,
                    to,
                    node,
                    epoch,
                });
            }
            Do::Unwatch => {
                if let Some(monitor) = self.monitors.get(self.unwatched) {
                    context.demonitor(*monitor);
                    self.note(Seen::Unwatched(self.unwatched));
                    let flushed = Seen::UnwatchedFlushed(self.unwatched);
                    context.me().send(Do::Flushed(flushed));
                    self.unwatched += 1;
                }
            }
            Do::Link(pid, to) => {
                let pid = self.pid(pid).await;
                // Again, if it is linked: the other one may have taken the link back.
                self.links.insert(to);
                let epoch = self.place.epoch(self.place.life_of(to).0);
                self.note(Seen::Linked { to, epoch });
                process::link(pid);
            }
            Do::Unlink(pid, to) => {
                let pid = self.pid(pid).await;
                if self.links.remove(&to) {
                    self.note(Seen::Unlinked(to));
                    process::unlink(pid);
                    context.me().send(Do::Flushed(Seen::UnlinkedFlushed(to)));
                }
            }
            // One that nobody has started linked counts as its own parent, and ends.
            Do::Shoot { id, .. } if id == self.id => {}
            Do::Shoot { to, id, kill } => {
                self.shoot(to, id, kill).await;
            }
            Do::Flushed(seen) => self.note(seen),
            Do::Event(NodeEvent::Up(node), _) => self.note(Seen::Up(letter(&node))),
            Do::Event(NodeEvent::Down(node), epoch) => {
                let node = letter(&node);
                self.note(Seen::Lost { node, epoch });
            }
            Do::Mark(done) => {
                let _nobody = done.send(());
            }
        }
    }

    fn exit(&mut self, exit: &Exit) {
        if let Some(shot) = shot(&exit.reason) {
            return self.note(shot);
        }
        let from = self.place.dist.pid(exit.from);
        let from = from.and_then(|pid| self.place.notes.id(&pid));
        if let Some(from) = from {
            self.links.remove(&from);
        }
        let is_lost = exit.reason == ExitReason::NoConnection;
        self.note(Seen::Exit { from, is_lost });
    }
}

/// What an exit signal says that an actor has sent by itself.
fn shot(reason: &ExitReason) -> Option<Seen> {
    let ExitReason::Other(value) = reason else {
        return None;
    };
    let [tag, from, number, to] = value.downcast_ref::<Term>()?.as_tuple()? else {
        return None;
    };
    tag.as_atom().filter(|tag| *tag == "shot")?;
    Some(Seen::Shot {
        from: Id::try_from(from.as_integer()?).ok()?,
        number: u64::try_from(number.as_integer()?).ok()?,
        to: Id::try_from(to.as_integer()?).ok()?,
    })
}

#[gen_server]
impl GenServer for Actor {
    type Args = Place;
    type Call = Call;
    type Cast = Cast;
    type Info = Do;

    async fn init(place: Place, context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        let me = context.me();
        let (told, epochs) = (me.clone(), place.epochs.clone());
        let events = place.dist.monitor_nodes(move |event| {
            let (NodeEvent::Up(node) | NodeEvent::Down(node)) = event;
            let epoch = epochs.lock().get(&letter(node)).copied();
            told.send(Do::Event(event.clone(), epoch.unwrap_or_default()));
        });
        let up = place.dist.nodes().iter().map(letter).collect();
        let known = Known {
            life: place.life,
            up,
            stays: false,
            seen: Vec::new(),
        };
        let pid = place.dist.export(&me, otp_dist::Exposure::typed());
        let id = place.notes.enter(known, pid);
        Ok(Init::state(Self {
            place,
            id,
            sent: 0,
            monitors: Vec::new(),
            unwatched: 0,
            links: BTreeSet::new(),
            _events: events,
        }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Echo(number, from) = call;
        from.reply(number)
    }

    async fn handle_cast(&mut self, said: Cast, _: &mut Context<Self>) -> Next<Self> {
        let Cast::Said {
            from, number, to, ..
        } = said;
        self.note(Seen::Said { from, number, to });
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Do>, context: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(what) => self.act(what, context).await,
            Info::Down(down) => {
                // One that fires twice is noted twice.
                let mut monitors = self.monitors.iter();
                let watch = monitors.position(|it| *it == down.monitor);
                self.note(Seen::Down {
                    watch: watch.expect("it has set it"),
                    is_lost: down.reason == ExitReason::NoConnection,
                });
            }
            Info::Exit(exit) => self.exit(&exit),
            Info::Timeout => {}
        }
        Next::NoReply
    }
}
