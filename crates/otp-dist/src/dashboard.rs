//! What Phoenix LiveDashboard asks of a node. It calls functions of its own module `SystemInfo`, which it loads into a BEAM; here these
//! functions are on the allow-list, as version 0.8 calls them, and the module is not loaded.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use otp_core::child_spec::ChildType;
use otp_core::process::{ProcessInfo, ProcessQuery};
use otp_core::supervisor::ChildInfo;
use otp_core::table::TableInfo;
use otp_core::{Applications, DynamicSupervisorRef, Pid, SupervisorRef};
use otp_etf::{Atom, Map, Term, term};
use tokio::time::timeout;

use crate::backend;
use crate::core::Core;
use crate::distribution::Distribution;
use crate::identity::Kind;
use crate::inspection::{atom, badarg, local_name, value};

const MODULE: &str = "Elixir.Phoenix.LiveDashboard.SystemInfo";

/// How long processes count what they do after the list was asked for. By itself the page asks every 15 s.
const COUNTED: Duration = Duration::from_secs(20);

/// How long a supervisor may take to name its children.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the page shows of a process, in this order.
const ITEMS: [&str; 15] = [
    "registered_name",
    "current_function",
    "status",
    "message_queue_len",
    "trap_exit",
    "error_handler",
    "priority",
    "total_heap_size",
    "heap_size",
    "stack_size",
    "reductions",
    "garbage_collection",
    "suspending",
    "current_stacktrace",
    "initial_call",
];

