//! What `etop` and Erlang's `observer` ask of a node: the functions of `observer_backend` and `erlang` that tell of the whole node.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use otp_core::process::{Callback, ProcessInfo, ProcessQuery, ProcessStatus};
use otp_core::table::{Access, TableInfo};
use otp_core::{Pid, process};
use otp_etf::{Atom, Term, term, to_bytes_into};

use crate::call::{Destination, send};
use crate::core::Core;
use crate::distribution::Distribution;
use crate::functions::Raised;
use crate::inspection::{atom, badarg, local_name};

/// The version of `runtime_tools` whose functions these are.
const VERSION: &str = "1.19";

/// How long processes count what they do after a tool has asked.
const COUNTED: Duration = Duration::from_secs(10);

/// The module whose functions these are.
const MODULE: &str = "observer_backend";

/// Lets tools of other nodes look at this one.
pub(crate) fn show(dist: &Distribution) {
    dist.tells(MODULE, "vsn", |_, (): ()| {
        Ok(term!({ok, (Term::charlist(VERSION))}))
    });
    dist.tells(MODULE, "sys_info", |core, (): ()| Ok(system(core)));
    dist.tells(
        MODULE,
        "get_table_list",
        |core, (kind, _): (Atom, Term)| match kind.as_str() {
            "ets" => Ok(Term::list(
                core.node.table_infos().iter().map(|info| table(core, info)),
            )),
            _ => Err(Raised::Throw(
                term!({error, (Term::charlist("there is no Mnesia"))}),
            )),
        },
    );
    for none in ["get_port_list", "get_socket_list", "socket_info"] {
        dist.tells(MODULE, none, |_, (): ()| Ok(Term::nil()));
    }
    dist.tells("erlang", "system_info", |core, (item,): (Term,)| {
        find(&system(core), &item).ok_or_else(badarg)
    });
    dist.tells("erlang", "memory", |_, (): ()| Ok(memory()));
    dist.tells("erlang", "memory", |_, (item,): (Term,)| {
        find(&memory(), &item).ok_or_else(badarg)
    });
    dist.tells(
        "erlang",
        "function_exported",
        |core, (module, name, arity): (Atom, Atom, usize)| {
            Ok(core.functions.find(&module, &name, arity).is_some())
        },
    );
    dist.tells("code", "ensure_loaded", |_, (module,): (Atom,)| {
        Ok(term!({module, (module)}))
    });
    dist.tells(
        "proc_lib",
        "translate_initial_call",
        |core, (pid,): (Term,)| {
            let pid = pid
                .as_pid()
                .and_then(|pid| core.local(pid))
                .ok_or_else(badarg)?;
            // Nothing more than the initial call that `process_info` tells. Of another one `observer` would ask the module, which is none.
            let known = core
                .node
                .is_alive(pid)
                .then(|| term!({proc_lib, init_p, 5}));
            known.ok_or_else(badarg)
        },
    );
    // `procs_info/1` is for tools that are linked with what they start: `observer` takes this one where it is missing.
    let weak = Arc::downgrade(dist.core());
    dist.async_function(MODULE, "etop_collect", move |(collector,): (Term,)| {
        let core = weak.upgrade();
        async move {
            let core = core.ok_or_else(badarg)?;
            let collector = collector.as_pid().cloned().ok_or_else(badarg)?;
            // The next question is about what they have done since this one.
            core.count_for(COUNTED);
            let me = core.me.pid(process::current().id());
            let mut bytes = Vec::new();
            let message = term!({(me), (collected(&core))});
            to_bytes_into(&message, &mut bytes).map_err(|_| badarg())?;
            send(&core, &Destination::Pid(collector), bytes).await;
            Ok(())
        }
    });
}

/// The record `etop_info`.
fn collected(core: &Core) -> Term {
    let processes = processes(core);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let (seconds, micros) = (now.as_secs(), u64::from(now.subsec_micros()));
    let now = term!({(seconds / 1_000_000), (seconds % 1_000_000), (micros)});
    let count = processes.len() as u64;
    term!({etop_info, (now), (count), undefined, undefined, 0, [], (memory()), (Term::list(processes))})
}

/// All processes as records `etop_proc_info`. A reduction is a microsecond on a thread.
fn processes(core: &Core) -> Vec<Term> {
    let page = core
        .node
        .process_page(&ProcessQuery::new().limit(usize::MAX));
    let infos = page
        .processes
        .iter()
        .filter(|info| Some(info.pid) != process::try_current());
    infos.map(|info| process_info(core, info)).collect()
}

fn process_info(core: &Core, info: &ProcessInfo) -> Term {
    let (reductions, current) = (reductions(info), current(info));
    let name = info.names.iter().find_map(local_name);
    let name = name.unwrap_or_else(|| call(info));
    let queue = info.message_queue_len as u64;
    let pid = Term::from(core.me.pid(info.pid.id()));
    term!({etop_proc_info, (pid), 0, (reductions), (name), 0, (current), (queue)})
}

