//! What a node did in the last two minutes, for the lines that show it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use otp_core::process::Totals;
use serde::Serialize;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::observer::background;
use crate::state::State;
use crate::stream::rest;

/// As long as the lines are.
const KEPT: usize = 120;

/// How often it is looked.
const STEP: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(crate) struct History(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    samples: VecDeque<Sample>,
    /// Whether somebody looks each second.
    followed: bool,
}

/// What was seen at one moment, and the rates since the one before.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Sample {
    pub(crate) processes: usize,
    pub(crate) queued: usize,
    /// Messages a second.
    pub(crate) messages: f64,
    /// Processes a second that were spawned.
    pub(crate) spawned: f64,
    /// Of all children since the begin of the node.
    pub(crate) restarts: u64,
    /// How many threads were busy with processes.
    pub(crate) busy: f64,
    /// In bytes; nothing where the system does not tell.
    pub(crate) memory: Option<u64>,
}

impl History {
    /// Looks each second for as long as a page is open.
    pub(crate) fn follow(&self, state: &Arc<State>) {
        let mut kept = self.kept();
        if !kept.followed {
            kept.followed = true;
            // What was before is no neighbour of what comes.
            kept.samples.clear();
            background(look_on(state.clone()));
        }
    }

    pub(crate) fn samples(&self) -> Vec<Sample> {
        self.kept().samples.iter().copied().collect()
    }

    fn add(&self, sample: Sample) {
        let samples = &mut self.kept().samples;
        samples.push_back(sample);
        if samples.len() > KEPT {
            samples.pop_front();
        }
    }

    /// True if nobody looks any more.
    fn is_over(&self, state: &State) -> bool {
        // A page that is opened now begins to follow either before this or after it.
        let observation = state.observation();
        let mut kept = self.kept();
        kept.followed = observation.is_some();
        !kept.followed
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn look_on(state: Arc<State>) {
    let mut before: Option<(Totals, Instant)> = None;
    while !state.history.is_over(&state) {
        let node = state.node.clone();
        let begun = Instant::now();
        let Ok((totals, memory)) = spawn_blocking(move || (node.totals(), memory())).await else {
            return;
        };
        let cost = begun.elapsed();
        if let Some((last, at)) = before {
            let seconds = begun.duration_since(at).as_secs_f64().max(0.001);
            let rate = |now: u64, then: u64| now.saturating_sub(then) as f64 / seconds;
            let busy = totals.busy.saturating_sub(last.busy);
            state.history.add(Sample {
                processes: totals.process_count,
                queued: totals.queued,
                messages: rate(totals.handled, last.handled),
                spawned: rate(totals.spawned, last.spawned),
                restarts: totals.restarts,
                busy: busy.as_secs_f64() / seconds,
                memory,
            });
        }
        before = Some((totals, begun));
        // It has half of the share of a page.
        sleep(rest(STEP, cost, 2)).await;
    }
}

/// The memory that the program has, as Linux tells it.
pub(crate) fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