/// Lets a dashboard of another node look at this one.
pub(crate) fn show(dist: &Distribution) {
    dist.tells("code", "is_loaded", |_, (module,): (Atom,)| {
        Ok(match module.as_str() {
            MODULE => term!({file, (Term::charlist("otp-dist"))}),
            _ => term!(false),
        })
    });
    // The dashboard's version of the module is not that of a node of ours. It goes on with the functions that are there.
    dist.tells("code", "load_binary", |_, _: (Atom, Term, Term)| {
        Ok(term!({error, badfile}))
    });
    dist.tells(MODULE, "capabilities_callback", |_, (_,): (Term,)| {
        Ok(
            term!(#{system_info => nil, @"dashboard_running?" => false, applications => [], modules => [], processes => []}),
        )
    });
    dist.tells(MODULE, "info_callback", |core, (keys, _): (Term, Term)| {
        Ok(info(core, &keys))
    });
    dist.tells(MODULE, "usage_callback", |core, (): ()| Ok(usage(core)));
    dist.tells(MODULE, "memory_allocators_callback", |_, (_,): (Term,)| {
        let total = backend::resident().unwrap_or(0);
        let all = term!(#{name => total, block_size => (total), carrier_size => (total), max_carrier_size => (total)});
        Ok(term!({[(all)], #{total => (total)}}))
    });
    let weak = Arc::downgrade(dist.core());
    dist.tells(MODULE, "processes_callback", move |core, asked: List| {
        weak.upgrade().ok_or_else(badarg)?.count_for(COUNTED);
        Ok(processes(core, &asked))
    });
    dist.tells(MODULE, "process_info_callback", |core, (pid,): (Term,)| {
        let info = pid.as_pid().and_then(|pid| core.local(pid));
        let info = info.and_then(|pid| core.node.process_info(pid));
        Ok(info.map_or(term!(error), |info| {
            let all = process(core, &info);
            term!({ok, (all)})
        }))
    });
    dist.tells(
        MODULE,
        "applications_info_callback",
        |core, (search, by, order, limit): (Term, Atom, Atom, usize)| {
            let rows = applications(core, search.as_str());
            Ok(page(rows, &by, &order, limit))
        },
    );
    let weak = Arc::downgrade(dist.core());
    dist.async_function(MODULE, "app_tree_callback", move |(name,): (Atom,)| {
        let core = weak.upgrade();
        async move {
            let core = core.ok_or_else(badarg)?;
            Ok(tree(&core, &name).await)
        }
    });
    dist.tells(
        MODULE,
        "ets_callback",
        |core, (search, by, order, limit): (Term, Atom, Atom, usize)| {
            let all = core.node.table_infos();
            let shown = all
                .iter()
                .filter(|info| is_found(&info.name, search.as_str()));
            let rows = shown.map(|info| table(core, info)).collect();
            Ok(page(rows, &by, &order, limit))
        },
    );
    dist.tells(MODULE, "ets_info_callback", |core, (table,): (Term,)| {
        Ok(table_info(core, &table).unwrap_or_else(|| term!(error)))
    });
    for none in ["ports_callback", "sockets_callback"] {
        dist.tells(MODULE, none, |_, _: (Term, Term, Term, Term)| {
            Ok(term!({[], 0}))
        });
    }
    for none in ["port_info_callback", "socket_info_callback"] {
        dist.tells(MODULE, none, |_, (_,): (Term,)| Ok(term!(error)));
    }
}

/// What a list is asked for: a text to search for or nil, the item to sort by, `asc` or `desc`, how many, and of processes the reductions
/// that the last answer had, or nil.
type List = (Term, Atom, Atom, usize, Term);

/// A line of a list: the values of its items.
type Row = Vec<(&'static str, Term)>;

fn is_found(text: &str, search: Option<&str>) -> bool {
    search.is_none_or(|search| text.to_lowercase().contains(search))
}

/// The first of the rows, sorted, and how many there are.
fn page(rows: Vec<Row>, by: &Atom, order: &Atom, limit: usize) -> Term {
    let count = rows.len() as u64;
    let rows = Term::list(sorted(rows, by, order, limit));
    term!({(rows), (count)})
}

fn sorted(mut rows: Vec<Row>, by: &Atom, order: &Atom, limit: usize) -> Vec<Term> {
    let key = |row: &Row| {
        let found = row.iter().find(|(item, _)| *item == by.as_str());
        found.map_or(Term::nil(), |(_, value)| value.clone())
    };
    rows.sort_by(|a, b| key(a).term_order(&key(b)));
    if order.as_str() == "desc" {
        rows.reverse();
    }
    rows.truncate(limit);
    rows.into_iter().map(keywords).collect()
}

fn keywords(row: Row) -> Term {
    let pair = |(item, value)| term!({(Atom::constant(item)), (value)});
    Term::list(row.into_iter().map(pair))
}

/// The environment of the program is nobody's business: its variables are there without values.
fn info(core: &Core, keys: &Term) -> Term {
    let banner = Term::charlist(concat!("otp-core ", env!("CARGO_PKG_VERSION")));
    let architecture = backend::system_item(core, "system_architecture");
    let about = term!(#{
        banner => (banner), elixir_version => "None", phoenix_version => "None", app_version => "None",
        system_architecture => (architecture),
    });
    // There are no atoms and no ports, of which the page shows parts of the most.
    let limits = term!(#{atoms => 1, ports => 1, processes => (u32::MAX)});
    let environment = match keys.as_list() {
        Some(keys) => Term::list(keys.iter().map(|key| term!({(key.clone()), nil}))),
        None => term!(nil),
    };
    term!(#{
        system_info => (about), system_limits => (limits), system_usage => (usage(core)), environment => (environment),
    })
}

fn usage(core: &Core) -> Term {
    let total = backend::resident().unwrap_or(0);
    let memory = term!(#{total => (total), process => (total), atom => 0, binary => 0, code => 0, ets => 0, other => 0});
    let (processes, uptime) = (core.node.system_info().process_count as u64, core.uptime());
    term!(#{
        atoms => 0, ports => 0, processes => (processes), io => {0, 0}, uptime => (uptime), memory => (memory),
        total_run_queue => 0, cpu_run_queue => 0,
    })
}

fn processes(core: &Core, (search, by, order, limit, before): &List) -> Term {
    let query = ProcessQuery::new().containing(search.as_str().unwrap_or_default());
    let page = core.node.process_page(&query.limit(usize::MAX));
    let reductions = |info: &ProcessInfo| backend::reductions(info);
    let pid = |info: &ProcessInfo| Term::from(core.me.pid(info.pid.id()));
    let before = before.as_map();
    let row = |info: &ProcessInfo| {
        let former = before.and_then(|it| it.get(&pid(info))?.as_integer());
        let former = former.and_then(|it| u64::try_from(it).ok()).unwrap_or(0);
        vec![
            ("pid", pid(info)),
            ("name_or_initial_call", title(info)),
            (
                "reductions_diff",
                reductions(info).saturating_sub(former).into(),
            ),
            ("memory", (info.mailbox_size as u64).into()),
            ("reductions", reductions(info).into()),
            ("message_queue_len", (info.message_queue_len as u64).into()),
            ("current_function", backend::current(info)),
        ]
    };
    let rows = page.processes.iter().map(row).collect();
    let rows = Term::list(sorted(rows, by, order, *limit));
    let now = page
        .processes
        .iter()
        .map(|info| (pid(info), reductions(info).into()));
    let (now, count) = (Term::from(Map::from_iter(now)), page.matching as u64);
    term!({(rows), (count), (now)})
}

/// What a process is called: as Elixir writes its name, its label, or what it runs.
fn title(info: &ProcessInfo) -> Term {
    let name = info.names.iter().find_map(local_name);
    let name = name.map(|name| name.inspect().to_string());
    let title = name.or_else(|| info.label.clone());
    title.as_deref().unwrap_or(info.initial_call).into()
}

/// A process as others name it.
fn details(core: &Core, pid: Pid) -> Option<Term> {
    let out = core.pid_out(pid)?;
    let info = core.node.process_info(pid);
    let call = |info: &ProcessInfo| value(core, info, "initial_call");
    let (title, call) = (info.as_ref().map(title), info.as_ref().and_then(call));
    let or_nil = |value: Option<Term>| value.unwrap_or_else(|| term!(nil));
    Some(term!(#{
        @"__struct__" => @"Elixir.Phoenix.LiveDashboard.SystemInfo.ProcessDetails", pid => (out),
        name_or_initial_call => (or_nil(title)), initial_call => (or_nil(call)),
    }))
}

fn process(core: &Core, info: &ProcessInfo) -> Term {
    let related = |pids: &[Pid]| Term::list(pids.iter().filter_map(|pid| details(core, *pid)));
    let label = info.label.as_deref().map_or(term!(nil), Term::from);
    let items = ITEMS
        .iter()
        .filter_map(|item| Some((*item, value(core, info, item)?)));
    let kernel = details(core, core.kernel).unwrap_or_else(|| term!(nil));
    let more = [
        ("links", related(&info.links)),
        ("monitors", related(&info.monitors)),
        ("monitored_by", related(&info.monitored_by)),
        ("ancestors", related(&info.ancestors)),
        ("label", label),
        ("group_leader", kernel),
    ];
    keywords(items.chain(more).collect())
}

fn applications(core: &Core, search: Option<&str>) -> Vec<Row> {
    let all = Applications::on(&core.node);
    let running: HashSet<String> = all
        .which_applications()
        .into_iter()
        .map(|it| it.name)
        .collect();
    let shown = all.loaded_applications().into_iter().filter(|it| {
        [&it.name, &it.description, &it.version]
            .iter()
            .any(|text| is_found(text, search))
    });
    let row = |it: otp_core::application::ApplicationInfo| {
        let state = if running.contains(&it.name) {
            "started"
        } else {
            "loaded"
        };
        vec![
            ("name", atom(&it.name).into()),
            ("description", it.description.as_str().into()),
            ("version", it.version.as_str().into()),
            ("state", Atom::constant(state).into()),
            ("tree?", all.supervisor(&it.name).is_some().into()),
        ]
    };
    shown.map(row).collect()
}

/// The tree of an application: what has started its top process, and below that the supervisors with their children.
async fn tree(core: &Core, name: &Atom) -> Term {
    let top = Applications::on(&core.node).supervisor(name.as_str());
    let Some(top) = top else { return term!(error) };
    let master = core.node.process_info(top).and_then(|info| info.parent());
    let master = core.pid_out(master.unwrap_or(top));
    let below = branch(core, "supervisor", top).await;
    match master {
        Some(master) => term!({{master, (master), []}, (Term::list(below))}),
        None => term!(error),
    }
}

/// A process of a tree with those below it; nothing if it has just ended.
fn branch<'a>(
    core: &'a Core,
    kind: &'static str,
    pid: Pid,
) -> Pin<Box<dyn Future<Output = Option<Term>> + Send + 'a>> {
    Box::pin(async move {
        let mut below = Vec::new();
        for child in children(core, pid).await {
            if let Some(pid) = child.pid() {
                let kind = match child.child_type {
                    ChildType::Supervisor => "supervisor",
                    ChildType::Worker => "worker",
                };
                below.extend(branch(core, kind, pid).await);
            }
        }
        let info = core.node.process_info(pid)?;
        let label = info.label.as_deref().map_or(Term::nil(), Term::from);
        let name = info.names.iter().find_map(local_name).unwrap_or(label);
        let (pid, kind) = (core.pid_out(pid)?, Atom::constant(kind));
        Some(term!({{(kind), (pid), (name)}, (Term::list(below))}))
    })
}

/// The children of a supervisor, in the order of their start; none of another process, or of one that does not answer.
async fn children(core: &Core, pid: Pid) -> Vec<ChildInfo> {
    let ask = async {
        if let Some(supervisor) = SupervisorRef::find(&core.node, pid) {
            let mut children = supervisor.which_children().await.ok()?;
            children.reverse();
            return Some(children);
        }
        let supervisor = DynamicSupervisorRef::find(&core.node, pid)?;
        supervisor.which_children().await.ok()
    };
    timeout(PATIENCE, ask)
        .await
        .ok()
        .flatten()
        .unwrap_or_default()
}

fn table(core: &Core, info: &TableInfo) -> Row {
    vec![
        (
            "name",
            Term::from(atom(&info.name))
                .inspect()
                .to_string()
                .as_str()
                .into(),
        ),
        ("id", core.me.reference(Kind::Table, info.number).into()),
        ("owner", core.me.pid(info.owner.id()).into()),
        ("protection", backend::protection(info).into()),
        ("type", atom(info.kind).into()),
        ("size", (info.objects as u64).into()),
        ("memory", 0.into()),
        ("named_table", info.named.into()),
        ("keypos", 1.into()),
    ]
}

fn table_info(core: &Core, table: &Term) -> Option<Term> {
    let Some((Kind::Table, number)) = core.me.number(table.as_reference()?) else {
        return None;
    };
    let all = core.node.table_infos();
    let info = all.iter().find(|info| info.number == number)?;
    let owner = details(core, info.owner)?;
    let mut row = self::table(core, info);
    row.retain(|(item, _)| *item != "owner");
    row.extend([("owner", owner), ("heir", term!(nil))]);
    let row = keywords(row);
    Some(term!({ok, (row)}))
}
