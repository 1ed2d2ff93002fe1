//! The supervision tree: what is started, in which order, and what happens when a part of it ends.

use crate::boundary::{Character, Entrance, Names, Stage};
use ch3_super_duper::core::Role;
use ch3_super_duper::supervision::{Visor, again};
use otp_core::SupervisorRef;
use otp_core::prelude::*;
use otp_core::supervisor::SupervisorModule;
use otp_text::limit::Limit;
use std::time::Duration;

/// The name of the supervisor at the top.
pub const PROJECT: &str = "project";
/// The name of the supervisor of the characters.
pub const SUPER_VISOR: &str = "super_visor";
/// The name of the dynamic supervisor, if there is one.
pub const NEWCOMERS: &str = "newcomers";

/// What a project is like.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whether characters that are added have a dynamic supervisor.
    pub dynamic: bool,
    /// How many of them there may be, if they have.
    pub max_children: usize,
    /// The kind of the characters' names.
    pub names: Names,
    /// How many restarts are too many, for the supervisors of characters.
    pub limit: Limit,
    /// When a character is started again.
    pub restart: Restart,
    /// How a character is stopped.
    pub shutdown: Shutdown,
    /// How long the last words of a character take, if it has any.
    pub last_words: Option<Duration>,
    /// The characters that are there from the start.
    pub characters: Vec<Role>,
    /// Where all tell what happens.
    pub stage: Stage,
}

// ANCHOR: project
/// Starts the project, linked with the current process.
///
/// Rest for one: without the registry no character is found, so when the registry ends, all that was started after it is
/// restarted, too. When the characters' supervisor gives up, it is started again, with the characters that it had at its
/// start.
///
/// # Errors
///
/// [`StartError`]: it runs already, or a child does not start.
pub async fn start_link(plan: &Plan) -> Result<SupervisorRef, StartError> {
    let registry = match plan.names.clone() {
        Names::Local | Names::Global => None,
        Names::Via(registry) => Some(ChildSpec::worker("registry", move || registry.start_link())),
    };
    let (plan, again) = (plan.clone(), again());
    let super_visor = ChildSpec::supervisor(SUPER_VISOR, move || {
        Visor::start_link((SUPER_VISOR, again(), plan.stage.clone(), tree(&plan)))
    });
    Supervisor::new(Strategy::RestForOne)
        .name(PROJECT)
        .children(registry)
        .child(super_visor)
        .start_link()
        .await
}
// ANCHOR_END: project

// ANCHOR: super_visor
/// The supervisor of the characters.
fn tree(plan: &Plan) -> Supervisor {
    Supervisor::new(Strategy::OneForOne)
        .max_restarts(plan.limit.max, plan.limit.period)
        .children(plan.characters.iter().map(|role| character(plan, role)))
        .children(plan.dynamic.then(|| newcomers(plan)))
}

/// The dynamic supervisor as a child. It starts without children, also after a restart.
fn newcomers(plan: &Plan) -> ChildSpec {
    let (Limit { max, period }, most) = (plan.limit, plan.max_children);
    ChildSpec::supervisor(NEWCOMERS, move || {
        let newcomers = DynamicSupervisor::new().max_restarts(max, period);
        newcomers.max_children(most).name(NEWCOMERS).start_link()
    })
}
// ANCHOR_END: super_visor

// ANCHOR: child
/// A character as a child. Its name is its id, too.
pub fn character(plan: &Plan, role: &Role) -> ChildSpec {
    let entrance = Entrance {
        name: role.name().to_owned(),
        line: role.line().to_owned(),
        again: false,
        last_words: plan.last_words,
        stage: plan.stage.clone(),
    };
    child(role.name(), plan.names.name(role.name()), entrance)
        .restart(plan.restart)
        .shutdown(plan.shutdown)
}

/// A character as a child, with any kind of name.
pub fn child(id: &str, name: Name, entrance: Entrance) -> ChildSpec {
    let again = again();
    ChildSpec::worker(id.to_owned(), move || {
        let mut entrance = entrance.clone();
        entrance.again = again();
        Character::options().name(name.clone()).start_link(entrance)
    })
}
// ANCHOR_END: child
