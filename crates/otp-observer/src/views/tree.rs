//! Applications, supervisors and their children, and who started whom.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use otp_core::guard::GuardState;
use otp_core::process::{ProcessInfo, ProcessQuery};
use otp_core::supervisor::{AutoShutdown, ChildInfo, ChildStatus, Flags};
use otp_core::{Applications, DynamicSupervisorRef, Node, Pid, Strategy, SupervisorRef};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::{Row, name, shown, title};
use crate::places::Ended;
use crate::state::State;

/// The most processes that are looked at: the first that were spawned and live.
const MOST: usize = 5_000;

/// The most that are shown below one.
const MOST_BELOW: usize = 200;

/// The deepest that a tree is shown.
const DEEPEST: usize = 40;

/// What a supervisor says of itself.
#[derive(Debug, Clone)]
pub(crate) struct Answers {
    flags: Option<Flags>,
    children: Vec<ChildInfo>,
}

/// A process or a child that does not run, with what stands below it.
#[derive(Debug, Serialize)]
struct Twig {
    /// Where it stands, which stays the same when it is started again.
    key: String,
    title: String,
    /// `supervisor`, `dynamic`, `server` or `process`.
    kind: &'static str,
    /// The application whose top it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<Row>,
    /// How a supervisor behaves.
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<Value>,
    /// What a guard does with its child.
    #[serde(skip_serializing_if = "Option::is_none")]
    guard: Option<Value>,
    /// For how many seconds a supervisor owes an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    owes: Option<u64>,
    /// What a supervisor says of its child.
    #[serde(skip_serializing_if = "Option::is_none")]
    child: Option<Value>,
    /// How the one before it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Ended>,
    below: Vec<Twig>,
    /// How many more there are below it.
    more: usize,
}

pub(crate) async fn look(state: &State, aside: &mut Duration) -> Value {
    let node = state.node.clone();
    let begun = Instant::now();
    let page = spawn_blocking(move || node.process_page(&ProcessQuery::new().limit(MOST))).await;
    *aside += begun.elapsed();
    let Ok(page) = page else {
        return Value::Null;
    };
    let asked = page.processes.iter().map(|info| ask(state, info.pid));
    let answers = join_all(asked).await.into_iter().flatten().collect();
    let gathered = Gathered::new(state, &page.processes, answers);
    let roots = gathered.below(None, "", 0).0;
    json!({
        "total": page.total,
        "shown": page.processes.len(),
        "roots": roots,
    })
}

/// What a supervisor answers, and for how long it owes that; `None` of a process that is none.
async fn ask(state: &State, pid: Pid) -> Option<(Pid, Answered)> {
    let known = if let Some(supervisor) = SupervisorRef::find(&state.node, pid) {
        let question = || async move {
            let flags = supervisor.flags().await.ok()?;
            let mut children = supervisor.which_children().await.ok()?;
            children.reverse();
            let flags = Some(flags);
            Some(Answers { flags, children })
        };
        state.supervisors.ask(pid, question).await
    } else {
        let supervisor = DynamicSupervisorRef::find(&state.node, pid)?;
        let question = || async move {
            let mut children = supervisor.which_children().await.ok()?;
            children.sort_by_key(ChildInfo::pid);
            let flags = None;
            Some(Answers { flags, children })
        };
        state.supervisors.ask(pid, question).await
    };
    let owes = known.owes.map(|owes| owes.as_secs());
    let answered = Answered {
        answers: known.answer,
        owes: owes.filter(|owes| *owes > 0),
    };
    Some((pid, answered))
}

struct Answered {
    /// None if it has never answered.
    answers: Option<Answers>,
    owes: Option<u64>,
}

/// What stands below each process; below `None` what stands below nobody.
struct Gathered<'a> {
    state: &'a State,
    answers: HashMap<Pid, Answered>,
    applications: HashMap<Pid, String>,
    below: HashMap<Option<Pid>, Vec<Entry<'a>>>,
}

/// A process, the child of a supervisor, or most often both.
#[derive(Clone)]
struct Entry<'a> {
    info: Option<&'a ProcessInfo>,
    child: Option<ChildInfo>,
}

impl<'a> Gathered<'a> {
    fn new(state: &'a State, infos: &'a [ProcessInfo], answers: HashMap<Pid, Answered>) -> Self {
        let by_pid: HashMap<Pid, &ProcessInfo> = infos.iter().map(|it| (it.pid, it)).collect();
        let mut below: HashMap<Option<Pid>, Vec<Entry<'_>>> = HashMap::new();
        let mut claimed = HashSet::new();
        for (supervisor, answered) in &answers {
            let children = answered.answers.iter().flat_map(|it| &it.children);
            for child in children {
                let info = child.pid().and_then(|pid| by_pid.get(&pid).copied());
                claimed.extend(child.pid());
                let child = Some(child.clone());
                let entries = below.entry(Some(*supervisor)).or_default();
                entries.push(Entry { info, child });
            }
        }
        for info in infos.iter().filter(|info| !claimed.contains(&info.pid)) {
            let mut ancestors = info.ancestors.iter().copied();
            let above = ancestors.find(|pid| by_pid.contains_key(pid));
            let entry = Entry {
                info: Some(info),
                child: None,
            };
            below.entry(above).or_default().push(entry);
        }
        Self {
            state,
            answers,
            applications: applications(&state.node),
            below,
        }
    }

