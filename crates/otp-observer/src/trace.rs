//! What chosen servers do, message by message, for as long as a page is open.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use otp_core::Pid;
use otp_core::sys::{self, Keep, MessageKind, SysEvent};
use serde::Serialize;

use crate::observer::background;

/// How many events are kept.
const KEPT: usize = 1_000;

/// The longest text of one that is kept, in characters.
const LONGEST: usize = 400;

/// What the hook in a server is called.
const HOOK: &str = "otp_observer";

/// The most servers that are traced at a time.
const MOST: usize = 64;

#[derive(Default)]
pub(crate) struct Traces(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    traced: HashSet<Pid>,
    events: VecDeque<Traced>,
    count: u64,
    begun: Option<Instant>,
}

/// Something that a server has done.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Traced {
    /// Counted from 1.
    number: u64,
    /// In microseconds since the first one.
    at: u64,
    pid: String,
    /// `in`, `out`, `noreply` or `continue`.
    event: &'static str,
    /// What kind of message it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    /// The message, or the state after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
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

    /// Who is traced, and what was seen, the oldest first.
    pub(crate) fn seen(&self) -> (Vec<Pid>, Vec<Traced>) {
        let kept = kept(&self.0);
        let mut traced: Vec<Pid> = kept.traced.iter().copied().collect();
        traced.sort_unstable();
        (traced, kept.events.iter().cloned().collect())
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
    let begun = *kept.begun.get_or_insert_with(Instant::now);
    kept.count += 1;
    let traced = traced(kept.count, begun, pid, event);
    kept.events.push_back(traced);
    if kept.events.len() > KEPT {
        kept.events.pop_front();
    }
    Keep::Yes
}

fn traced(number: u64, begun: Instant, pid: Pid, event: &SysEvent) -> Traced {
    let short = |text: &Option<String>| {
        let text = text.as_ref()?;
        Some(text.chars().take(LONGEST).collect())
    };
    let client = |pid: &Option<Pid>| pid.map(|pid| pid.to_string());
    let (event, kind, text, client) = match event {
        SysEvent::In {
            kind,
            message,
            client: from,
            ..
        } => ("in", Some(word(*kind)), short(message), client(from)),
        SysEvent::Out { to, state, .. } => ("out", None, short(state), client(to)),
        SysEvent::NoReply { state, .. } => ("noreply", None, short(state), None),
        _ => ("continue", None, None, None),
    };
    Traced {
        number,
        at: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
        pid: pid.to_string(),
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
