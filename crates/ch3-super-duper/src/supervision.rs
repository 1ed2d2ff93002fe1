//! The supervision tree: its processes, the order of their start, and the handling of their ends.

use crate::boundary::{Character, CharacterArgs, Event, Stage};
use crate::core::Role;
use otp_core::application::Application;
use otp_core::child_spec::{Child, ChildType};
use otp_core::prelude::*;
use otp_core::supervisor::{SupervisorInit, SupervisorModule};
use otp_core::{SupervisorRef, process};
use otp_text::limit::Limit;
use std::sync::atomic::{AtomicBool, Ordering};

/// The name of the top supervisor.
pub const SUPER_VISOR: &str = "super_visor";
/// The name of the supervisor below it, if there is one.
pub const DUO: &str = "duo";
/// The name of the dynamic supervisor, if there is one.
pub const CROWD: &str = "crowd";

// ANCHOR: plan
/// The settings of a tree.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which children are restarted when one ends.
    pub strategy: Strategy,
    /// The maximum number of restarts in a period.
    pub limit: Limit,
    /// The restart type of a character.
    pub restart: Restart,
    /// The shutdown of a character.
    pub shutdown: Shutdown,
    /// Whether the characters trap exits.
    pub trap: bool,
    /// The names of the characters, in the order of their start.
    pub characters: Vec<String>,
    /// Whether the first two characters have a supervisor of their own below the top.
    pub duo: bool,
    /// Whether there is a dynamic supervisor for characters that are added later.
    pub crowd: bool,
    /// The receiver of all events.
    pub stage: Stage,
}
// ANCHOR_END: plan

impl Plan {
    /// The three known characters, with the strategy one for one and OTP's defaults.
    pub fn new(stage: Stage) -> Self {
        Self {
            strategy: Strategy::OneForOne,
            limit: Limit::default(),
            restart: Restart::Permanent,
            shutdown: Shutdown::DEFAULT,
            trap: false,
            characters: Role::names().map(str::to_owned).collect(),
            duo: false,
            crowd: false,
            stage,
        }
    }

    /// The arguments of a character of this tree.
    pub fn character_args(&self, name: &str, line: Option<String>) -> CharacterArgs {
        CharacterArgs {
            name: name.to_owned(),
            line,
            trap: self.trap,
            restarted: false,
            stage: self.stage.clone(),
        }
    }
}

// ANCHOR: tree
/// The whole tree.
pub fn tree(plan: &Plan) -> Supervisor {
    let characters = plan.characters.iter();
    let mut characters = characters.map(|name| character(plan, name, None, ChildType::Worker));
    let duo = plan.duo.then(|| {
        let children = characters.by_ref().take(2).collect::<Vec<_>>();
        branch(plan, supervisor(plan).children(children))
    });
    supervisor(plan)
        .children(duo)
        .children(characters)
        .children(plan.crowd.then(|| crowd(plan)))
}

fn supervisor(plan: &Plan) -> Supervisor {
    let Limit { max, period } = plan.limit;
    Supervisor::new(plan.strategy).max_restarts(max, period)
}
// ANCHOR_END: tree

// ANCHOR: child
/// The child spec of a character. Its id is its name. The supervisor counts it as a child of the type `declared`.
pub fn character(plan: &Plan, name: &str, line: Option<String>, declared: ChildType) -> ChildSpec {
    let (is_restart, args) = (restart_flag(), plan.character_args(name, line));
    let (id, name) = (name.to_owned(), Name::local(name.to_owned()));
    let start = move || {
        let mut args = args.clone();
        args.restarted = is_restart();
        Character::options().name(name.clone()).start_link(args)
    };
    let spec = match declared {
        ChildType::Worker => ChildSpec::worker(id, start),
        ChildType::Supervisor => ChildSpec::supervisor(id, start),
    };
    spec.restart(plan.restart).shutdown(plan.shutdown)
}
// ANCHOR_END: child

/// The child spec of the second supervisor.
fn branch(plan: &Plan, below: Supervisor) -> ChildSpec {
    let (stage, is_restart) = (plan.stage.clone(), restart_flag());
    ChildSpec::supervisor(DUO, move || {
        Visor::start_link((DUO, is_restart(), stage.clone(), below.clone()))
    })
}

/// The child spec of the dynamic supervisor. It starts without children, also after a restart.
fn crowd(plan: &Plan) -> ChildSpec {
    let Limit { max, period } = plan.limit;
    ChildSpec::supervisor(CROWD, move || {
        let crowd = DynamicSupervisor::new().max_restarts(max, period);
        crowd.name(CROWD).start_link()
    })
}

/// Starts the tree, linked with the current process.
///
/// # Errors
///
/// [`StartError`]: the tree runs already, or a child does not start. The children before it are stopped again.
pub async fn start_link(plan: &Plan) -> Result<SupervisorRef, StartError> {
    Visor::start_link((SUPER_VISOR, false, plan.stage.clone(), tree(plan))).await
}

// ANCHOR: application
/// The program as an application.
#[derive(Debug)]
pub struct SuperDuper;

impl Application for SuperDuper {
    type Args = Plan;

    async fn start(plan: Plan) -> Result<(Child, Self), ExitReason> {
        Ok((start_link(&plan).await?.into(), Self))
    }
}
// ANCHOR_END: application

/// A supervisor that reports its start as an event.
#[derive(Debug)]
pub struct Visor;

impl SupervisorModule for Visor {
    /// The name, whether this start is a restart, the receiver of the event, and the supervisor.
    type Args = (&'static str, bool, Stage, Supervisor);

    async fn init((name, restart, stage, tree): Self::Args) -> Result<SupervisorInit, ExitReason> {
        stage.tell(Event::Start(name.to_owned(), process::current(), restart));
        Ok(tree.into())
    }

    fn name((name, ..): &Self::Args) -> Option<Name> {
        Some((*name).into())
    }
}

/// A function that tells a start function of a child whether it runs for a restart: false at the first call, true later.
pub fn restart_flag() -> impl Fn() -> bool + Send + Sync {
    let started = AtomicBool::new(false);
    move || started.swap(true, Ordering::Relaxed)
}
