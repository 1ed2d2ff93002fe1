//! Processes by their type, as sums.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::page::ProcessPage;

/// The type under which the sum of the remaining types stands.
const OTHERS: &str = "other";

/// The sums of the processes of one type: see [`ProcessPage::by_type`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TypeTotals {
    /// The processes.
    pub processes: usize,
    /// The messages in their mailboxes.
    pub queued: usize,
    /// The messages in the longest mailbox.
    pub longest: usize,
    /// The processes that wait for the answer to a call.
    pub waiting: usize,
}

impl TypeTotals {
    fn add(&mut self, more: &Self) {
        self.processes += more.processes;
        self.queued += more.queued;
        self.longest = self.longest.max(more.longest);
        self.waiting += more.waiting;
    }
}

impl ProcessPage {
    /// The sums of the page's processes by type, the type with the most processes first. At most `most` types have a sum of
    /// their own; that of the other types comes last, as `other`.
    #[must_use]
    pub fn by_type(&self, most: usize) -> Vec<(&'static str, TypeTotals)> {
        let mut types = BTreeMap::<_, TypeTotals>::new();
        for info in &self.processes {
            types
                .entry(info.initial_call)
                .or_default()
                .add(&TypeTotals {
                    processes: 1,
                    queued: info.message_queue_len,
                    longest: info.message_queue_len,
                    waiting: usize::from(info.waiting_for.is_some()),
                });
        }
        let mut types: Vec<_> = types.into_iter().collect();
        types.sort_by_key(|(_, totals)| Reverse(totals.processes));
        let rest = types.split_off(types.len().min(most));
        if !rest.is_empty() {
            let mut others = TypeTotals::default();
            rest.iter().for_each(|(_, totals)| others.add(totals));
            types.push((OTHERS, others));
        }
        types
    }
}