/// What counts as work: microseconds on a thread, as far as they are counted.
pub(crate) fn reductions(info: &ProcessInfo) -> u64 {
    info.activity.map_or(0, |it| {
        u64::try_from(it.busy.as_micros()).unwrap_or(u64::MAX)
    })
}

/// What a process does: its callback, or that it waits for a message.
pub(crate) fn current(info: &ProcessInfo) -> Term {
    match info.activity.and_then(|it| it.callback) {
        Some((callback, _)) => term!({(atom(info.initial_call)), (atom(callback.name())), 2}),
        None if info.status == ProcessStatus::Running => call(info),
        None if info.is_server() && !info.is_receiving => {
            term!({(atom(info.initial_call)), (atom(Callback::Unknown.name())), 2})
        }
        None => term!({(atom(info.initial_call)), receive, 0}),
    }
}

fn call(info: &ProcessInfo) -> Term {
    term!({(atom(info.initial_call)), init, 1})
}

/// An item of what [`system`] returns.
pub(crate) fn system_item(core: &Core, item: &'static str) -> Term {
    find(&system(core), &Atom::constant(item).into()).unwrap_or(Term::nil())
}

/// What `observer_backend:sys_info/0` returns, without atoms and ports: there are none.
fn system(core: &Core) -> Term {
    let info = core.node.system_info();
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let workers = tokio::runtime::Handle::try_current()
        .map_or(0, |runtime| runtime.metrics().num_workers() as u64);
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let release = concat!("otp-core ", env!("CARGO_PKG_VERSION"));
    let word = u64::from(usize::BITS / 8);
    let items: [(&'static str, Term); 27] = [
        ("uptime", core.uptime().into()),
        ("run_queue", 0.into()),
        ("io_input", 0.into()),
        ("io_output", 0.into()),
        ("logical_processors", threads.into()),
        ("logical_processors_online", threads.into()),
        ("logical_processors_available", threads.into()),
        ("schedulers", workers.into()),
        ("schedulers_online", workers.into()),
        ("schedulers_available", workers.into()),
        ("dirty_cpu_schedulers", 0.into()),
        ("otp_release", Term::charlist(release)),
        ("version", Term::charlist(env!("CARGO_PKG_VERSION"))),
        ("system_architecture", Term::charlist(&target)),
        ("kernel_poll", true.into()),
        ("smp_support", true.into()),
        ("threads", true.into()),
        ("thread_pool_size", 0.into()),
        ("wordsize_internal", word.into()),
        ("wordsize_external", word.into()),
        ("wordsize", word.into()),
        ("alloc_info", Term::nil()),
        ("process_count", (info.process_count as u64).into()),
        ("process_limit", u64::from(u32::MAX).into()),
        ("ets_count", (info.table_count as u64).into()),
        ("ets_limit", u64::from(u32::MAX).into()),
        ("dist_buf_busy_limit", (core.config.queue as u64).into()),
    ];
    let items = items
        .into_iter()
        .map(|(name, value)| term!({(Atom::constant(name)), (value)}));
    let memory = memory().as_list().map(<[Term]>::to_vec).unwrap_or_default();
    Term::list(items.chain(memory))
}

/// The memory of the program, all of which counts as that of processes: nobody keeps more accounts.
fn memory() -> Term {
    let total = resident().unwrap_or(0);
    term!([
        {total, (total)}, {processes, (total)}, {processes_used, (total)}, {system, 0}, {atom, 0}, {atom_used, 0}, {binary, 0},
        {code, 0}, {ets, 0},
    ])
}

/// The memory that the program has, as Linux tells it, in bytes.
pub(crate) fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

/// The value of an item of a list of pairs.
fn find(pairs: &Term, wanted: &Term) -> Option<Term> {
    pairs
        .as_list()?
        .iter()
        .find_map(|pair| match pair.as_tuple()? {
            [item, value] if item == wanted => Some(value.clone()),
            _ => None,
        })
}

pub(crate) fn protection(info: &TableInfo) -> Atom {
    Atom::constant(match info.access {
        Access::Private => "private",
        Access::Protected => "protected",
        Access::Public => "public",
    })
}

/// A table as `observer_backend:get_table_list/2` has it. Its objects cannot be fetched.
fn table(core: &Core, info: &TableInfo) -> Term {
    let owner = |pid: Pid| Term::from(core.me.pid(pid.id()));
    let names = core
        .node
        .process_info(info.owner)
        .map(|it| it.names)
        .unwrap_or_default();
    let name = names
        .iter()
        .find_map(local_name)
        .unwrap_or_else(|| term!(ignore));
    let id = match info.named {
        true => term!(ignore),
        false => Term::from(info.number),
    };
    term!([
        {name, (atom(&info.name))}, {id, (id)}, {protection, (protection(info))}, {owner, (owner(info.owner))},
        {size, (info.objects as u64)}, {reg_name, (name)}, {type, (atom(info.kind))}, {keypos, 1}, {heir, none}, {memory, 0},
        {compressed, false}, {fixed, false},
    ])
}
