//! What the page shows: each view is gathered here and drawn there.

pub(crate) mod contents;
pub(crate) mod held;
mod nodes;
pub(crate) mod overview;
pub(crate) mod process;
pub(crate) mod processes;
mod trace;
pub(crate) mod tree;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use otp_core::process::{ContentsQuery, ProcessInfo, ProcessQuery, ProcessState, ProcessStatus};
use otp_core::{Node, Pid};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::state::State;

#[cfg(feature = "dist")]
pub(crate) use self::nodes::system;

/// How often a view is looked at, if that is quick.
const STEP: Duration = Duration::from_millis(500);

/// How often if nobody sees the page.
const SLOW: Duration = Duration::from_secs(10);

/// What the page asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Params {
    view: String,
    order: String,
    descending: bool,
    text: String,
    state: String,
    offset: usize,
    limit: Option<usize>,
    pid: String,
    table: u64,
    slow: bool,
}

/// The most rows that a page gets.
const MOST_ROWS: usize = 500;

impl Params {
    fn limit(&self) -> usize {
        self.limit.unwrap_or(100).min(MOST_ROWS)
    }

    /// The time between two looks.
    pub(crate) fn step(&self) -> Duration {
        match self.slow {
            true => SLOW,
            false => STEP,
        }
    }

    fn contents(&self, holder: contents::Holder) -> View {
        let query = ContentsQuery::new().containing(&self.text);
        View::Contents(holder, query.offset(self.offset).limit(self.limit()))
    }
}

/// Something that a page shows.
pub(crate) enum View {
    Overview,
    Tree,
    Processes(ProcessQuery, usize),
    Process(Box<process::Known>),
    Held,
    Contents(contents::Holder, ContentsQuery),
    Reports,
    Nodes,
    Trace,
}

/// How many reports a page gets at most.
const MOST_REPORTS: usize = 200;

impl View {
    /// Nothing if there is no such view.
    pub(crate) fn of(params: &Params) -> Option<Self> {
        Some(match params.view.as_str() {
            "overview" => Self::Overview,
            "tree" => Self::Tree,
            "processes" => {
                let order = processes::order(&params.order)?;
                let limit = params.limit();
                let query = ProcessQuery::new().order(order).containing(&params.text);
                let query = query.offset(params.offset).limit(limit);
                let query = match params.descending {
                    true => query.descending(),
                    false => query,
                };
                let query = match params.state.as_str() {
                    "" => query,
                    wanted => {
                        let (_, state) = STATES.iter().find(|(name, _)| *name == wanted)?;
                        query.in_state(*state)
                    }
                };
                Self::Processes(query, params.offset)
            }
            "process" => Self::Process(Box::new(process::Known::new(params.pid.parse().ok()?))),
            "held" => Self::Held,
            "table" => params.contents(contents::Holder::Table(params.table)),
            "entries" => params.contents(contents::Holder::Keeper(params.pid.parse().ok()?)),
            "reports" => Self::Reports,
            "nodes" => Self::Nodes,
            "trace" => Self::Trace,
            _ => return None,
        })
    }

    /// Whether it changes at once when a process ends.
    pub(crate) fn shows_ends(&self) -> bool {
        matches!(self, Self::Tree | Self::Process(_))
    }

    /// What it shows at this moment, as JSON, and how much work that was on other threads than the caller's.
    pub(crate) async fn look(&mut self, state: &State) -> (String, Duration) {
        let mut aside = Duration::ZERO;
        let seen = match self {
            Self::Overview => overview::look(state, &mut aside).await,
            Self::Tree => tree::look(state, &mut aside).await,
            Self::Processes(query, offset) => {
                processes::look(state, query, *offset, &mut aside).await
            }
            Self::Process(known) => known.look(state).await,
            Self::Held => held::look(state, &mut aside).await,
            Self::Contents(holder, query) => {
                contents::look(state, *holder, query, &mut aside).await
            }
            Self::Reports => json!({
                "count": state.reports.count(),
                "reports": state.reports.last(MOST_REPORTS),
            }),
            Self::Nodes => nodes::look(state).await,
            Self::Trace => trace::look(state).await,
        };
        (seen.to_string(), aside)
    }
}

/// A process as a line of a list.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) pid: String,
    pub(crate) name: Option<String>,
    pub(crate) label: Option<String>,
    /// The whole path of the type that it runs.
    pub(crate) call: &'static str,
    pub(crate) status: &'static str,
    pub(crate) queue: usize,
    pub(crate) handled: Option<u64>,
    /// In milliseconds.
    pub(crate) busy: Option<f64>,
    pub(crate) callback: Option<&'static str>,
    /// For how many whole seconds it has been in it.
    pub(crate) since: u64,
    pub(crate) waiting: Option<String>,
    pub(crate) links: usize,
    pub(crate) monitors: usize,
    pub(crate) watchers: usize,
    pub(crate) parent: Option<String>,
}

impl Row {
    pub(crate) fn of(info: &ProcessInfo) -> Self {
        let activity = info.activity;
        let callback = activity.and_then(|it| it.callback);
        Self {
            pid: info.pid.to_string(),
            name: name(info),
            label: info.label.clone(),
            call: info.initial_call,
            status: status(info),
            queue: info.message_queue_len,
            handled: activity.map(|it| it.handled),
            busy: activity.map(|it| (it.busy.as_secs_f64() * 10_000.0).round() / 10.0),
            callback: callback.map(|(callback, _)| callback.name()),
            since: callback.map_or(0, |(_, time)| time.as_secs()),
            waiting: info.waiting_for.map(|pid| pid.to_string()),
            links: info.links.len(),
            monitors: info.monitors.len(),
            watchers: info.monitored_by.len(),
            parent: info.parent().map(|pid| pid.to_string()),
        }
    }
}

fn status(info: &ProcessInfo) -> &'static str {
    let is = |(_, state): &&(_, _)| *state == info.state();
    match STATES.iter().find(is) {
        _ if info.status == ProcessStatus::Exiting => "exiting",
        Some((name, _)) => name,
        None => "",
    }
}

/// What the page calls the states.
const STATES: [(&str, ProcessState); 5] = [
    ("running", ProcessState::Running),
    ("calling", ProcessState::Calling),
    ("handling", ProcessState::Handling),
    ("behind", ProcessState::Behind),
    ("idle", ProcessState::Idle),
];

/// The first name of a process. The key of a registry shows itself, and may fail to.
pub(crate) fn name(info: &ProcessInfo) -> Option<String> {
    let name = info.names.first()?;
    Some(shown(|| name.to_string()))
}

/// What a process is called: its name, its label, or else what it runs.
pub(crate) fn title(info: &ProcessInfo) -> String {
    let title = name(info).or_else(|| info.label.clone());
    title.unwrap_or_else(|| info.initial_call.to_owned())
}

pub(crate) fn title_of(node: &Node, pid: Pid) -> Option<String> {
    node.process_info(pid).as_ref().map(title)
}

/// A text that a value of the user's makes of itself.
pub(crate) fn shown(make: impl FnOnce() -> String) -> String {
    catch_unwind(AssertUnwindSafe(make)).unwrap_or_else(|_| "(it cannot be shown)".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_fails_to_show_itself_fails_alone() {
        assert_eq!(shown(|| "fine".to_owned()), "fine");
        assert_eq!(shown(|| panic!("no")), "(it cannot be shown)");
    }
}
