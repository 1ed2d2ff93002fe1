//! What a node tells of its processes, and what it asks another node of one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use otp_core::process::ProcessStatus;
use otp_core::remote::Crossing;
use otp_core::{Name, Pid, ProcessInfo};
use otp_etf::{Atom, Decoder, Limits, Term, term};
use serde_core::ser::Serialize;

use crate::call::RpcError;
use crate::core::Core;
use crate::distribution::Distribution;
use crate::functions::{Arguments, Raised};
use crate::{backend, dashboard};

/// How long another node may take to tell of a process.
const PATIENCE: Duration = Duration::from_secs(5);

/// What `erlang:process_info/1` tells of a process, in this order.
const ITEMS: [&str; 9] = [
    "registered_name",
    "initial_call",
    "status",
    "message_queue_len",
    "links",
    "dictionary",
    "trap_exit",
    "monitors",
    "monitored_by",
];

/// What another node tells of one of its processes.
///
/// # OTP
///
/// `erlang:process_info/2`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RemoteInfo {
    /// The node.
    pub node: Atom,
    /// The name under which it is registered there.
    pub name: Option<Atom>,
    /// What it runs: of a node of ours the type or the function, of a BEAM `Module:function/arity`.
    pub initial_call: String,
    /// `waiting`, `running`, and so on.
    pub status: Atom,
    /// How many messages wait.
    pub message_queue_len: i64,
    /// Whether exit signals become messages.
    pub trap_exit: bool,
    /// Processes and ports that are linked with it.
    pub links: Vec<Term>,
    /// What it monitors: pids, ports, and names with their nodes.
    pub monitors: Vec<Term>,
    /// Processes that monitor it.
    pub monitored_by: Vec<Term>,
}

impl RemoteInfo {
    /// Reads the answer of `process_info/2`.
    fn read(node: &Atom, items: &[Term]) -> Option<Self> {
        let find = |name: &str| {
            items.iter().find_map(|item| match item.as_tuple()? {
                [key, value] if key.as_atom()?.as_str() == name => Some(value),
                _ => None,
            })
        };
        let list = |name: &str| Some(find(name)?.as_list()?.to_vec());
        let monitored = |item: Term| match item.as_tuple() {
            // `{process, Pid}`, `{process, {Name, Node}}`, `{port, Port}`.
            Some([_, monitored]) => monitored.clone(),
            _ => item,
        };
        Some(Self {
            node: node.clone(),
            name: find("registered_name")?.as_atom().cloned(),
            initial_call: called(find("initial_call")?),
            status: find("status")?.as_atom()?.clone(),
            message_queue_len: find("message_queue_len")?.as_integer()?,
            trap_exit: find("trap_exit")?.as_atom()?.as_str() == "true",
            links: list("links")?,
            monitors: list("monitors")?.into_iter().map(monitored).collect(),
            monitored_by: list("monitored_by")?,
        })
    }
}

/// A line for each, as the shell's `info` prints of a process of its own node.
impl fmt::Display for RemoteInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As that node prints its own pids.
        let shown = |term: &Term| match term.as_pid() {
            Some(pid) if pid.node != self.node => format!("{pid} of {}", pid.node.as_str()),
            _ => term.to_string(),
        };
        let list = |terms: &[Term]| match terms {
            [] => "none".to_owned(),
            terms => terms.iter().map(shown).collect::<Vec<_>>().join(", "),
        };
        let name = self.name.as_ref().map_or("none", Atom::as_str);
        let switch = if self.trap_exit { "on" } else { "off" };
        writeln!(f, "node          {}", self.node.as_str())?;
        writeln!(f, "name          {name}")?;
        writeln!(f, "initial call  {}", self.initial_call)?;
        writeln!(f, "status        {}", self.status)?;
        writeln!(f, "queue         {}", self.message_queue_len)?;
        writeln!(f, "trap_exit     {switch}")?;
        writeln!(f, "links         {}", list(&self.links))?;
        writeln!(f, "monitors      {}", list(&self.monitors))?;
        write!(f, "monitored by  {}", list(&self.monitored_by))
    }
}

/// `{Module, Function, Arity}` as it is written; the module alone if that is a type of Rust.
fn called(term: &Term) -> String {
    let parts = term.as_tuple().unwrap_or_default();
    if let [module, function, arity] = parts
        && let (Some(module), Some(function)) = (module.as_atom(), function.as_atom())
    {
        let module = module.as_str();
        return match function.as_str() {
            "init" if module.contains("::") => module.to_owned(),
            function => format!("{module}:{function}/{arity}"),
        };
    }
    term.to_string()
}

