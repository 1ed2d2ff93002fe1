//! Names over nodes.

mod names;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use otp_core::{ExitReason, GenServer, Mailbox, Name, NameRegistry, Pid, ProcessRef, ServerName};
use otp_etf::{Term, term};
use parking_lot::Mutex;
use serde_core::de::DeserializeOwned;

use self::names::{Conflict, Holder, Names};
use crate::call::Destination;
use crate::core::Core;
use crate::distribution::Distribution;
use crate::gate::{Exposure, ServerGate};
use crate::handles::RemoteServer;
use crate::pg::{Change, Groups};

/// Names of servers of type `S`, which are those of all nodes that have a registry of this name. Clones are handles on the same one.
///
/// A server is started by a name, on any node, and found by it on all. It is [exposed](Distribution::export) by its pid from
/// when it gets the name, for as long as it lives.
///
/// # Conflicts
///
/// A node decides by what it knows, and tells the others. So two nodes can give the same name at the same time. As soon as
/// they hear of each other, the older process keeps the name, by the clocks of both nodes; the other one loses it and gets the exit
/// signal `{shutdown, {name_conflict, Name, Pid}}` with the pid of the one that keeps it. It ends of it unless it
/// [traps exits](otp_core::gen_server::Context::trap_exit); under a supervisor a [permanent](otp_core::Restart::Permanent) child finds the
/// name taken, so it should be [`Transient`](otp_core::Restart::Transient).
///
/// # Partitions
///
/// When a node is lost, the names of its processes are free, on each side for those of the other one. Both sides go on, and can give
/// the same name once more. When they find each other again, the conflict is decided as every other, name by name: each node
/// decides the same, whatever it hears first. Names that only one side has are known on both.
///
/// # What is not promised
///
/// - That there is at most one process of a name at any time: there can be two on two sides of a partition, and for as long as a
///   message takes on one side. What must not exist twice needs a database, or a node that decides alone.
/// - That the older one is older by a common clock: a node whose clock is late wins. All nodes agree nevertheless.
/// - That there is a process of a name as long as there was one: nobody starts the server of a lost node anew.
/// - Anything against a node that lies: one with the cookie can claim every name.
///
/// # OTP
///
/// `global`, and the libraries `syn` and Horde, which decide after a partition, too.
///
/// A registry is a scope of `pg` with the name `registry:Name`, in which each holder of a name has the group `{Name, Since}`: the name
/// as a binary, and the microseconds since 1970. So a BEAM sees all names, and has some itself, after `pg:start_link('registry:rooms')`:
///
/// ```erlang
/// whereis_room(Name) ->
///     Holders = [{Since, node(Pid), Pid} || {Key, Since} = Group <- pg:which_groups('registry:rooms'),
///                                           Key =:= Name, Pid <- pg:get_members('registry:rooms', Group)],
///     case lists:sort(Holders) of [{_, _, Pid} | _] -> Pid; [] -> undefined end.
/// ```
///
/// A process there gets a name by `pg:join('registry:rooms', {Name, erlang:system_time(microsecond)}, Pid)`. On a conflict it is for
/// the BEAM to end its process or to let it leave: Rust nodes only tell their own.
///
/// # Differences from OTP
///
/// - `global` asks all nodes before it gives a name, and waits for each. Here nothing waits for another node.
/// - `global` ends one of two at random by default, `syn` the older one, Horde the one that lost by its CRDT's clock, with `{name_conflict, ..}`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_dist::{Config, Distribution};
/// use serde::{Deserialize, Serialize};
///
/// struct Room(u32);
///
/// #[derive(Serialize, Deserialize)]
/// enum Call {
///     Enter(ReplyTo<u32>),
/// }
///
/// #[gen_server]
/// impl GenServer for Room {
///     type Call = Call;
///
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
///         Ok(Init::state(Self(0)))
///     }
///
///     async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
///         let Call::Enter(from) = call;
///         self.0 += 1;
///         from.reply(self.0)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let config = |name: &str| Config::new(name).cookie("secret").without_epmd();
/// let (here, there) = (Node::new(), Node::new());
/// let other = Distribution::start(&there, config("b@127.0.0.1")).await?;
/// let config = config("a@127.0.0.1").peer("b@127.0.0.1", other.address());
/// let dist = Distribution::start(&here, config).await?;
///
/// let rooms = other.registry::<Room>("rooms").ok_or("it is there")?;
/// Room::options().on(&there).name(rooms.via("kitchen")).start(()).await?;
///
/// // On another node.
/// let rooms = dist.registry::<Room>("rooms").ok_or("it is there")?;
/// dist.connect(other.name()).await?;
/// # while rooms.whereis("kitchen").is_none() { tokio::task::yield_now().await; }
/// let kitchen = rooms.server("kitchen").ok_or("nobody has opened it")?;
/// assert_eq!(kitchen.call(Call::Enter).await?, 1);
/// let again = Room::options().on(&here).name(rooms.via("kitchen")).start(()).await;
/// assert!(again.is_err(), "there is one in the cluster");
/// # Ok(())
/// # }
/// ```
pub struct ClusterRegistry<S: GenServer> {
    shared: Arc<Shared<S>>,
}

struct Shared<S: GenServer> {
    dist: Distribution,
    name: String,
    groups: Arc<Groups>,
    names: Arc<Mutex<Names>>,
    exposure: Exposure<S>,
}

impl Distribution {
    /// The registry of this name, for servers of type `S`. A node that is hidden takes part, too. Nothing if this node has one of
    /// this name already.
    pub fn registry<S>(&self, name: &str) -> Option<ClusterRegistry<S>>
    where
        S: GenServer<Call: DeserializeOwned, Cast: DeserializeOwned, Info: DeserializeOwned>,
    {
        self.registry_with(name, Exposure::typed())
    }

