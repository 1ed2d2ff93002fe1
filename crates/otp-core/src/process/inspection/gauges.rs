//! How many processes there are and how much waits, as gauges of the crate `metrics`.

use std::collections::BTreeMap;
use std::iter;

use metrics::gauge;

use super::page::ProcessQuery;
use super::types::TypeTotals;
use crate::node::Node;
use crate::util::lock::Lock;

/// The most types with gauges of their own, those with the most processes. The others are counted together.
const MOST_TYPES: usize = 50;

/// The types that a node's gauges have been set for: one without processes is set to zero, and not left as it was.
#[derive(Default)]
pub(crate) struct KnownTypes(Lock<BTreeMap<&'static str, ()>>);

/// Sets the gauges of a node: see [`guide::metrics`](crate::guide::metrics).
pub(crate) fn record(node: &Node) {
    let page = node.process_page(&ProcessQuery::new().limit(usize::MAX));
    let sums = page.by_type(MOST_TYPES);
    let known = &node.telemetry().known.0;
    let gone = known.with(|known| {
        known.extend(sums.iter().map(|(server_type, _)| (*server_type, ())));
        let is_gone = |it: &&'static str| !sums.iter().any(|(there, _)| there == it);
        known
            .keys()
            .copied()
            .filter(|it| is_gone(it))
            .collect::<Vec<_>>()
    });
    let gone = gone.into_iter().zip(iter::repeat(TypeTotals::default()));
    for (server_type, sum) in sums.into_iter().chain(gone) {
        let set = |name: &'static str, value: usize| {
            #[allow(clippy::cast_precision_loss, reason = "there are not so many")]
            gauge!(name, "type" => server_type).set(value as f64);
        };
        set("otp_processes", sum.processes);
        set("otp_messages_queued", sum.queued);
        set("otp_queue_longest", sum.longest);
    }
}
