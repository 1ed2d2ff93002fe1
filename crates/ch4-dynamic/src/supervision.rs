//! The supervision tree: its processes, the order of their start, and the handling of their ends.

use crate::boundary::{Character, CharacterArgs, Names, Stage};
use ch3_super_duper::core::Role;
use ch3_super_duper::supervision::{Visor, restart_flag};
use otp_core::SupervisorRef;
use otp_core::prelude::*;
use otp_core::supervisor::SupervisorModule;
use otp_text::limit::Limit;
use std::time::Duration;

/// The name of the top supervisor.
pub const PROJECT: &str = "project";
/// The name of the supervisor of the characters.
pub const SUPER_VISOR: &str = "super_visor";
/// The name of the dynamic supervisor, if there is one.
pub const NEWCOMERS: &str = "newcomers";

/// The settings of a project.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whether the added characters have a dynamic supervisor.
    pub dynamic: bool,
    /// The maximum number of children of the dynamic supervisor.
    pub max_children: usize,
    /// The kind of the characters' names.
    pub names: Names,
    /// The maximum number of restarts in a period, for each supervisor of characters.
    pub limit: Limit,
    /// The restart type of a character.
    pub restart: Restart,
    /// The shutdown of a character.
    pub shutdown: Shutdown,
    /// The duration of a character's last words, if it has any.
    pub last_words: Option<Duration>,
    /// The characters that the project starts with.
    pub characters: Vec<Role>,
    /// The receiver of all events.
    pub stage: Stage,
}

// ANCHOR: project
/// Starts the project, linked with the current process.
///
/// The strategy is rest for one: a new registry has no entries, so the supervisor of the characters is restarted with it. When the
/// supervisor of the characters gives up, it is restarted with the characters that the project starts with.
///
/// # Errors
///
/// [`StartError`]: the project runs already, or a child does not start.
pub async fn start_link(plan: &Plan) -> Result<SupervisorRef, StartError> {
    let registry = match plan.names.clone() {
        Names::Local | Names::Global => None,
        Names::Via(registry) => Some(ChildSpec::worker("registry", move || registry.start_link())),
    };
    let (plan, is_restart) = (plan.clone(), restart_flag());
    let super_visor = ChildSpec::supervisor(SUPER_VISOR, move || {
        Visor::start_link((SUPER_VISOR, is_restart(), plan.stage.clone(), tree(&plan)))
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

/// The child spec of the dynamic supervisor. It starts without children, also after a restart.
fn newcomers(plan: &Plan) -> ChildSpec {
    let (Limit { max, period }, maximum) = (plan.limit, plan.max_children);
    ChildSpec::supervisor(NEWCOMERS, move || {
        let newcomers = DynamicSupervisor::new().max_restarts(max, period);
        newcomers.max_children(maximum).name(NEWCOMERS).start_link()
    })
}
// ANCHOR_END: super_visor

// ANCHOR: child
/// The child spec of a character. Its id is its name.
pub fn character(plan: &Plan, role: &Role) -> ChildSpec {
    let args = CharacterArgs {
        name: role.name().to_owned(),
        line: role.line().to_owned(),
        restarted: false,
        last_words: plan.last_words,
        stage: plan.stage.clone(),
    };
    child(role.name(), plan.names.name(role.name()), args)
        .restart(plan.restart)
        .shutdown(plan.shutdown)
}

/// The child spec of a character with any kind of name.
pub fn child(id: &str, name: Name, args: CharacterArgs) -> ChildSpec {
    let is_restart = restart_flag();
    ChildSpec::worker(id.to_owned(), move || {
        let mut args = args.clone();
        args.restarted = is_restart();
        Character::options().name(name.clone()).start_link(args)
    })
}
// ANCHOR_END: child
