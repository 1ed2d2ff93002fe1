//! What is started in a round, and hurt until it is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_core::registry::{Duplicate, Unique};
use otp_core::table::{self, Access, Set, Table};
use otp_core::{
    Agent, ChildId, PartitionSupervisor, Registry, SupervisorRef, TaskSupervisor,
    partition_supervisor, process,
};

use crate::ledger::Ledger;
use crate::stop::Stop;
use crate::watcher::Watcher;
use crate::worker::{Args, Worker};

/// The supervisors whose children are known, by name.
pub(crate) const SUPERVISORS: [(&str, Strategy); 3] = [
    ("one_for_one", Strategy::OneForOne),
    ("one_for_all", Strategy::OneForAll),
    ("rest_for_one", Strategy::RestForOne),
];

/// How many children each of them has.
pub(crate) const WORKERS: usize = 5;

/// The dynamic supervisor, the partition supervisor, the task supervisor, the agent and the named table.
pub(crate) const CROWD: &str = "crowd";
pub(crate) const SHARDS: &str = "shards";
pub(crate) const TASKS: &str = "tasks";
pub(crate) const TALLY: &str = "tally";
pub(crate) const VAULT: &str = "vault";

/// How many partitions there are.
const PARTITIONS: usize = 3;

/// The most children of the dynamic supervisor.
const MOST: usize = 500;

/// The number of watchers.
const WATCHERS: usize = 4;

/// What the soak's own workers are called in the registry; operations use other keys.
const OWN_KEYS: u64 = 1 << 32;

/// What everybody knows of a round.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) keys: Registry<u64, (), Unique>,
    pub(crate) topics: Registry<u64, (), Duplicate>,
    pub(crate) groups: Scope<u64>,
    pub(crate) watchers: Vec<ServerRef<Watcher>>,
    /// Raised when the drivers are to end.
    pub(crate) over: Stop,
}

impl World {
    /// Starts everything, linked with the current process.
    ///
    /// # Errors
    ///
    /// The reason why something did not start.
    pub(crate) async fn start(ledger: Arc<Ledger>) -> Result<(Self, SupervisorRef), ExitReason> {
        let mut world = Self {
            ledger: ledger.clone(),
            keys: Registry::unique("keys"),
            topics: Registry::duplicate("topics"),
            groups: Scope::new("groups"),
            watchers: Vec::new(),
            over: Stop::default(),
        };
        for _ in 0..WATCHERS {
            world
                .watchers
                .push(Watcher::start_link(ledger.clone()).await?);
        }
        let known = SUPERVISORS.len() * WORKERS + PARTITIONS;
        ledger.asks_for_children(u64::try_from(known).expect("a handful"));
        let top = world.tree().start_link().await?;
        Ok((world, top))
    }

    /// The addresses of all workers that are there from the beginning.
    pub(crate) fn addresses(&self) -> Vec<Name> {
        let supervised = SUPERVISORS
            .iter()
            .enumerate()
            .flat_map(|(at, _)| (0..WORKERS).map(move |worker| self.name(at, worker)));
        let shards = (0..PARTITIONS)
            .map(|shard| partition_supervisor::route(&process::node(), SHARDS, shard));
        supervised.chain(shards).collect()
    }

    /// A worker as an additional child.
    pub(crate) fn extra(&self, id: impl Into<ChildId>) -> ChildSpec {
        self.worker(id, None, false, None)
    }

