//! Processes by their type, as sums.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::page::ProcessPage;

/// The name of the sum of the remaining types.
const OTHERS: &str = "other";

/// The sums of the processes of one type: see [`ProcessPage::by_type`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process::{self, ProcessQuery};
/// # struct Counter(u64);
/// #
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// for first in 0..3 {
///     Counter::start_link(first).await?;
/// }
/// let page = process::node().process_page(&ProcessQuery::new().containing("Counter"));
/// let [(server, totals)] = page.by_type(5)[..] else { panic!("one type") };
/// assert!(server.ends_with("Counter"));
/// assert_eq!((totals.processes, totals.queued), (3, 0));
/// # Ok(())
/// # }).await
/// # }
/// ```
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
