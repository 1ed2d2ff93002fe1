//! What every handle can do, asserted for each of them by the compiler; and a look at the sources, so that none is forgotten.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;
use std::fs;
use std::hash::Hash;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::path::Path;
use std::time::Duration;

use otp_core::gen_server::Priority;
use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_core::registry::Duplicate;
use otp_core::remote::RemoteNode;
use otp_core::table::{self, OrderedSet};
use otp_core::worker_pool::WorkerPool;
use otp_core::{
    Agent, Applications, DynamicSupervisorRef, EventManager, PartitionSupervisor,
    PartitionSupervisorRef, PubSub, Recipient, Registry, StopError, SupervisorRef, Table, Target,
    TaskSupervisor, TaskSupervisorRef, TimerRef, process,
};

use crate::support::{Lab, quiet};

/// A handle is a value: it is copied, compared, hashed, shown, sent to other threads and kept over a panic.
trait Handle: Clone + Eq + Hash + Debug + Send + Sync + Unpin + UnwindSafe + RefUnwindSafe {}
impl<T: Clone + Eq + Hash + Debug + Send + Sync + Unpin + UnwindSafe + RefUnwindSafe> Handle for T {}

/// A handle on one process has its pid, whether it is borrowed or not.
fn leads_to_one_process<T>()
where
    T: Handle,
    Pid: From<T> + for<'a> From<&'a T>,
    Target: From<T> + for<'a> From<&'a T>,
{
}

/// A handle that leads to whatever process has the name.
fn leads_by_name<T>()
where
    T: Handle,
    Target: From<T> + for<'a> From<&'a T>,
{
}

/// Not a handle on a process.
fn is_a_handle<T: Handle>() {}

/// The methods of a handle, whose calls are only compiled.
macro_rules! has {
    ($handle:ty: $($method:ident)*) => { $( has!(@ $method $handle); )* };
    (@ pid $handle:ty) => { let _ = |it: &$handle| -> Pid { it.pid() }; };
    (@ maybe_pid $handle:ty) => { let _ = |it: &$handle| -> Option<Pid> { it.pid() }; };
    (@ is_alive $handle:ty) => { let _ = |it: &$handle| -> bool { it.is_alive() }; };
    (@ stop $handle:ty) => {
        let _ = async |it: &$handle| -> Result<(), StopError> {
            it.stop().await?;
            it.stop().timeout(Duration::ZERO).await?;
            it.stop_with(ExitReason::Shutdown).await?;
            it.stop_with(ExitReason::Shutdown).timeout(Duration::ZERO).await
        };
    };
    (@ wait $handle:ty) => { let _ = async |it: &$handle| -> ExitReason { it.wait().await }; };
}