    fn tree(&self) -> Supervisor {
        let (keys, topics, groups) = (self.keys.clone(), self.topics.clone(), self.groups.clone());
        let known = SUPERVISORS.iter().enumerate();
        let known = known.map(|(at, (name, strategy))| self.known(at, name, *strategy));
        endless(Strategy::OneForOne)
            .child(ChildSpec::worker("keys", move || keys.start_link()))
            .child(ChildSpec::worker("topics", move || topics.start_link()))
            .child(ChildSpec::worker("groups", move || groups.start_link()))
            .children(known)
            .child(ChildSpec::supervisor(CROWD, || {
                let crowd = DynamicSupervisor::new().max_children(MOST);
                let crowd = crowd.max_restarts(usize::MAX, Duration::from_secs(1));
                crowd.name(CROWD).start_link()
            }))
            .child(self.shards())
            .child(ChildSpec::supervisor(TASKS, || {
                TaskSupervisor::new().name(TASKS).start_link()
            }))
            .child(ChildSpec::worker(TALLY, || {
                Agent::<u64>::options().name(TALLY).start_link(|| 0)
            }))
            .child(ChildSpec::worker(VAULT, || async {
                process::spawn_link(keep_vault)
            }))
    }

    /// A supervisor with five workers, which gives up when too much happens to them in a second.
    ///
    /// A worker that traps exits outlives a killed supervisor for a moment and keeps its name. Until it is gone, each new
    /// supervisor fails to start, and the top starts the next one. The number of these attempts has no bound, so the
    /// children of a failed attempt are no restarts.
    fn known(&self, at: usize, name: &'static str, strategy: Strategy) -> ChildSpec {
        let world = self.clone();
        ChildSpec::supervisor(name, move || {
            let attempt = Arc::new(AtomicU64::new(0));
            let worker = |worker| {
                let name = world.name(at, worker);
                let traps = worker % 2 == 1;
                world.worker(worker, Some(name), traps, Some(attempt.clone()))
            };
            let start = Supervisor::new(strategy)
                .max_restarts(20, Duration::from_secs(1))
                .children((0..WORKERS).map(worker))
                .name(name)
                .start_link();
            let ledger = world.ledger.clone();
            async move {
                let started = start.await;
                if started.is_err() {
                    ledger.asks_for_children(attempt.load(Relaxed));
                }
                started
            }
        })
    }

    fn shards(&self) -> ChildSpec {
        let world = self.clone();
        ChildSpec::supervisor(SHARDS, move || {
            let world = world.clone();
            PartitionSupervisor::new(SHARDS, move |shard| world.worker(shard, None, false, None))
                .partitions(PARTITIONS)
                .max_restarts(usize::MAX, Duration::from_secs(1))
                .start_link()
        })
    }

    /// A worker as a child. Each start is counted in `attempt`, too.
    fn worker(
        &self,
        id: impl Into<ChildId>,
        name: Option<Name>,
        traps: bool,
        attempt: Option<Arc<AtomicU64>>,
    ) -> ChildSpec {
        let ledger = self.ledger.clone();
        ChildSpec::worker(id, move || {
            ledger.child_started();
            if let Some(attempt) = &attempt {
                attempt.fetch_add(1, Relaxed);
            }
            let options = match &name {
                Some(name) => Worker::options().name(name.clone()),
                None => Worker::options(),
            };
            let ledger = ledger.clone();
            options.start_link(Args { ledger, traps })
        })
    }

    /// Local names, global ones and keys by turns.
    fn name(&self, supervisor: usize, worker: usize) -> Name {
        let text = format!("worker {supervisor}.{worker}");
        match worker % 3 {
            0 => Name::local(text),
            1 => Name::global(text),
            _ => {
                let number = supervisor * WORKERS + worker;
                let number = u64::try_from(number).expect("a handful");
                self.keys.via(OWN_KEYS + number)
            }
        }
    }
}

/// A supervisor that does not give up.
fn endless(strategy: Strategy) -> Supervisor {
    Supervisor::new(strategy).max_restarts(usize::MAX, Duration::from_secs(1))
}

/// Owns the named table.
async fn keep_vault(mut mailbox: Mailbox<()>) -> Result<(), ExitReason> {
    let vault: Table<u64, u64, Set> = table::set(VAULT)
        .named()
        .access(Access::Public)
        .create()
        .map_err(ExitReason::error)?;
    mailbox.receive().await;
    drop(vault);
    Ok(())
}