impl Distribution {
    /// Lets other nodes look at all processes of this one, by functions that they also have of a BEAM: `erlang:processes/0`,
    /// `is_process_alive/1`, `whereis/1`, and `process_info/1` and `/2`. They see names, types, links and monitors, and no message
    /// and no state. `etop` and Erlang's `observer` find what they ask for by `erlang:system_info/1`, `memory/0` and the functions of
    /// `observer_backend` that tell of processes, of tables and of the node; they see no objects of tables. Phoenix LiveDashboard 0.8 finds
    /// the functions of its module `SystemInfo`; it sees no variables of the environment.
    ///
    /// # OTP
    ///
    /// A node of OTP tells all of that, and more.
    ///
    /// # Differences from OTP
    ///
    /// - The initial call is `{Type, init, 1}`.
    /// - The dictionary has `$ancestors`, the list of messages is empty, and the current function is the callback. The memory is that of
    ///   the messages in the mailbox, a reduction a microsecond on a thread. Heap and stack have no words, and the group leader is a process
    ///   of the distribution. An item that no tool of ours has asked for is a `badarg`.
    pub fn show_processes(&self) {
        let shown = |core: &Core, pid: &Term| core.local(pid.as_pid()?);
        backend::show(self);
        dashboard::show(self);
        self.tells("erlang", "processes", |core, (): ()| {
            let pids = core.node.processes().into_iter();
            Ok(pids.map(|pid| core.me.pid(pid.id())).collect::<Vec<_>>())
        });
        self.tells(
            "erlang",
            "is_process_alive",
            move |core, (pid,): (Term,)| {
                let pid = shown(core, &pid).ok_or_else(badarg)?;
                Ok(core.node.is_alive(pid))
            },
        );
        self.tells("erlang", "whereis", |core, (name,): (Atom,)| {
            let found = core.node.whereis(name.as_str().to_owned());
            let pid = found.map(|pid| Term::from(core.me.pid(pid.id())));
            Ok(pid.unwrap_or_else(|| term!(undefined)))
        });
        self.tells("erlang", "process_info", move |core, (pid,): (Term,)| {
            let pid = shown(core, &pid).ok_or_else(badarg)?;
            let Some(info) = core.node.process_info(pid) else {
                return Ok(term!(undefined));
            };
            // A process without a name has none here.
            let all = if info.names.is_empty() {
                &ITEMS[1..]
            } else {
                &ITEMS
            };
            let items = all.iter().filter_map(|item| pair(core, &info, item));
            Ok(Term::list(items))
        });
        self.tells(
            "erlang",
            "process_info",
            move |core, (pid, what): (Term, Term)| {
                let pid = shown(core, &pid).ok_or_else(badarg)?;
                let one =
                    |info: &ProcessInfo, item: &Term| pair(core, info, item.as_atom()?.as_str());
                let Some(info) = core.node.process_info(pid) else {
                    return Ok(term!(undefined));
                };
                let told = match what.as_list() {
                    Some(items) => {
                        let all = items.iter().map(|item| one(&info, item));
                        all.collect::<Option<Vec<Term>>>().map(Term::list)
                    }
                    // As OTP has it, for this item alone.
                    None if what == term!(registered_name) && info.names.is_empty() => {
                        Some(Term::nil())
                    }
                    None => one(&info, &what),
                };
                told.ok_or_else(badarg)
            },
        );
    }

    /// Asks the node of a process what it knows of it; `None` if the process does not live. A BEAM tells it of all of its processes, a
    /// node of ours if it [shows](Self::show_processes) them. It gives up after 5 s.
    ///
    /// # OTP
    ///
    /// `erpc:call(node(Pid), erlang, process_info, [Pid, Items])`.
    ///
    /// # Cancel safety
    ///
    /// Dropped it gives up waiting.
    ///
    /// # Errors
    ///
    /// [`RpcError`]. [`Error`](RpcError::Error) with `undef`: the node does not show its processes.
    pub async fn process_info(&self, pid: Pid) -> Result<Option<RemoteInfo>, RpcError> {
        let pid = self.pid(pid).ok_or(RpcError::NodeDown)?;
        let items = ITEMS.iter().filter(|item| **item != "dictionary");
        let items: Vec<Atom> = items.map(|item| Atom::constant(item)).collect();
        let Some(told) = self.asks(&pid.node, "process_info", (&pid, items)).await? else {
            return Ok(None);
        };
        let unreadable = || RpcError::Error(told.clone());
        let items = told.as_list().ok_or_else(unreadable)?;
        let mut info = RemoteInfo::read(&pid.node, items).ok_or_else(unreadable)?;
        if info.initial_call == "proc_lib:init_p/5" {
            // What every process of OTP begins with: that one knows what has begun there.
            let called = (
                Atom::constant("proc_lib"),
                Atom::constant("translate_initial_call"),
            );
            let asked = self
                .rpc::<Term>(&pid.node, called, (&pid,))
                .timeout(PATIENCE);
            info.initial_call = self::called(&asked.await?);
        }
        Ok(Some(info))
    }

