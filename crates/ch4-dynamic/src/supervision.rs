//! The supervision tree: who is started, in which order, and what becomes of whom.

use crate::boundary::{Character, Clerk, Entrance, Event, Memory, MemoryOwner, Names, Stage};
use ch3_super_duper::core::{Limit, Role};
use otp_core::prelude::*;
use otp_core::supervisor::{SupervisorInit, SupervisorModule};
use otp_core::{SupervisorRef, process};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The name of the supervisor of all.
pub const PROJECT: &str = "project";
/// The name of the supervisor of the characters.
pub const SUPER_VISOR: &str = "super_visor";
/// The name of the supervisor of those who come later, if that is another one.
pub const NEWCOMERS: &str = "newcomers";

/// What a project is to be like.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whether newcomers have a dynamic supervisor of their own.
    pub dynamic: bool,
    /// How many of them there may be, if they have.
    pub max_children: Option<usize>,
    /// How characters are called.
    pub names: Names,
    /// Where what they learn is kept.
    pub memory: Memory,
    /// How many restarts are too many, for the supervisors of characters.
    pub limit: Limit,
    /// When a character is started again.
    pub restart: Restart,
    /// How a character is stopped.
    pub shutdown: Shutdown,
    /// How long the last words of a character take, if it has any.
    pub last_words: Option<Duration>,
    /// The characters who are there from the start.
    pub characters: Vec<Role>,
    /// Who hears what happens.
    pub stage: Stage,
}

/// Starts the project, linked with the current process.
///
/// Rest for one: who is found by a registry would not be found any more without it, so if the registry goes, all go that
/// come after it. If the characters' supervisor gives up, it is started again, with the characters it had at the
/// start: that is exercise 4.1. Its own limit is the default one, so if the characters' supervisor may not restart
/// anybody, any crash restarts the whole project.
///
/// # Errors
///
/// [`StartError`]: it runs already, or a child does not start.
pub async fn start_link(plan: &Plan) -> Result<SupervisorRef, StartError> {
    let registry = match &plan.names {
        Names::Local | Names::Global => None,
        Names::Via(registry) => {
            let registry = registry.clone();
            Some(ChildSpec::worker("registry", move || registry.start_link()))
        }
        Names::Own(directory) => {
            let directory = directory.clone();
            Some(ChildSpec::worker("clerk", move || {
                Clerk::options().name("clerk").start_link(directory.clone())
            }))
        }
    };
    Supervisor::new(Strategy::RestForOne)
        .name(PROJECT)
        .children(registry)
        .child(super_visor(plan))
        .start_link()
        .await
}

/// A character as a child, with its name as id.
pub fn character(plan: &Plan, role: &Role) -> ChildSpec {
    let lives = AtomicU64::new(0);
    let name = plan.names.name(role.name());
    let entrance = Entrance {
        name: role.name().to_owned(),
        line: role.line().to_owned(),
        lives: 0,
        memory: plan.memory,
        last_words: plan.last_words,
        stage: plan.stage.clone(),
    };
    let start = move || {
        let lives = lives.fetch_add(1, Ordering::Relaxed);
        let entrance = Entrance {
            lives,
            ..entrance.clone()
        };
        Character::options().name(name.clone()).start_link(entrance)
    };
    ChildSpec::worker(role.name().to_owned(), start)
        .restart(plan.restart)
        .shutdown(plan.shutdown)
}

/// The supervisor of the characters. What they learn is in the hands of a process that comes before them.
fn super_visor(plan: &Plan) -> ChildSpec {
    let lives = Arc::new(AtomicU64::new(0));
    let plan = plan.clone();
    ChildSpec::supervisor(SUPER_VISOR, move || {
        let again = lives.fetch_add(1, Ordering::Relaxed) > 0;
        SuperVisor::start_link((plan.clone(), again))
    })
}

/// A supervisor that tells when it starts.
struct SuperVisor;

impl SupervisorModule for SuperVisor {
    type Args = (Plan, bool);

    async fn init((plan, again): (Plan, bool)) -> Result<SupervisorInit, ExitReason> {
        plan.stage.tell(Event::Start {
            name: SUPER_VISOR.to_owned(),
            pid: process::current(),
            again,
        });
        let memory = (plan.memory == Memory::Table).then(|| memory(&plan));
        let newcomers = plan.dynamic.then(|| newcomers(&plan));
        Ok(supervisor(&plan, Strategy::OneForOne)
            .children(memory)
            .children(plan.characters.iter().map(|role| character(&plan, role)))
            .children(newcomers)
            .into())
    }

    fn name(_: &(Plan, bool)) -> Option<Name> {
        Some(SUPER_VISOR.into())
    }
}

fn memory(plan: &Plan) -> ChildSpec {
    let lives = AtomicU64::new(0);
    let stage = plan.stage.clone();
    ChildSpec::worker(MemoryOwner::NAME, move || {
        let (stage, again) = (stage.clone(), lives.fetch_add(1, Ordering::Relaxed) > 0);
        async move {
            let owner = MemoryOwner::options()
                .name(MemoryOwner::NAME)
                .start_link(())
                .await?;
            stage.tell(Event::Start {
                name: MemoryOwner::NAME.to_owned(),
                pid: owner.pid(),
                again,
            });
            Ok::<_, StartError>(owner)
        }
    })
}

fn newcomers(plan: &Plan) -> ChildSpec {
    let Limit { max, period } = plan.limit;
    let max_children = plan.max_children;
    ChildSpec::supervisor(NEWCOMERS, move || {
        let newcomers = DynamicSupervisor::new()
            .max_restarts(max, period)
            .name(NEWCOMERS);
        match max_children {
            Some(most) => newcomers.max_children(most),
            None => newcomers,
        }
        .start_link()
    })
}

fn supervisor(plan: &Plan, strategy: Strategy) -> Supervisor {
    let Limit { max, period } = plan.limit;
    Supervisor::new(strategy).max_restarts(max, period)
}