/// Handles, by the name of their type.
const HANDLES: &[(&str, fn())] = &[
    ("ServerRef", || {
        leads_to_one_process::<ServerRef<Lab>>();
        has!(ServerRef<Lab>: pid is_alive stop wait);
    }),
    ("SupervisorRef", || {
        leads_to_one_process::<SupervisorRef>();
        has!(SupervisorRef: pid is_alive stop wait);
    }),
    ("DynamicSupervisorRef", || {
        leads_to_one_process::<DynamicSupervisorRef>();
        has!(DynamicSupervisorRef: pid is_alive stop wait);
    }),
    ("PartitionSupervisorRef", || {
        leads_to_one_process::<PartitionSupervisorRef>();
        has!(PartitionSupervisorRef: pid is_alive stop wait);
    }),
    ("TaskSupervisorRef", || {
        leads_to_one_process::<TaskSupervisorRef>();
        has!(TaskSupervisorRef: pid is_alive stop wait);
    }),
    // A process that is no server takes no order to stop: it is sent an exit signal.
    ("ProcessRef", || {
        leads_to_one_process::<ProcessRef<u8>>();
        has!(ProcessRef<u8>: pid is_alive wait);
    }),
    ("Recipient", || {
        leads_to_one_process::<Recipient<u8>>();
        has!(Recipient<u8>: pid is_alive wait);
    }),
    ("ServerName", || {
        leads_by_name::<ServerName<Lab>>();
        has!(ServerName<Lab>: maybe_pid is_alive stop);
    }),
    ("Agent", || {
        leads_by_name::<Agent<u8>>();
        has!(Agent<u8>: maybe_pid is_alive stop);
    }),
    ("Registry", || {
        is_a_handle::<Registry<String, u8>>();
        is_a_handle::<Registry<String, u8, Duplicate>>();
        has!(Registry<String, u8>: maybe_pid is_alive stop);
    }),
    ("Scope", || {
        is_a_handle::<Scope<String>>();
        has!(Scope<String>: maybe_pid is_alive stop);
    }),
    ("Table", || {
        is_a_handle::<Table<String, u8>>();
        is_a_handle::<Table<String, u8, OrderedSet>>();
        has!(Table<String, u8>: is_alive);
    }),
    ("EventManager", || {
        leads_by_name::<EventManager<u8>>();
        has!(EventManager<u8>: maybe_pid is_alive stop);
    }),
    ("PubSub", || {
        is_a_handle::<PubSub<u8>>();
        has!(PubSub<u8>: maybe_pid is_alive stop);
    }),
    ("WorkerPool", || {
        leads_to_one_process::<WorkerPool<Lab>>();
        has!(WorkerPool<Lab>: pid is_alive stop wait);
    }),
    ("Priority", || leads_to_one_process::<Priority<Lab>>()),
    ("Applications", is_a_handle::<Applications>),
    ("Node", is_a_handle::<Node>),
    ("RemoteNode", is_a_handle::<RemoteNode>),
    ("TimerRef", is_a_handle::<TimerRef>),
];

/// Types that have a pid or an end and are no handles.
const NO_HANDLES: &[(&str, &str)] = &[
    ("Mailbox", "there is one, in its process"),
    ("Context", "there is one, in its server"),
    ("Task", "its value can be taken once"),
    ("Down", "what is told of a process that has ended"),
    ("Subscriber", "what a dispatcher is told of one"),
    ("Child", "what a start function returns"),
    ("ChildInfo", "what a supervisor says of a child"),
];

#[test]
fn every_handle_has_the_traits_and_methods_of_handles() {
    for (_, check) in HANDLES {
        check();
    }
}

/// The type that an `impl` or a macro call is for.
fn named(line: &str) -> Option<&str> {
    let macros = ["supervisor_handle!(", "handle!(", "unwind_safe!("];
    let of_macro = macros.iter().find_map(|start| line.strip_prefix(start));
    let rest = of_macro.or_else(|| {
        let rest = line.strip_prefix("impl")?;
        let rest = rest.split_once(" for ").map_or(rest, |(_, rest)| rest);
        // Its parameters come first.
        match rest.strip_prefix('<') {
            Some(_) => Some(rest.split_once("> ")?.1),
            None => rest.strip_prefix(' '),
        }
    })?;
    let end = rest.find(|c: char| !c.is_alphanumeric());
    Some(&rest[..end.unwrap_or(rest.len())])
}

/// The types of a file that have what handles have, and where.
fn handles_in(file: &Path, found: &mut BTreeMap<String, String>) {
    let text = fs::read_to_string(file).expect("the file can be read");
    let public = |name: &str| text.contains(&format!("pub struct {name}"));
    let mut inside = None;
    for line in text.lines() {
        let of_macro = line.contains("handle!(") || line.starts_with("unwind_safe!(");
        if !line.starts_with(' ') {
            inside = named(line).or(inside.filter(|_| line != "}"));
        }
        let method = [
            "    pub fn pid(&self)",
            "    pub fn is_alive(&self)",
            "    pub fn stop(&self)",
        ];
        let has = of_macro || method.iter().any(|method| line.starts_with(method));
        if let Some(name) = inside.filter(|name| has && (of_macro || public(name))) {
            found.insert(name.to_owned(), file.display().to_string());
        }
    }
}

fn look(folder: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("its entries can be read").path();
        if path.is_dir() {
            look(&path, found);
        } else if !path.ends_with("handle.rs") {
            handles_in(&path, found);
        }
    }
}