    /// As [`registry`](Self::registry), whose servers other nodes reach in this way.
    pub fn registry_with<S: GenServer>(
        &self,
        name: &str,
        exposure: Exposure<S>,
    ) -> Option<ClusterRegistry<S>> {
        let core = self.core();
        // A scope of `pg` that nobody else has: a group for each name and each holder.
        let scope = format!("registry:{name}");
        let groups = core.scopes.open(core, &scope, true);
        if !groups.take_for_sharing() {
            return None;
        }
        let names = Arc::new(Mutex::new(Names::default()));
        let keeper = keeper(core, &groups);
        let (listening, known) = (core.clone(), names.clone());
        groups.listen(move |change| hear(&listening, &mut known.lock(), &keeper, &change));
        let shared = Shared {
            dist: self.clone(),
            name: name.to_owned(),
            groups,
            names,
            exposure,
        };
        Some(ClusterRegistry {
            shared: Arc::new(shared),
        })
    }
}

impl<S: GenServer> ClusterRegistry<S> {
    /// A name, for [`name`](otp_core::gen_server::StartOptions::name) of a server that starts on this node.
    #[must_use]
    pub fn via(&self, key: impl Into<String>) -> Name {
        Name::via(self.shared.clone(), key.into())
    }

    /// The process that has the name now, on whichever node.
    #[must_use]
    pub fn whereis(&self, key: &str) -> Option<Pid> {
        self.shared.whereis_name(key)
    }

    /// The server that has the name now, on any node. The handle leads to this process; look the name up again when the process has
    /// ended.
    #[must_use]
    pub fn server(&self, key: &str) -> Option<RemoteServer<S>> {
        let dist = &self.shared.dist;
        let pid = dist.pid(self.whereis(key)?)?;
        Some(RemoteServer::new(dist.at(Destination::Pid(pid))))
    }

    /// All names that some process has, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.shared.names.lock().keys()
    }
}

impl<S: GenServer> NameRegistry for Shared<S> {
    fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid> {
        let core = self.dist.core();
        let holder = Holder {
            since: now(),
            node: core.me.name.clone(),
            pid,
        };
        let group = group(key, holder.since);
        // Others may know the pid as soon as they know the name.
        let only = Name::via(Arc::new(Only(pid)), key.to_owned());
        let server = ServerName::<S>::new(only).on(&core.node);
        let gate = Arc::new(ServerGate::by_name(server, self.exposure.clone()));
        let is_alive = |pid| core.node.is_alive(pid);
        self.groups.join_if(core, group, pid, || {
            self.names.lock().register(key, holder, is_alive)?;
            core.exposed.pid(&core.node, pid, Some(gate));
            Ok(())
        })
    }

    fn unregister_name(&self, key: &str, pid: Pid) {
        let holder = self.names.lock().unregister(key, pid);
        if let Some(holder) = holder {
            let core = self.dist.core();
            self.groups.leave(core, &group(key, holder.since), pid);
        }
    }

    fn whereis_name(&self, key: &str) -> Option<Pid> {
        let pid = self.names.lock().get(key)?;
        let node = &self.dist.core().node;
        (pid.node() != node.id() || node.is_alive(pid)).then_some(pid)
    }
}

/// A registry in which one process has every name: how a pid is the address of a server of a certain type.
struct Only(Pid);

impl NameRegistry for Only {
    fn register_name(&self, _: &str, _: Pid) -> Result<(), Pid> {
        Err(self.0)
    }

    fn unregister_name(&self, _: &str, _: Pid) {}

    fn whereis_name(&self, _: &str) -> Option<Pid> {
        Some(self.0)
    }
}

/// Microseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// The group of a name and of its holder: `{Name, Since}`.
fn group(key: &str, since: u64) -> Term {
    term!({(key), (since)})
}

/// A process of another node has got a name, or lost it. Called in the order in which that node says so.
fn hear(core: &Core, names: &mut Names, keeper: &ProcessRef<Conflict>, change: &Change) {
    let (Change::Joined(group, pids) | Change::Left(group, pids)) = change;
    let Some([key, since]) = group.as_tuple() else {
        return;
    };
    let (Some(key), Some(since)) = (key.as_str(), since.as_integer()) else {
        return;
    };
    let Ok(since) = u64::try_from(since) else {
        return;
    };
    for pid in pids {
        let Some(life) = core.life(pid.node()) else {
            continue;
        };
        let holder = Holder {
            since,
            node: life.name,
            pid: *pid,
        };
        match change {
            Change::Joined(..) => {
                if let Some(conflict) = names.joined(key, holder) {
                    keeper.send(conflict);
                }
            }
            Change::Left(..) => names.left(key, &holder),
        }
    }
}

/// A process that tells processes of this node that they have lost their names.
fn keeper(core: &Arc<Core>, groups: &Arc<Groups>) -> ProcessRef<Conflict> {
    let (telling, groups) = (core.clone(), groups.clone());
    core.node
        .spawn(async move |mut mailbox: Mailbox<Conflict>| {
            loop {
                let Conflict { key, loser, winner } = mailbox.receive().await;
                let core = &telling;
                groups.leave(core, &group(&key, loser.since), loser.pid);
                let winner = core.pid_out(winner).map_or(term!(nil), Term::from);
                let why = term!({name_conflict, (key), (winner)});
                core.node.exit(loser.pid, ExitReason::shutdown_with(why));
            }
        })
}

impl<S: GenServer> Clone for ClusterRegistry<S> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<S: GenServer> fmt::Debug for ClusterRegistry<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClusterRegistry")
            .field(&self.shared.name)
            .finish()
    }
}
