//! What chosen servers do, message by message, for as long as a page is open.

use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use otp_core::sys::{self, Keep, MessageKind, SysEvent};
use otp_core::{Node, Pid};
use serde::{Deserialize, Serialize};

use crate::observer::background;
use crate::views::title_of;

/// How many events are kept.
const KEPT: usize = 1_000;

/// The longest text of one that is kept, in characters.
const LONGEST: usize = 400;

/// What the hook in a server is called.
const HOOK: &str = "otp_observer";

/// The most servers that are traced at a time.
const MOST: usize = 64;

/// How many events a page gets: the messages that it shows have two each.
const SHOWN: usize = 200;

#[derive(Default)]
pub(crate) struct Traces(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    traced: HashSet<Pid>,
    events: VecDeque<Event>,
    count: u64,
    begun: Option<Instant>,
}

/// Something that a server has done.
struct Event {
    number: u64,
    /// In microseconds since the trace began.
    at: i64,
    pid: Pid,
    event: &'static str,
    kind: Option<&'static str>,
    text: Option<String>,
    client: Option<Pid>,
}

/// What a page shows of the traces of a node.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Trace {
    pub(crate) traced: Vec<Server>,
    /// The oldest first.
    pub(crate) events: Vec<Traced>,
}

/// A server that is traced.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Server {
    /// As it is called in the events.
    pub(crate) key: String,
    /// As its own node calls it.
    pub(crate) pid: String,
    pub(crate) title: Option<String>,
    /// The node, if it is another one than the page's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) node: Option<String>,
}

/// An event as it is shown.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Traced {
    /// Counted from 1.
    pub(crate) number: u64,
    /// In microseconds since the trace began.
    pub(crate) at: i64,
    pub(crate) pid: String,
    /// `in`, `out`, `noreply` or `continue`.
    event: Cow<'static, str>,
    /// What kind of message it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Cow<'static, str>>,
    /// The message, or the state after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    /// The node, if it is another one than the page's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) node: Option<String>,
}

impl Traces {
    /// Begins to trace a server; false if so many are traced already.
    pub(crate) fn begin(&self, pid: Pid) -> bool {
        let mut kept = kept(&self.0);
        if kept.traced.len() >= MOST {
            return false;
        }
        if kept.traced.insert(pid) {
            let shared = self.0.clone();
            let hook = move |event: &SysEvent| note(&shared, pid, event);
            background(async move {
                // A server that has ended is not traced.
                let _ = sys::install(pid, HOOK, hook).await;
            });
        }
        true
    }

    /// Traces it no more. The hook is removed at once if the server answers, and at its next message otherwise.
    pub(crate) fn end(&self, pid: Pid) {
        if kept(&self.0).traced.remove(&pid) {
            background(async move {
                let _ = sys::remove(pid, HOOK).await;
            });
        }
    }

    /// Nobody looks any more.
    pub(crate) fn stop(&self) {
        kept(&self.0).traced.clear();
    }

    pub(crate) fn clear(&self) {
        kept(&self.0).events.clear();
    }

    pub(crate) fn traces(&self, pid: Pid) -> bool {
        kept(&self.0).traced.contains(&pid)
    }

    /// When it is, in microseconds since the trace began.
    #[cfg(feature = "dist")]
    pub(crate) fn now(&self) -> i64 {
        kept(&self.0).now()
    }

    /// Who is traced, and what was seen last, with these names of processes.
    pub(crate) fn seen(&self, node: &Node, name: impl Fn(Pid) -> String) -> Trace {
        let kept = kept(&self.0);
        let mut traced: Vec<Pid> = kept.traced.iter().copied().collect();
        traced.sort_unstable();
        let events = kept.events.range(kept.events.len().saturating_sub(SHOWN)..);
        let events = events.map(|event| Traced {
            number: event.number,
            at: event.at,
            pid: name(event.pid),
            event: event.event.into(),
            kind: event.kind.map(Cow::from),
            text: event.text.clone(),
            client: event.client.map(&name),
            node: None,
        });
        let events = events.collect();
        drop(kept);
        let traced = traced.into_iter().map(|pid| Server {
            key: name(pid),
            pid: pid.to_string(),
            title: title_of(node, pid),
            node: None,
        });
        Trace {
            traced: traced.collect(),
            events,
        }
    }
}

impl Kept {
    fn now(&mut self) -> i64 {
        let begun = self.begun.get_or_insert_with(Instant::now);
        i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

fn kept(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs in the server.
fn note(shared: &Mutex<Kept>, pid: Pid, event: &SysEvent) -> Keep {
    let mut kept = kept(shared);
    if !kept.traced.contains(&pid) {
        return Keep::No;
    }
    let at = kept.now();
    kept.count += 1;
    let noted = noted(kept.count, at, pid, event);
    kept.events.push_back(noted);
    if kept.events.len() > KEPT {
        kept.events.pop_front();
    }
    Keep::Yes
}

fn noted(number: u64, at: i64, pid: Pid, event: &SysEvent) -> Event {
    let short = |text: &Option<String>| {
        let text = text.as_ref()?;
        Some(text.chars().take(LONGEST).collect())
    };
    let (event, kind, text, client) = match event {
        SysEvent::In {
            kind,
            message,
            client,
            ..
        } => ("in", Some(word(*kind)), short(message), *client),
        SysEvent::Out { to, state, .. } => ("out", None, short(state), *to),
        SysEvent::NoReply { state, .. } => ("noreply", None, short(state), None),
        _ => ("continue", None, None, None),
    };
    Event {
        number,
        at,
        pid,
        event,
        kind,
        text,
        client,
    }
}

fn word(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Call => "call",
        MessageKind::Cast => "cast",
        _ => "message",
    }
}
