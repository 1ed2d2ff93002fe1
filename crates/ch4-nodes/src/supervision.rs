//! The tree of one node: a supervisor, and the characters that are added to it.

use crate::boundary::Atlas;
use crate::core::Address;
use ch4_dynamic::boundary::{Character, Entrance, Stage};
use ch4_dynamic::supervision::child;
use otp_core::DynamicSupervisorRef;
use otp_core::prelude::*;
use otp_dist::Distribution;

/// The name of the supervisor, on each node.
pub const SUPER_VISOR: &str = "super_visor";

/// Starts the tree of a node, linked with no process.
///
/// # Errors
///
/// [`StartError`].
pub async fn start(node: &Node) -> Result<DynamicSupervisorRef, StartError> {
    let supervisor = DynamicSupervisor::new().name(SUPER_VISOR);
    supervisor.on(node).start().await
}

/// A character as a child, found by its address.
pub fn character(atlas: &Atlas, address: &Address, line: String, stage: &Stage) -> ChildSpec {
    let entrance = Entrance {
        name: address.to_string(),
        line,
        again: false,
        last_words: None,
        stage: stage.clone(),
    };
    child(&address.name, atlas.name(address), entrance)
}

/// Lets the nodes of other programs call a character.
pub fn expose(dist: &Distribution, address: &Address) {
    dist.expose::<Character>(address.name.clone());
}

/// The supervisor of a node, if it runs.
pub fn find(node: &Node) -> Option<DynamicSupervisorRef> {
    DynamicSupervisorRef::find(node, SUPER_VISOR)
}

/// Ends every process of a node, as if its machine had lost power.
pub fn cut_off(node: &Node) {
    for pid in node.processes() {
        node.exit(pid, ExitReason::Kill);
    }
}
