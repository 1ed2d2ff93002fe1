//! The supervision tree: who is started, in which order, and what becomes of whom.

use crate::boundary::{Character, Entrance, Event, Stage};
use crate::core::Limit;
use crate::kitchen::supervision::egg_timer;
use otp_core::application::Application;
use otp_core::child_spec::{Child, ChildType};
use otp_core::prelude::*;
use otp_core::supervisor::{SupervisorInit, SupervisorModule};
use otp_core::{DynamicSupervisor, SupervisorRef, process};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The name of the supervisor at the top.
pub const SUPER_VISOR: &str = "super_visor";

/// The name of the supervisor below it, if there is one.
pub const DUO: &str = "duo";

/// The name of the dynamic supervisor for those who come later, if there is one.
pub const CROWD: &str = "crowd";

/// What a tree is to be like.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Who is restarted when somebody ends.
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
    /// Whether the first two have a supervisor of their own.
    pub duo: bool,
    /// Whether there is an egg timer among them.
    pub kitchen: bool,
    /// Whether there is a dynamic supervisor for those who come later.
    pub crowd: bool,
    /// Who hears what happens.
    pub stage: Stage,
}

/// The whole tree.
pub fn tree(plan: &Plan) -> Supervisor {
    let mut characters = plan
        .characters
        .iter()
        .map(|name| character(plan, name, None, ChildType::Worker));
    let duo: Vec<_> = match plan.duo {
        true => characters.by_ref().take(2).collect(),
        false => Vec::new(),
    };
    let duo = plan.duo.then(|| branch(plan, DUO, duo));
    let kitchen = plan.kitchen.then(|| egg_timer(plan.stage.clone()));
    let crowd = plan.crowd.then(|| crowd(plan));
    supervisor(plan)
        .children(duo)
        .children(characters)
        .children(kitchen)
        .children(crowd)
}

/// Starts the tree, linked with the current process.
///
/// # Errors
///
/// [`StartError`]: it runs already, or a child does not start, and then those before it are stopped again.
pub async fn start_link(plan: &Plan) -> Result<SupervisorRef, StartError> {
    Visor::start_link(Opening {
        name: SUPER_VISOR,
        again: false,
        stage: plan.stage.clone(),
        supervisor: tree(plan),
    })
    .await
}

/// The program as an application, which has the tree as its top.
#[derive(Debug)]
pub struct SuperDuper;

impl Application for SuperDuper {
    type Args = Plan;

    async fn start(plan: Plan) -> Result<(Child, Self), ExitReason> {
        Ok((start_link(&plan).await?.into(), Self))
    }
}

/// A character as a child, under its own name. It is a worker; what it is declared as makes a difference only to those
/// who count.
pub fn character(plan: &Plan, name: &str, line: Option<String>, declared: ChildType) -> ChildSpec {
    let (trap, stage) = (plan.trap, plan.stage.clone());
    let lives = Lives::default();
    let id = name.to_owned();
    let name = name.to_owned();
    let start = move || {
        let entrance = Entrance {
            name: name.clone(),
            line: line.clone(),
            trap,
            lives: lives.next(),
            stage: stage.clone(),
        };
        Character::options().name(name.clone()).start_link(entrance)
    };
    let spec = match declared {
        ChildType::Worker => ChildSpec::worker(id, start),
        ChildType::Supervisor => ChildSpec::supervisor(id, start),
    };
    spec.restart(plan.restart).shutdown(plan.shutdown)
}

/// A supervisor as a child of a supervisor.
fn branch(plan: &Plan, name: &'static str, children: Vec<ChildSpec>) -> ChildSpec {
    let below = supervisor(plan).children(children);
    let stage = plan.stage.clone();
    let lives = Lives::default();
    ChildSpec::supervisor(name, move || {
        Visor::start_link(Opening {
            name,
            again: lives.next() > 0,
            stage: stage.clone(),
            supervisor: below.clone(),
        })
    })
}

/// The dynamic supervisor as a child. It has no children when it starts, whoever had some before.
fn crowd(plan: &Plan) -> ChildSpec {
    let Limit { max, period } = plan.limit;
    let stage = plan.stage.clone();
    let lives = Lives::default();
    ChildSpec::supervisor(CROWD, move || {
        let (stage, again) = (stage.clone(), lives.next() > 0);
        async move {
            let crowd = DynamicSupervisor::new()
                .max_restarts(max, period)
                .name(CROWD)
                .start_link()
                .await?;
            stage.tell(Event::Start {
                name: CROWD.to_owned(),
                pid: crowd.pid(),
                again,
            });
            Ok::<_, StartError>(crowd)
        }
    })
}

fn supervisor(plan: &Plan) -> Supervisor {
    let Limit { max, period } = plan.limit;
    Supervisor::new(plan.strategy).max_restarts(max, period)
}

/// A supervisor that tells when it starts.
struct Visor;

struct Opening {
    name: &'static str,
    again: bool,
    stage: Stage,
    supervisor: Supervisor,
}

impl SupervisorModule for Visor {
    type Args = Opening;

    async fn init(opening: Opening) -> Result<SupervisorInit, ExitReason> {
        opening.stage.tell(Event::Start {
            name: opening.name.to_owned(),
            pid: process::current(),
            again: opening.again,
        });
        Ok(opening.supervisor.into())
    }

    fn name(opening: &Opening) -> Option<Name> {
        Some(opening.name.into())
    }
}

/// How often a child has been started. A child itself cannot know that it is not the first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lives(Arc<AtomicU64>);

impl Lives {
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}
