//! The nodes of this program.

use otp_core::Applications;
use serde_json::{Value, json};

use crate::state::State;

pub(crate) fn look(state: &State) -> Value {
    let info = state.node.system_info();
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
    json!({
        "node": state.node.id().to_string(),
        "processes": info.process_count,
        "local_names": info.local_names,
        "global_names": info.global_names,
        "links": info.links,
        "monitors": info.monitors,
        "timers": info.timers,
        "tables": info.table_count,
        "registered": state.node.registered(),
        "applications": running.collect::<Vec<_>>(),
        "os_pid": std::process::id(),
    })
}