    /// The process that has a name on another node, as [`process_info`](Self::process_info) would be asked of it. It gives up after
    /// 5 s.
    ///
    /// # OTP
    ///
    /// `erpc:call(Node, erlang, whereis, [Name])`.
    ///
    /// # Cancel safety
    ///
    /// Dropped it gives up waiting.
    ///
    /// # Errors
    ///
    /// [`RpcError`].
    pub async fn whereis(&self, name: &Atom, node: &Atom) -> Result<Option<Pid>, RpcError> {
        let told = self.asks(node, "whereis", (name,)).await?;
        match told.as_ref().and_then(Term::as_pid) {
            Some(pid) => Ok(self.core().pid_in(pid).await),
            None => Ok(None),
        }
    }

    /// Calls a function of the module `erlang`; nothing if it says `undefined`.
    async fn asks(
        &self,
        node: &Atom,
        function: &'static str,
        arguments: impl Serialize,
    ) -> Result<Option<Term>, RpcError> {
        let called = (Atom::constant("erlang"), Atom::constant(function));
        let told = self.rpc::<Term>(node, called, arguments).timeout(PATIENCE);
        Ok(Some(told.await?).filter(|told| *told != term!(undefined)))
    }

    /// A function that tells of this node.
    pub(crate) fn tells<A, R>(
        &self,
        module: &str,
        name: &str,
        tell: impl Fn(&Core, A) -> Result<R, Raised> + Send + Sync + 'static,
    ) where
        A: Arguments,
        R: Serialize + Send + 'static,
    {
        let core = Arc::downgrade(self.core());
        self.async_function(module, name, move |arguments: A| {
            let told = match core.upgrade() {
                Some(core) => tell(&core, arguments),
                None => Err(badarg()),
            };
            std::future::ready(told)
        });
    }
}

/// `{Item, Value}`, unless there is no such item.
fn pair(core: &Core, info: &ProcessInfo, item: &str) -> Option<Term> {
    let value = value(core, info, item)?;
    Some(term!({(Atom::new(item).ok()?), (value)}))
}

pub(crate) fn value(core: &Core, info: &ProcessInfo, item: &str) -> Option<Term> {
    let pids = |pids: &[Pid]| -> Vec<Term> {
        let pids = pids.iter().filter_map(|pid| core.pid_out(*pid));
        pids.map(Term::from).collect()
    };
    Some(match item {
        "registered_name" => info
            .names
            .iter()
            .find_map(local_name)
            .unwrap_or(Term::nil()),
        "initial_call" => term!({(atom(info.initial_call)), init, 1}),
        "status" => match info.status {
            ProcessStatus::Running => term!(running),
            ProcessStatus::Exiting => term!(exiting),
            _ => term!(waiting),
        },
        "message_queue_len" => Term::from(info.message_queue_len as u64),
        "trap_exit" => Term::from(info.trap_exit),
        "links" => Term::list(pids(&info.links)),
        "monitors" => {
            let names = info.monitored_names.iter();
            let names = names.filter_map(|name| core.name_out(name));
            let names =
                names.filter_map(|bytes| Decoder::new(&bytes, Limits::default()).term().ok());
            let all = pids(&info.monitors).into_iter().chain(names);
            Term::list(all.map(|monitored| term!({process, (monitored)})))
        }
        "monitored_by" => Term::list(pids(&info.monitored_by)),
        "parent" => match info.parent().and_then(|parent| core.pid_out(parent)) {
            Some(parent) => parent.into(),
            None => term!(undefined),
        },
        "label" => info.label.as_deref().map_or(term!(undefined), Term::from),
        "dictionary" => {
            let ancestors = Term::list(pids(&info.ancestors));
            term!([{(atom("$ancestors")), (ancestors)}])
        }
        "current_function" => backend::current(info),
        "reductions" => backend::reductions(info).into(),
        // What is known of it: the messages that wait.
        "memory" => Term::from(info.mailbox_size as u64),
        "group_leader" => core.me.pid(core.kernel.id()).into(),
        // What is always so here, for `observer`, which asks for all of them at once.
        "priority" => term!(normal),
        "error_handler" => term!(undefined),
        "last_calls" => term!(false),
        "heap_size" | "total_heap_size" | "stack_size" | "catchlevel" | "trace" => term!(0),
        "garbage_collection" => term!([{min_heap_size, 0}, {fullsweep_after, 0}]),
        "binary" | "suspending" | "sequential_trace_token" | "messages" | "current_stacktrace" => {
            Term::nil()
        }
        _ => return None,
    })
}

pub(crate) fn badarg() -> Raised {
    Raised::Error(term!(badarg))
}

pub(crate) fn local_name(name: &Name) -> Option<Term> {
    match name {
        Name::Local(name) => Some(atom(name).into()),
        _ => None,
    }
}

/// A text as an atom, which has at most 255 characters.
pub(crate) fn atom(text: &str) -> Atom {
    let end = text
        .char_indices()
        .nth(255)
        .map_or(text.len(), |(at, _)| at);
    Atom::new(&text[..end]).expect("it is short")
}
