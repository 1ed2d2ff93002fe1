//! What traced servers do: those of this node, and those of the nodes that it is connected with.

use serde_json::{Map, Value, json};

use crate::state::State;

pub(crate) async fn look(state: &State) -> Value {
    let others = match state.far() {
        Some(far) => far.traces().await,
        None => Vec::new(),
    };
    let mut all = state.traces.seen(&state.node, |pid| {
        let elsewhere = (pid.node() != state.node.id()).then(|| state.far()?.named(pid));
        elsewhere.flatten().unwrap_or_else(|| pid.to_string())
    });
    let mut clocks = Map::new();
    for other in others {
        // A node on which nothing was traced has nothing to compare.
        if !other.trace.events.is_empty() {
            clocks.insert(other.node, other.within.into());
        }
        all.traced.extend(other.trace.traced);
        all.events.extend(other.trace.events);
    }
    all.events.sort_by_key(|event| event.at);
    json!({ "traced": all.traced, "events": all.events, "clocks": clocks })
}
