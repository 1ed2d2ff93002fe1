//! What all who take part write down.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How many complaints are kept word by word. One defect can cause thousands.
const KEPT: usize = 20;

/// The counters of a soak, and its complaints.
#[derive(Debug, Default)]
pub struct Ledger {
    operations: Vec<AtomicU64>,
    /// Workers that have begun and that have ended.
    starts: AtomicU64,
    ends: AtomicU64,
    /// Children that supervisors have started, those of them that somebody had asked for, and the most restarts that what was
    /// done to the others can have caused.
    children: AtomicU64,
    asked: AtomicU64,
    most_restarts: AtomicU64,
    downs: AtomicU64,
    reports: AtomicU64,
    complaints: Mutex<Complaints>,
}

#[derive(Debug, Default)]
struct Complaints {
    number: u64,
    first: Vec<String>,
}

impl Ledger {
    pub(crate) fn new(operations: usize) -> Self {
        Self {
            operations: (0..operations).map(|_| AtomicU64::new(0)).collect(),
            ..Self::default()
        }
    }

    /// Something that must not happen has happened.
    pub(crate) fn complain(&self, what: String) {
        let mut complaints = self.complaints.lock().expect("nobody panics in here");
        complaints.number += 1;
        if complaints.first.len() < KEPT {
            complaints.first.push(what);
        }
    }

    /// The operation with this number is over.
    pub(crate) fn did(&self, operation: usize) {
        self.operations[operation].fetch_add(1, Relaxed);
    }

    pub(crate) fn worker_started(&self) {
        self.starts.fetch_add(1, Relaxed);
    }

    pub(crate) fn worker_ended(&self) {
        self.ends.fetch_add(1, Relaxed);
    }

    /// A supervisor starts a child.
    pub(crate) fn child_started(&self) {
        self.children.fetch_add(1, Relaxed);
    }

    /// Somebody asks a supervisor for so many children.
    pub(crate) fn asks_for_children(&self, number: u64) {
        self.asked.fetch_add(number, Relaxed);
    }

    /// Something is done after which supervisors may start so many children anew.
    pub(crate) fn may_restart(&self, children: u64) {
        self.most_restarts.fetch_add(children, Relaxed);
    }

    pub(crate) fn down(&self) {
        self.downs.fetch_add(1, Relaxed);
    }

    pub(crate) fn report(&self) {
        self.reports.fetch_add(1, Relaxed);
    }

    /// How often each operation has been done.
    pub(crate) fn operations(&self) -> Vec<u64> {
        self.operations
            .iter()
            .map(|count| count.load(Relaxed))
            .collect()
    }

    /// How many operations have been done.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.operations().iter().sum()
    }

    /// Children that supervisors have started without being asked to.
    #[must_use]
    pub fn restarts(&self) -> u64 {
        let children = self.children.load(Relaxed);
        children.saturating_sub(self.asked.load(Relaxed))
    }

    pub(crate) fn most_restarts(&self) -> u64 {
        self.most_restarts.load(Relaxed)
    }

    /// Workers whose state there is.
    pub(crate) fn workers(&self) -> usize {
        let ends = self.ends.load(Relaxed);
        let alive = self.starts.load(Relaxed).saturating_sub(ends);
        usize::try_from(alive).unwrap_or(usize::MAX)
    }

    /// DOWN messages that watchers have had.
    pub(crate) fn downs(&self) -> u64 {
        self.downs.load(Relaxed)
    }

    /// Error reports that otp-core has written.
    pub(crate) fn reports(&self) -> u64 {
        self.reports.load(Relaxed)
    }

    /// How many complaints there are, and the first of them.
    pub(crate) fn complaints(&self) -> (u64, Vec<String>) {
        let complaints = self.complaints.lock().expect("nobody panics in here");
        (complaints.number, complaints.first.clone())
    }
}
