//! The nodes: this one, and those that it is connected with.

use otp_core::{Applications, Node};
use serde_json::{Value, json};

use super::{LONGEST, short};
use crate::history::memory;
use crate::state::State;

/// The most names that are shown.
const MOST_NAMES: usize = 500;

pub(crate) async fn look(state: &State) -> Value {
    let applications = Applications::on(&state.node);
    let running = applications.which_applications();
    let running = running.into_iter().map(|it| {
        json!({
            "name": it.name,
            "description": it.description,
            "version": it.version,
            "supervisor": applications.supervisor(&it.name).map(|pid| pid.to_string()),
        })
    });
    let connected = match state.far() {
        Some(far) => Some(far.nodes().await),
        None => None,
    };
    json!({
        "node": state.node.id().to_string(),
        "system": system(&state.node),
        "registered": registered(&state.node),
        "applications": running.collect::<Vec<_>>(),
        "os_pid": std::process::id(),
        "connected": connected,
    })
}

/// The names of local processes, as many as are shown.
fn registered(node: &Node) -> Vec<String> {
    let names = node.registered().into_iter().take(MOST_NAMES);
    names.map(|name| short(name, LONGEST)).collect()
}

/// What a node holds.
pub(crate) fn system(node: &Node) -> Value {
    let info = node.system_info();
    json!({
        "processes": info.process_count,
        "local_names": info.local_names,
        "global_names": info.global_names,
        "links": info.links,
        "monitors": info.monitors,
        "timers": info.timers,
        "tables": info.table_count,
        "memory": memory(),
    })
}
