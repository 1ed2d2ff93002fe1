//! The supervision tree: what is started, in which order, and what happens when a part of it ends.

use crate::boundary::{Character, Entrance, Event, Stage};
use crate::core::Role;
use otp_core::application::Application;
use otp_core::child_spec::{Child, ChildType};
use otp_core::prelude::*;
use otp_core::supervisor::{SupervisorInit, SupervisorModule};
use otp_core::{SupervisorRef, process};
use otp_text::limit::Limit;
use std::sync::atomic::{AtomicBool, Ordering};

/// The name of the supervisor at the top.
pub const SUPER_VISOR: &str = "super_visor";
/// The name of the supervisor below it, if there is one.
pub const DUO: &str = "duo";
/// The name of the dynamic supervisor, if there is one.
pub const CROWD: &str = "crowd";

// ANCHOR: plan
/// What a tree is like.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which children are restarted when one ends.
    pub strategy: Strategy,
    /// How many restarts are too many.
    pub limit: Limit,
    /// When a character is started again.
    pub restart: Restart,
    /// How a character is stopped.
    pub shutdown: Shutdown,
    /// Whether the characters trap exits.
    pub trap: bool,
    /// Their names, in the order of their start.
    pub characters: Vec<String>,
    /// Whether the first two have a supervisor between them and the top.
    pub duo: bool,
    /// Whether there is a dynamic supervisor for characters that are added later.
    pub crowd: bool,
    /// Where all tell what happens.
    pub stage: Stage,
}
// ANCHOR_END: plan

impl Plan {
    /// The three characters, one for one, with OTP's defaults.
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

    /// What a character of this tree needs to know.
    pub fn entrance(&self, name: &str, line: Option<String>) -> Entrance {
        Entrance {
            name: name.to_owned(),
            line,
            trap: self.trap,
            again: false,
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
/// A character as a child. Its name is its id, too. The supervisor counts it as what it is `declared` as.
pub fn character(plan: &Plan, name: &str, line: Option<String>, declared: ChildType) -> ChildSpec {
    let (again, entrance) = (again(), plan.entrance(name, line));
    let (id, name) = (name.to_owned(), Name::local(name.to_owned()));
    let start = move || {
        let mut entrance = entrance.clone();
        entrance.again = again();
        Character::options().name(name.clone()).start_link(entrance)
    };
    let spec = match declared {
        ChildType::Worker => ChildSpec::worker(id, start),
        ChildType::Supervisor => ChildSpec::supervisor(id, start),
    };
    spec.restart(plan.restart).shutdown(plan.shutdown)
}
// ANCHOR_END: child

/// A supervisor as a child of a supervisor.
fn branch(plan: &Plan, below: Supervisor) -> ChildSpec {
    let (stage, again) = (plan.stage.clone(), again());
    ChildSpec::supervisor(DUO, move || {
        Visor::start_link((DUO, again(), stage.clone(), below.clone()))
    })
}

/// The dynamic supervisor as a child. It starts without children, also after a restart.
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
/// [`StartError`]: it runs already, or a child does not start, and then those before it are stopped again.
pub async fn start_link(plan: &Plan) -> Result<SupervisorRef, StartError> {
    Visor::start_link((SUPER_VISOR, false, plan.stage.clone(), tree(plan))).await
}

// ANCHOR: application
/// The program as an application, with the tree as its top.
#[derive(Debug)]
pub struct SuperDuper;

impl Application for SuperDuper {
    type Args = Plan;

    async fn start(plan: Plan) -> Result<(Child, Self), ExitReason> {
        Ok((start_link(&plan).await?.into(), Self))
    }
}
// ANCHOR_END: application

/// A supervisor that tells when it starts.
#[derive(Debug)]
pub struct Visor;

impl SupervisorModule for Visor {
    /// Its name, whether it is started again, where it tells so, and what it is.
    type Args = (&'static str, bool, Stage, Supervisor);

    async fn init((name, again, stage, it): Self::Args) -> Result<SupervisorInit, ExitReason> {
        stage.tell(Event::Start(name.to_owned(), process::current(), again));
        Ok(it.into())
    }

    fn name((name, ..): &Self::Args) -> Option<Name> {
        Some((*name).into())
    }
}

/// Whether a child is started again: no at the first use, yes at all later ones. The child itself cannot know.
pub fn again() -> impl Fn() -> bool + Send + Sync {
    let started = AtomicBool::new(false);
    move || started.swap(true, Ordering::Relaxed)
}
