//! What a soak comes to.

use std::fmt;

use crate::ledger::Ledger;
use crate::memory;
use crate::plan::Plan;
use crate::survey::Survey;

/// Something of which there is not as much as there should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// The round, counted from 1.
    pub round: u32,
    /// When it was counted: `at rest`, with the world as it was at first, or `at the end`, with the world stopped.
    pub moment: &'static str,
    /// What it is.
    pub what: &'static str,
    /// How much of it there should be.
    pub expected: usize,
    /// How much there is.
    pub found: usize,
}

/// The figures of a soak that is over.
#[derive(Debug, Clone)]
pub struct Report {
    plan: Plan,
    at_first: usize,
    /// What was left over, in all rounds.
    pub leftovers: Vec<Leftover>,
    /// Bytes in use after each round.
    pub bytes: Vec<usize>,
    /// How often each operation was done.
    pub operations: Vec<(&'static str, u64)>,
    /// What happened that must not happen: the first few, in words.
    pub complaints: Vec<String>,
    /// How often something of that kind happened.
    pub complaint_count: u64,
    /// Whether it was asked to end early.
    pub was_interrupted: bool,
    restarts: u64,
    most_restarts: u64,
    downs: u64,
    reports: u64,
}

impl Report {
    pub(crate) fn new(plan: Plan, at_first: usize) -> Self {
        Self {
            plan,
            at_first,
            leftovers: Vec::new(),
            bytes: Vec::new(),
            operations: Vec::new(),
            complaints: Vec::new(),
            complaint_count: 0,
            was_interrupted: false,
            restarts: 0,
            most_restarts: 0,
            downs: 0,
            reports: 0,
        }
    }

    /// Takes over what was written down.
    pub(crate) fn close(&mut self, ledger: &Ledger) {
        self.restarts = ledger.restarts();
        self.most_restarts = ledger.most_restarts();
        self.downs = ledger.downs();
        self.reports = ledger.reports();
        if self.restarts > self.most_restarts {
            ledger.complain(format!(
                "{} restarts, where at most {} can have been caused",
                self.restarts, self.most_restarts
            ));
        }
        (self.complaint_count, self.complaints) = ledger.complaints();
    }

    /// By how many bytes memory has grown, if by more than comes and goes.
    #[must_use]
    pub fn growth(&self) -> Option<usize> {
        memory::growth(&self.bytes)
    }

    /// Whether nothing was left over, nothing happened that must not happen, and memory has not grown.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.leftovers.is_empty() && self.complaint_count == 0 && self.growth().is_none()
    }

    fn left_over(&self, what: &str, moment: &str) -> usize {
        let of_this = |leftover: &&Leftover| leftover.what == what && leftover.moment == moment;
        let leftovers = self.leftovers.iter().filter(of_this);
        leftovers.map(|it| it.found.abs_diff(it.expected)).sum()
    }
}

/// The table.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done: u64 = self.operations.iter().map(|(_, count)| count).sum();
        writeln!(f, "{:<32} {:>12}", "operations", done)?;
        for (name, count) in &self.operations {
            writeln!(f, "  {name:<30} {count:>12}")?;
        }
        writeln!(f, "{:<32} {:>12}", "DOWNs counted", self.downs)?;
        writeln!(f, "{:<32} {:>12}", "error reports", self.reports)?;
        writeln!(f, "{:<32} {:>12}", "restarts", self.restarts)?;
        writeln!(f)?;

        writeln!(
            f,
            "{:<32} {:>12} {:>12}",
            "left over", "at rest", "at the end"
        )?;
        for (what, _) in Survey::default().rows() {
            let [rest, end] = ["at rest", "at the end"].map(|moment| self.left_over(what, moment));
            writeln!(f, "  {what:<30} {rest:>12} {end:>12}")?;
        }
        for leftover in self.leftovers.iter().take(20) {
            writeln!(
                f,
                "  round {}, {}: {} {}, where there should be {}",
                leftover.round, leftover.moment, leftover.found, leftover.what, leftover.expected
            )?;
        }
        writeln!(f)?;

        let show = |bytes: usize| format!("{:.1}", bytes as f64 / 1024.0);
        writeln!(
            f,
            "{:<32} {:>12}",
            "KiB in use at first",
            show(self.at_first)
        )?;
        if let (Some(first), Some(last)) = (self.bytes.first(), self.bytes.last()) {
            let middle = self.bytes[self.bytes.len() / 2];
            writeln!(f, "{:<32} {:>12}", "  after the first round", show(*first))?;
            writeln!(f, "{:<32} {:>12}", "  after the middle one", show(middle))?;
            writeln!(f, "{:<32} {:>12}", "  after the last round", show(*last))?;
        }
        if let Some(growth) = self.growth() {
            let growth = show(growth);
            writeln!(
                f,
                "memory has grown by {growth} KiB from the first half of the rounds to the second"
            )?;
        }
        writeln!(f)?;

        for complaint in &self.complaints {
            writeln!(f, "complaint: {complaint}")?;
        }
        let (rounds, planned) = (self.bytes.len(), self.plan.rounds);
        let seed = self.plan.seed;
        match self.is_clean() {
            true => write!(f, "clean: {rounds} of {planned} rounds with --seed {seed}"),
            false => write!(
                f,
                "not clean: {} complaints, {} leftovers in {rounds} of {planned} rounds with --seed {seed}",
                self.complaint_count,
                self.leftovers.len()
            ),
        }
    }
}
