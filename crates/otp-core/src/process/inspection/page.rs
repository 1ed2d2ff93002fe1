//! Some of a node's processes, sorted, for a view that shows a part of a million processes.

use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Duration;

use super::info::{ProcessInfo, ProcessState, snapshot};
use super::telemetry::nanos;
use crate::address::name::Name;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::life::block::Process;
use crate::process::life::ties::MoreTies;

/// A query for the processes of a node: which of them, in which order, and how many. For [`Node::process_page`].
///
/// By default these are the first hundred, in the order in which they were spawned.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process::{self, ProcessOrder, ProcessQuery};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// process::set_label("baker");
/// let longest = ProcessQuery::new().order(ProcessOrder::QueueLen).descending();
/// let page = process::node().process_page(&longest.containing("bak").limit(10));
/// assert_eq!((page.total, page.matching, page.processes.len()), (1, 1, 1));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ProcessQuery {
    order: ProcessOrder,
    descending: bool,
    text: Option<String>,
    state: Option<ProcessState>,
    offset: usize,
    limit: usize,
}

/// The key by which processes are sorted. Processes with equal keys are in the order in which they were spawned.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process::{self, ProcessOrder, ProcessQuery};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let busy = process::spawn(|_: Mailbox<u8>| std::future::pending::<()>());
/// busy.send(1);
/// busy.send(2);
/// let longest = ProcessQuery::new().order(ProcessOrder::QueueLen).descending();
/// let page = process::node().process_page(&longest);
/// assert_eq!(page.processes[0].pid, busy.pid());
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ProcessOrder {
    /// The order in which they were spawned.
    #[default]
    Pid,
    /// The first local or global name, or else the label; those without either come last.
    Name,
    /// The type of the body or of the server.
    InitialCall,
    /// The label; those without one come last.
    Label,
    /// The process that started them.
    Parent,
    /// The length of the mailbox.
    QueueLen,
    /// How many bytes the messages take in the mailbox.
    MailboxSize,
    /// How many processes they are linked with.
    Links,
    /// How many monitors they have set.
    Monitors,
    /// How many monitors are set on them.
    MonitoredBy,
    /// How many messages they have handled, as far as that is [counted](Node::observe).
    Handled,
    /// How long they have run, as far as that is counted.
    Busy,
    /// For how long they have been in a callback by now, as far as that is counted.
    Callback,
}

/// Some processes of a node.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process::{self, ProcessQuery};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// for _ in 0..5 {
///     process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
/// }
/// let page = process::node().process_page(&ProcessQuery::new().offset(4).limit(10));
/// assert_eq!((page.total, page.matching, page.processes.len()), (6, 6, 2));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProcessPage {
    /// How many processes there are.
    pub total: usize,
    /// How many of them were asked for, without the limit.
    pub matching: usize,
    /// Those of this page, without those that have ended since they were counted.
    pub processes: Vec<ProcessInfo>,
}

impl ProcessQuery {
    /// The first hundred processes, in the order in which they were spawned.
    #[must_use]
    pub fn new() -> Self {
        Self {
            order: ProcessOrder::Pid,
            descending: false,
            text: None,
            state: None,
            offset: 0,
            limit: 100,
        }
    }

    /// Sorts them by this.
    #[must_use]
    pub fn order(mut self, order: ProcessOrder) -> Self {
        self.order = order;
        self
    }

    /// The greatest first.
    #[must_use]
    pub fn descending(mut self) -> Self {
        self.descending = true;
        self
    }

    /// Only those that have this text in their pid, in a local or global name, in their label or in the type that they
    /// were started to run. Small and capital letters of ASCII are the same.
    #[must_use]
    pub fn containing(mut self, text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        self.text = (!text.is_empty()).then_some(text);
        self
    }

    /// Only those that are doing this.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process::{self, ProcessQuery, ProcessState};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let running = ProcessQuery::new().in_state(ProcessState::Running);
    /// let page = process::node().process_page(&running);
    /// assert_eq!(page.processes[0].pid, process::current());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn in_state(mut self, state: ProcessState) -> Self {
        self.state = Some(state);
        self
    }

    /// Leaves out so many at the beginning.
    #[must_use]
    pub fn offset(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }
}

impl Default for ProcessQuery {
    fn default() -> Self {
        Self::new()
    }
}

/// The sort key of a process.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    None,
    Number(u64),
    Time(Duration),
    Type(&'static str),
    Text(String),
    Nameless,
}

struct PageEntry {
    key: SortKey,
    process: Arc<dyn Process>,
}

