//! One process: what it is, whom it knows, what it shows of itself.

use otp_core::sys::{self, Mode};
use otp_core::{Name, Pid, TimeLimit};
use serde::Serialize;
use serde_json::{Value, json};

use super::{LONGEST, Row, short, shown, title_of};
use crate::state::State;

/// The most relations of one kind that are shown.
const MOST_RELATIONS: usize = 50;

/// The longest text of a state, in characters.
const MOST_STATE: usize = 100_000;

/// The most reports that are shown.
const MOST_REPORTS: usize = 5;

/// What a server says of itself.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Status {
    suspended: bool,
    server: &'static str,
    state: Option<String>,
    /// In bytes.
    state_size: usize,
    /// In bytes, if it tells.
    heap_size: Option<usize>,
    /// The first messages that wait.
    queue: Vec<String>,
}

/// A process that a page shows, and what it was called, for when it is gone.
pub(crate) struct Known {
    pid: Pid,
    name: Option<Name>,
    last: Option<Row>,
}

impl Known {
    pub(crate) fn new(pid: Pid) -> Self {
        Self {
            pid,
            name: None,
            last: None,
        }
    }

    pub(crate) async fn look(&mut self, state: &State) -> Value {
        let place = format!("process {}", self.pid);
        let Some(info) = state.node.process_info(self.pid) else {
            return self.gone(state, &place);
        };
        state.places.see(&state.node, &place, Some(self.pid));
        self.name = info.names.first().cloned();
        self.last = Some(Row::of(&info));
        let (status, owes) = match info.is_server() {
            true => ask(state, self.pid).await,
            false => (None, None),
        };
        let related = |pids: &[Pid]| related(state, pids);
        json!({
            "row": Row::of(&info),
            "names": names(&info.names),
            "messages": info.message_type,
            "traps": info.trap_exit,
            "lost": info.messages_lost,
            "mailbox": info.mailbox_size,
            "polls": info.activity.map(|it| it.polls),
            "ancestors": related(&info.ancestors),
            "links": related(&info.links),
            "monitors": related(&info.monitors),
            "monitored_names": names(&info.monitored_names),
            "watchers": related(&info.monitored_by),
            "is_server": info.is_server(),
            "status": status,
            "owes": owes,
            "traced": state.traces.traces(self.pid),
            "reports": state.reports.about(&self.pid.to_string(), MOST_REPORTS),
        })
    }

    /// What is left of one that has ended: why, and who has its name now.
    fn gone(&self, state: &State, place: &str) -> Value {
        let ended = state.places.see(&state.node, place, None);
        let successor = self.name.clone().and_then(|name| state.node.whereis(name));
        json!({
            "gone": true,
            "pid": self.pid.to_string(),
            "row": self.last,
            "ended": ended,
            "successor": successor.map(|pid| pid.to_string()),
            "reports": state.reports.about(&self.pid.to_string(), MOST_REPORTS),
        })
    }
}

fn names(names: &[Name]) -> Vec<String> {
    let some = names.iter().take(MOST_RELATIONS);
    some.map(|name| shown(|| name.to_string())).collect()
}

/// Processes by pid and by what they are called.
fn related(state: &State, pids: &[Pid]) -> Value {
    let some = pids
        .iter()
        .take(MOST_RELATIONS)
        .map(|pid| json!({ "pid": pid.to_string(), "title": title_of(&state.node, *pid) }));
    json!({ "count": pids.len(), "some": some.collect::<Vec<_>>() })
}

/// The status that the server has given last, and for how many seconds it owes the next one, if it does for long.
async fn ask(state: &State, pid: Pid) -> (Option<Status>, Option<u64>) {
    let question = || async move {
        let status = sys::get_status(pid).timeout(TimeLimit::Infinity).await;
        let status = status.ok()?;
        Some(Status {
            suspended: status.mode == Mode::Suspended,
            server: status.server,
            state: status.state.map(|state| short(state, MOST_STATE)),
            state_size: status.state_size,
            heap_size: status.heap_size,
            queue: status
                .queue
                .into_iter()
                .map(|it| short(it, LONGEST))
                .collect(),
        })
    };
    let known = state.statuses.ask(pid, question).await;
    let owes = known.owes.map(|owes| owes.as_secs());
    (known.answer, owes.filter(|owes| *owes > 0))
}