    /// What stands below a process, and how much more there is.
    fn below(&self, pid: Option<Pid>, path: &str, depth: usize) -> (Vec<Twig>, usize) {
        let entries = self.below.get(&pid).map_or(&[][..], Vec::as_slice);
        if depth >= DEEPEST {
            return (Vec::new(), entries.len());
        }
        let mut taken = HashMap::<String, usize>::new();
        let shown = entries.iter().take(MOST_BELOW);
        let twigs = shown.map(|entry| {
            let mut key = format!("{path}/{}", entry.place());
            // Several that are called the same are told apart by their order.
            let same = taken.entry(key.clone()).or_default();
            *same += 1;
            if *same > 1 {
                key = format!("{key}#{same}");
            }
            self.twig(entry, pid, key, depth)
        });
        (twigs.collect(), entries.len().saturating_sub(MOST_BELOW))
    }

    /// How a child ended that has ended before anybody looked.
    fn told(&self, supervisor: Pid, child: &ChildInfo) -> Option<Ended> {
        if child.restarts == 0 {
            return None;
        }
        let id = child.id.as_ref()?;
        let info = self.state.node.process_info(supervisor)?;
        let name = name(&info).unwrap_or_else(|| supervisor.to_string());
        self.state.reports.end_of(&name, &shown(|| id.to_string()))
    }

    fn twig(&self, entry: &Entry<'_>, above: Option<Pid>, key: String, depth: usize) -> Twig {
        let pid = entry.info.map(|info| info.pid);
        let pid = pid.or_else(|| entry.child.as_ref()?.pid());
        let answered = pid.and_then(|pid| self.answers.get(&pid));
        let flags = answered.and_then(|it| it.answers.as_ref()?.flags.as_ref());
        let last = entry.child.as_ref().and_then(|child| {
            let seen = self.state.places.see(&self.state.node, &key, pid);
            seen.or_else(|| self.told(above?, child))
        });
        let (below, more) = match pid {
            Some(_) => self.below(pid, &key, depth + 1),
            None => (Vec::new(), 0),
        };
        Twig {
            title: entry.title(),
            kind: match (answered, flags, entry.info) {
                (Some(_), Some(_), _) => "supervisor",
                (Some(_), None, _) => "dynamic",
                (None, _, Some(info)) if info.is_server() => "server",
                _ => "process",
            },
            application: pid.and_then(|pid| self.applications.get(&pid).cloned()),
            row: entry.info.map(Row::of),
            flags: flags.map(shown_flags),
            guard: pid.and_then(|pid| guard(&self.state.node, pid)),
            owes: answered.and_then(|it| it.owes),
            child: entry.child.as_ref().map(shown_child),
            last,
            below,
            more,
            key,
        }
    }
}

impl Entry<'_> {
    fn id(&self) -> Option<String> {
        let id = self.child.as_ref()?.id.as_ref()?;
        Some(shown(|| id.to_string()))
    }

    /// What it is called among those beside it, also after it was started again.
    fn place(&self) -> String {
        let pid = || self.info.map(|info| info.pid.to_string());
        self.id().or_else(pid).unwrap_or_default()
    }

    /// What it is called: by its supervisor if it has one, or else by itself.
    fn title(&self) -> String {
        let own = || self.info.map(title);
        let title = self.id().or_else(own);
        title.unwrap_or_else(|| "undefined".to_owned())
    }
}

/// The applications that run, by their top processes.
fn applications(node: &Node) -> HashMap<Pid, String> {
    let applications = Applications::on(node);
    let running = applications.which_applications().into_iter();
    running
        .filter_map(|it| Some((applications.supervisor(&it.name)?, it.name)))
        .collect()
}

/// A guard; `None` of a process that is none.
fn guard(node: &Node, pid: Pid) -> Option<Value> {
    let info = node.guard_info(pid)?;
    let left = match info.state {
        // As many as are left at least, so that the last one is no second.
        GuardState::Waiting(left) => Some(left.as_secs() + 1),
        _ => None,
    };
    let holder = match info.state {
        GuardState::NameTaken(pid) => Some(pid.to_string()),
        _ => None,
    };
    Some(json!({
        "restarts": info.restarts,
        "left": left,
        "starts": info.state == GuardState::Starting,
        "holder": holder,
    }))
}

fn shown_flags(flags: &Flags) -> Value {
    json!({
        "strategy": match flags.strategy {
            Strategy::OneForOne => "one_for_one",
            Strategy::OneForAll => "one_for_all",
            Strategy::RestForOne => "rest_for_one",
        },
        "most": flags.max_restarts,
        "period": flags.period.as_secs_f64(),
        "ends": match flags.auto_shutdown {
            AutoShutdown::Never => None,
            AutoShutdown::AnySignificant => Some("any_significant"),
            AutoShutdown::AllSignificant => Some("all_significant"),
        },
    })
}

fn shown_child(child: &ChildInfo) -> Value {
    json!({
        "id": child.id.as_ref().map(|id| shown(|| id.to_string())),
        "status": match child.status {
            ChildStatus::Running(_) => "running",
            ChildStatus::Restarting => "restarting",
            ChildStatus::Stopped => "stopped",
        },
        "restart": child.restart.to_string(),
        "restarts": child.restarts,
    })
}
