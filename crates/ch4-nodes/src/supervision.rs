//! The supervision tree of a node: a dynamic supervisor and its characters.

use crate::boundary::NodeRegistry;
use crate::core::Address;
use ch4_dynamic::boundary::{Character, CharacterArgs, Stage};
use ch4_dynamic::supervision::child;
use otp_core::DynamicSupervisorRef;
use otp_core::prelude::*;
use otp_dist::Distribution;

/// The name of the supervisor on each node.
pub const SUPER_VISOR: &str = "super_visor";

/// Starts the tree of a node, without a link.
///
/// # Errors
///
/// [`StartError`] if the node has a tree already.
pub async fn start(node: &Node) -> Result<DynamicSupervisorRef, StartError> {
    let supervisor = DynamicSupervisor::new().name(SUPER_VISOR);
    supervisor.on(node).start().await
}

/// The child spec of a character. The character's name is its address.
pub fn character(nodes: &NodeRegistry, at: &Address, line: String, stage: &Stage) -> ChildSpec {
    let args = CharacterArgs {
        name: at.to_string(),
        line,
        restarted: false,
        last_words: None,
        stage: stage.clone(),
    };
    child(&at.name, nodes.name(at), args)
}

/// Lets the nodes of other programs call a character.
pub fn expose(dist: &Distribution, address: &Address) {
    dist.expose::<Character>(address.name.clone());
}

/// The supervisor of a node, if it runs.
pub fn find(node: &Node) -> Option<DynamicSupervisorRef> {
    DynamicSupervisorRef::find(node, SUPER_VISOR)
}

/// Kills all processes of a node, as a loss of power would.
pub fn kill_all(node: &Node) {
    for pid in node.processes() {
        node.exit(pid, ExitReason::Kill);
    }
}