#[test]
fn no_handle_is_forgotten() {
    let mut found = BTreeMap::new();
    look(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    assert!(
        found.contains_key("ServerRef") && found.contains_key("Table"),
        "{found:?}"
    );
    let known = HANDLES.iter().map(|(name, _)| *name);
    let known: HashSet<&str> = known.chain(NO_HANDLES.iter().map(|it| it.0)).collect();
    found.retain(|name, _| !known.contains(&**name));
    assert!(
        found.is_empty(),
        "neither in HANDLES nor in NO_HANDLES: {found:#?}"
    );
}

/// Two handles on the same thing stand for each other, and are not equal to one on another.
fn same_and_other<T: Handle>(handle: &T, other: &T) {
    let all = HashSet::from([handle.clone(), handle.clone(), other.clone()]);
    assert_eq!(all.len(), 2);
}

#[otp_core::test]
async fn handles_on_the_same_thing_are_equal() {
    let start = || async { Lab::start(quiet()).await.expect("it starts") };
    let (server, other) = (start().await, start().await);
    same_and_other(&server, &other);
    same_and_other(
        &Recipient::from(&server).map(crate::support::Order::Note),
        &Recipient::from(&other).map(crate::support::Order::Note),
    );
    same_and_other(&ServerName::<Lab>::new("lab"), &ServerName::new("other"));
    same_and_other(&Agent::<u8>::named("a"), &Agent::named("b"));
    let spawn = || process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    same_and_other(&spawn(), &spawn());
    let (key, room) = (Registry::<u8>::unique("r"), Scope::<u8>::new("s"));
    same_and_other(&key, &Registry::unique("r"));
    same_and_other(&room, &Scope::new("s"));
    let create = || table::set::<u8, u8>("t").create().expect("it is made");
    same_and_other(&create(), &create());
    same_and_other(&process::node(), &Node::new());
    let (here, there) = (Applications::here(), Applications::on(&Node::new()));
    same_and_other(&here, &there);
    assert_eq!(
        [server.pid(), other.pid()],
        [Pid::from(&server), Pid::from(other)]
    );
    assert!(matches!(Target::from(server.clone()), Target::Pid(pid) if pid == server.pid()));
}

#[otp_core::test]
async fn what_runs_by_a_process_is_alive_until_it_is_stopped() {
    let second = Duration::from_secs(1);
    let lost = || ExitReason::other("lost");

    let keys = Registry::<u8>::unique("keys");
    assert!(!keys.is_alive());
    keys.start().await.expect("the name is free");
    assert!(keys.is_alive());
    assert_eq!(keys.stop_with(lost()).timeout(second).await, Ok(()));
    assert!(!keys.is_alive());

    let rooms = Scope::<u8>::new("rooms");
    rooms.start().await.expect("the name is free");
    assert!(rooms.is_alive());
    assert_eq!(rooms.stop_with(lost()).timeout(second).await, Ok(()));
    assert!(!rooms.is_alive());

    let child = |id: usize| ChildSpec::worker(id, || Lab::start_link(quiet()));
    let parts = PartitionSupervisor::new("parts", child).start().await;
    let parts = parts.expect("it starts");
    let waiting = parts.clone();
    assert_eq!(parts.stop_with(lost()).timeout(second).await, Ok(()));
    assert_eq!(waiting.wait().await, lost());
    assert!(!parts.is_alive());

    let tasks = TaskSupervisor::new().name("tasks").start().await;
    let tasks = tasks
        .expect("it starts")
        .with_shutdown(Shutdown::BrutalKill);
    assert_eq!(
        TaskSupervisorRef::find(&process::node(), "tasks"),
        Some(tasks.clone())
    );
    assert_eq!(tasks.stop_with(lost()).timeout(second).await, Ok(()));
    assert_eq!(TaskSupervisorRef::find(&process::node(), tasks.pid()), None);

    let node = process::node();
    let owner = process::spawn(|mut mailbox: Mailbox<()>| async move {
        let notes = table::set::<u8, u8>("notes").named().create();
        assert!(notes.expect("the name is free").is_alive());
        mailbox.receive().await;
    });
    otp_core::test::idle().await;
    let notes: Table<u8, u8> = node.table("notes").expect("it is there");
    assert!(notes.is_alive());
    owner.send(());
    owner.wait().await;
    assert!(!notes.is_alive());
}
