//! What processes share: tables, registries and groups, and the timers that wait.

use std::time::{Duration, Instant};

use otp_core::Node;
use otp_core::process::ProcessQuery;
use otp_core::table::{Access, TableInfo};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::{Row, title_of};
use crate::state::State;

/// The most of each kind that are shown.
const MOST: usize = 200;

pub(crate) async fn look(state: &State, aside: &mut Duration) -> Value {
    let node = state.node.clone();
    let begun = Instant::now();
    let seen = spawn_blocking(move || {
        json!({
            "tables": tables(&node),
            "timers": timers(&node),
            "registries": keepers(&node, "otp_core::registry::keeper::"),
            "groups": keepers(&node, "otp_core::pg::server::"),
        })
    });
    let seen = seen.await.unwrap_or_default();
    *aside += begun.elapsed();
    seen
}

fn tables(node: &Node) -> Value {
    let infos = node.table_infos();
    let some = infos.iter().take(MOST).map(|info| table(node, info));
    json!({ "count": infos.len(), "some": some.collect::<Vec<_>>() })
}

/// A table as a line of a list.
pub(super) fn table(node: &Node, info: &TableInfo) -> Value {
    json!({
        "number": info.number,
        "name": info.name,
        "named": info.named,
        "owner": info.owner.to_string(),
        "title": title_of(node, info.owner),
        "access": match info.access {
            Access::Private => "private",
            Access::Protected => "protected",
            Access::Public => "public",
        },
        "kind": info.kind,
        "objects": info.objects,
        "keys": info.keys,
        "values": info.values,
        "visible": info.visible,
    })
}

/// In whole seconds, so that nothing changes in between.
fn timers(node: &Node) -> Value {
    let count = node.system_info().timers;
    let some = node.timer_infos(MOST).into_iter().map(|info| {
        json!({
            "left": info.left.as_secs(),
            "process": info.process.map(|pid| pid.to_string()),
            "title": info.process.and_then(|pid| title_of(node, pid)),
            "period": info.period.map(|period| period.as_secs_f64()),
        })
    });
    json!({ "count": count, "some": some.collect::<Vec<_>>() })
}

/// The processes that keep registries or groups: what is entered there is linked with them, or monitored.
fn keepers(node: &Node, path: &str) -> Value {
    let page = node.process_page(&ProcessQuery::new().containing(path).limit(MOST));
    let rows = page.processes.iter().map(Row::of);
    json!({ "count": page.matching, "some": rows.collect::<Vec<_>>() })
}
