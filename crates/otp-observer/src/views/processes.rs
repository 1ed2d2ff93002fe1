//! A window onto all processes.

use std::time::{Duration, Instant};

use otp_core::process::{ProcessOrder, ProcessQuery};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::Row;
use crate::state::State;

/// `offset` is that of the query: the page draws the rows there.
pub(crate) async fn look(
    state: &State,
    query: &ProcessQuery,
    offset: usize,
    aside: &mut Duration,
) -> Value {
    let (node, query) = (state.node.clone(), query.clone());
    let begun = Instant::now();
    let page = spawn_blocking(move || node.process_page(&query)).await;
    *aside += begun.elapsed();
    let Ok(page) = page else {
        return Value::Null;
    };
    let rows: Vec<Row> = page.processes.iter().map(Row::of).collect();
    json!({ "total": page.total, "matching": page.matching, "offset": offset, "rows": rows })
}

/// What the page calls an order.
pub(crate) fn order(name: &str) -> Option<ProcessOrder> {
    Some(match name {
        "" | "pid" => ProcessOrder::Pid,
        "name" => ProcessOrder::Name,
        "call" => ProcessOrder::InitialCall,
        "parent" => ProcessOrder::Parent,
        "queue" => ProcessOrder::QueueLen,
        "mailbox" => ProcessOrder::MailboxSize,
        "links" => ProcessOrder::Links,
        "monitors" => ProcessOrder::Monitors,
        "watchers" => ProcessOrder::MonitoredBy,
        "handled" => ProcessOrder::Handled,
        "busy" => ProcessOrder::Busy,
        "since" => ProcessOrder::Callback,
        _ => return None,
    })
}