pub(crate) fn page(node: &Node, query: &ProcessQuery) -> ProcessPage {
    let mut all = node.all();
    all.retain(|process| !process.head().is_exiting());
    let total = all.len();
    let now = nanos();
    let entry = |process: Arc<dyn Process>| {
        let text = query.text.as_ref();
        let state = query.state;
        let matches = state.is_none_or(|state| ProcessState::now(&*process) == state)
            && text.is_none_or(|text| is_shown_with(&*process, text));
        matches.then(|| PageEntry {
            key: key(node, &*process, query.order, now),
            process,
        })
    };
    let mut entries: Vec<PageEntry> = all.into_iter().filter_map(entry).collect();
    let matching = entries.len();
    let window = window(&mut entries, query);
    let infos = window.iter().map(|entry| &*entry.process);
    let alive = infos.filter(|process| !process.head().is_exiting());
    ProcessPage {
        total,
        matching,
        processes: alive.map(snapshot).collect(),
    }
}

/// The wanted part, sorted. The entries before and after it are only partitioned, which takes as many steps as there
/// are processes.
fn window<'a>(entries: &'a mut [PageEntry], query: &ProcessQuery) -> &'a [PageEntry] {
    let by = |a: &PageEntry, b: &PageEntry| compare(a, b, query.descending);
    let rest = match query.offset {
        0 => entries,
        offset if offset >= entries.len() => return &[],
        offset => {
            entries.select_nth_unstable_by(offset, by);
            &mut entries[offset..]
        }
    };
    let wanted = match query.limit {
        limit if limit < rest.len() => {
            rest.select_nth_unstable_by(limit, by);
            &mut rest[..limit]
        }
        _ => rest,
    };
    wanted.sort_unstable_by(by);
    wanted
}

/// Processes without a value of the key come last in both directions.
fn compare(a: &PageEntry, b: &PageEntry, descending: bool) -> Ordering {
    let nameless = |entry: &PageEntry| entry.key == SortKey::Nameless;
    let by_key = match descending {
        true => b.key.cmp(&a.key),
        false => a.key.cmp(&b.key),
    };
    let pids = (a.process.head().pid, b.process.head().pid);
    let by_pid = match descending && a.key == SortKey::None {
        true => pids.1.cmp(&pids.0),
        false => pids.0.cmp(&pids.1),
    };
    (nameless(a).cmp(&nameless(b))).then(by_key).then(by_pid)
}

fn key(node: &Node, process: &dyn Process, order: ProcessOrder, now: u64) -> SortKey {
    let head = process.head();
    let text = |text: Option<String>| text.map_or(SortKey::Nameless, SortKey::Text);
    let more = |read: fn(&MoreTies) -> Option<String>| {
        text(head.ties.with(|ties| ties.peek().and_then(read)))
    };
    let count = |read: fn(&MoreTies) -> usize| {
        SortKey::Number(head.ties.with(|ties| ties.peek().map_or(0, read)) as u64)
    };
    let activity = || node.telemetry().activity(process, now);
    match order {
        ProcessOrder::Pid => SortKey::None,
        ProcessOrder::Name => text(head.ties.with(|ties| {
            let name = ties.names().find_map(plain).map(str::to_owned);
            name.or_else(|| ties.peek()?.label.clone())
        })),
        ProcessOrder::Label => more(|more| more.label.clone()),
        ProcessOrder::InitialCall => SortKey::Type((head.initial_call)()),
        ProcessOrder::Parent => SortKey::Number(head.starter().map_or(0, Pid::id)),
        ProcessOrder::QueueLen => SortKey::Number(process.queued() as u64),
        ProcessOrder::MailboxSize => {
            SortKey::Number(process.queued().saturating_mul(process.item_size()) as u64)
        }
        ProcessOrder::Links => SortKey::Number(head.ties.with(|ties| ties.links().count()) as u64),
        ProcessOrder::Monitors => count(|more| more.monitors.len()),
        ProcessOrder::MonitoredBy => count(|more| more.watchers.len()),
        ProcessOrder::Handled => SortKey::Number(activity().map_or(0, |it| it.handled)),
        ProcessOrder::Busy => SortKey::Time(activity().map_or(Duration::ZERO, |it| it.busy)),
        ProcessOrder::Callback => {
            let since = activity().and_then(|it| it.callback);
            SortKey::Time(since.map_or(Duration::ZERO, |(_, time)| time))
        }
    }
}

/// A name whose text is known without asking code of the user's.
fn plain(name: &Name) -> Option<&str> {
    match name {
        Name::Local(text) | Name::Global(text) => Some(text),
        Name::Via(_) | Name::Remote(_) => None,
    }
}

fn is_shown_with(process: &dyn Process, text: &str) -> bool {
    let head = process.head();
    if contains((head.initial_call)(), text) {
        return true;
    }
    let by_itself = head.ties.with(|ties| {
        let label = ties.peek().and_then(|more| more.label.as_deref());
        let mut shown = ties.names().filter_map(plain).chain(label);
        shown.any(|shown| contains(shown, text))
    });
    by_itself || contains(&head.pid.to_string(), text)
}

/// Whether a text contains another one, which is in small letters.
pub(super) fn contains(text: &str, small: &str) -> bool {
    let (text, small) = (text.as_bytes(), small.as_bytes());
    let mut windows = text.windows(small.len().max(1));
    windows.any(|window| window.eq_ignore_ascii_case(small))
}
