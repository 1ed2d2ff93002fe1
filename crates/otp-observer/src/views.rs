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

/// The longest text that is looked for, in bytes: each text of a row is compared with it at each place.
const LONGEST_SEARCH: usize = 400;

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
        if params.text.len() > LONGEST_SEARCH {
            return None;
        }
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
            label: label(info),
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

fn label(info: &ProcessInfo) -> Option<String> {
    Some(short(info.label.clone()?, LONGEST))
}

/// What a process is called: its name, its label, or else what it runs.
pub(crate) fn title(info: &ProcessInfo) -> String {
    let title = name(info).or_else(|| label(info));
    title.unwrap_or_else(|| info.initial_call.to_owned())
}

/// The same for a reader: a type without the modules that it is in.
pub(crate) fn title_of(node: &Node, pid: Pid) -> Option<String> {
    let info = node.process_info(pid)?;
    let title = name(&info).or_else(|| label(&info));
    Some(title.unwrap_or_else(|| type_name(info.initial_call)))
}

fn type_name(path: &str) -> String {
    let path = path.replace("::{{closure}}", "");
    let is_of_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let (mut name, mut rest) = (String::new(), path.as_str());
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|it| !is_of_word(it)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end.max(first.len_utf8()));
        let below = after.strip_prefix("::").filter(|_| end > 0);
        match below.filter(|below| below.starts_with(|it| is_of_word(it) || it == '<')) {
            Some(below) => rest = below,
            None => {
                name.push_str(word);
                rest = after;
            }
        }
    }
    name
}

/// A text that a value of the user's makes of itself.
pub(crate) fn shown(make: impl FnOnce() -> String) -> String {
    match catch_unwind(AssertUnwindSafe(make)) {
        Ok(text) => short(text, LONGEST),
        Err(_) => "(it cannot be shown)".to_owned(),
    }
}

/// The longest text of a value, in characters.
pub(crate) const LONGEST: usize = 2_000;

/// At most so many characters of a text of the user's, which may have any length.
pub(crate) fn short(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_fails_to_show_itself_fails_alone() {
        assert_eq!(shown(|| "fine".to_owned()), "fine");
        assert_eq!(shown(|| panic!("no")), "(it cannot be shown)");
    }

    #[test]
    fn a_type_is_named_without_its_modules() {
        for (path, name) in [
            ("Supervisor", "Supervisor"),
            ("shop::till::Till", "Till"),
            ("shop::open::{{closure}}", "open"),
            ("a::B<c::d::E, (f::G, u8)>", "B<E, (G, u8)>"),
            ("<a::B as c::D>::run", "<B as D>::run"),
            ("alloc::ä::B", "alloc::ä::B"),
            ("", ""),
        ] {
            assert_eq!(type_name(path), name);
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(short("äöü".to_owned(), 3), "äöü");
        assert_eq!(short("äöü".to_owned(), 2), "äö…");
        assert_eq!(shown(|| "ä".repeat(5_000)).chars().count(), LONGEST + 1);
    }
}
