//! The whole node at a glance.

use std::time::{Duration, Instant};

use otp_core::process::{ProcessOrder, ProcessQuery};
use otp_core::{Applications, Node};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::Row;
use crate::state::State;

/// How long the short lists are.
const SHORT: usize = 6;

pub(crate) async fn look(state: &State, aside: &mut Duration) -> Value {
    let node = state.node.clone();
    let begun = Instant::now();
    let gathered = spawn_blocking(move || {
        let longest = top(&node, ProcessOrder::QueueLen, |row| row.queue > 0);
        let busiest = top(&node, ProcessOrder::Busy, |row| row.busy > Some(0.0));
        (longest, busiest, node.system_info())
    });
    let Ok((longest, busiest, info)) = gathered.await else {
        return Value::Null;
    };
    *aside += begun.elapsed();
    let runtime = Handle::current().metrics();
    let applications = Applications::on(&state.node).which_applications();
    let applications: Vec<String> = applications.into_iter().map(|it| it.name).collect();
    json!({
        "samples": state.history.samples(),
        "processes": info.process_count,
        "names": info.local_names + info.global_names,
        "links": info.links,
        "monitors": info.monitors,
        "timers": info.timers,
        "tables": info.table_count,
        "workers": runtime.num_workers(),
        "tasks": runtime.num_alive_tasks(),
        "ready": runtime.global_queue_depth(),
        "applications": applications,
        "longest": longest,
        "busiest": busiest,
        "reports": state.reports.last(SHORT),
    })
}

fn top(node: &Node, order: ProcessOrder, counts: impl Fn(&Row) -> bool) -> Vec<Row> {
    let query = ProcessQuery::new().order(order).descending().limit(SHORT);
    let page = node.process_page(&query);
    let rows = page.processes.iter().map(Row::of);
    rows.filter(counts).collect()
}
