//! The project and its characters, for users.
//!
//! This is the only file here that calls and casts. A [`Hero`] is a name and not a process, so that it finds the new
//! process after a restart.

use crate::boundary::{Call, Cast, Character};
use crate::core::Lines;
use crate::supervision;
use otp_core::child_spec::{Child, ChildId};
use otp_core::prelude::*;
use otp_core::supervisor::{DeleteChildError, StartChildError, TerminateChildError};
use otp_core::{DynamicSupervisorRef, StopError, SupervisorRef, process};

pub use crate::boundary::{Event, Names, Stage};
pub use crate::supervision::{NEWCOMERS, PROJECT, Plan, SUPER_VISOR};
pub use ch3_super_duper::core::Role;

// ANCHOR: hero
/// A character by its name, which is looked up at each use.
#[derive(Debug, Clone)]
pub struct Hero(ServerName<Character>);

impl Hero {
    /// The character of this name, whatever kind of name it is.
    pub fn named(name: Name) -> Self {
        Self(ServerName::new(name))
    }

    /// The same name, looked up on that node.
    pub fn on(self, node: &Node) -> Self {
        Self(self.0.on(node))
    }

    /// Calls for its lines.
    ///
    /// # Errors
    ///
    /// [`CallError`] if there is no such process, or it does not answer.
    ///
    /// # Panics
    ///
    /// Outside a process, as everything here.
    pub async fn say(&self) -> Result<Lines, CallError> {
        self.0.call(Call::Say).await
    }

    /// Teaches it a line.
    ///
    /// # Errors
    ///
    /// As for [`say`](Self::say).
    pub async fn learn(&self, line: String) -> Result<(), CallError> {
        self.0.call(|from| Call::Learn(line, from)).await
    }

    /// Tells it to die, and returns at once. Without such a process nothing happens.
    pub fn die(&self) {
        self.0.cast(Cast::Die);
    }

    /// Tells it to die by a call. It panics, so no answer comes.
    ///
    /// # Errors
    ///
    /// [`CallError`], always: with the reason of its end, if there was such a process.
    pub async fn die_by_call(&self) -> Result<(), CallError> {
        self.0.call(Call::Die).await
    }

    /// The process that has the name now.
    pub fn whereis(&self) -> Option<Pid> {
        Some(self.0.whereis()?.pid())
    }
}
// ANCHOR_END: hero

/// A character on a node of another program.
#[cfg(feature = "dist")]
#[derive(Debug, Clone)]
pub struct FarHero(pub otp_dist::RemoteServer<Character>);

#[cfg(feature = "dist")]
impl FarHero {
    /// Calls for its lines.
    ///
    /// # Errors
    ///
    /// [`otp_dist::CallError`] if there is no such process, or no answer comes from its node.
    pub async fn say(&self) -> Result<Lines, otp_dist::CallError> {
        self.0.call(Call::Say).await
    }

    /// Tells it to die, and returns when the message is on its way. Without such a process nothing happens.
    pub async fn die(&self) {
        // The only failure is a message that cannot be written, and an atom always can.
        let _sent = self.0.cast(&Cast::Die).await;
    }
}

/// A running project.
#[derive(Debug, Clone)]
pub struct Project {
    /// What it is like.
    pub plan: Plan,
    supervisor: SupervisorRef,
}

/// Why a character was not added or removed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// A supervisor does not run.
    #[error("{0} does not run")]
    NoSupervisor(&'static str),
    /// No character has the name.
    #[error("there is no character {0}")]
    NotFound(String),
    /// It does not start, or is there already.
    #[error(transparent)]
    Start(#[from] StartChildError),
    /// It was not stopped.
    #[error(transparent)]
    Terminate(#[from] TerminateChildError),
    /// It was not forgotten.
    #[error(transparent)]
    Delete(#[from] DeleteChildError),
}

/// The supervisor of the characters. It is found by its name, as it may have been started again.
///
/// # Errors
///
/// [`ProjectError::NoSupervisor`].
pub fn super_visor() -> Result<SupervisorRef, ProjectError> {
    let found = SupervisorRef::find(&process::node(), SUPER_VISOR);
    found.ok_or(ProjectError::NoSupervisor(SUPER_VISOR))
}

/// The dynamic supervisor of the characters that are added.
///
/// # Errors
///
/// [`ProjectError::NoSupervisor`].
pub fn newcomers() -> Result<DynamicSupervisorRef, ProjectError> {
    let found = DynamicSupervisorRef::find(&process::node(), NEWCOMERS);
    found.ok_or(ProjectError::NoSupervisor(NEWCOMERS))
}

impl Project {
    /// Starts a project, linked with the calling process.
    ///
    /// # Errors
    ///
    /// [`StartError`] if one runs on this node already, or a child does not start.
    pub async fn start_link(plan: Plan) -> Result<Self, StartError> {
        let started = supervision::start_link(&plan).await;
        // A start that fails may end the calling process by the link: then this is where it ends.
        tokio::task::yield_now().await;
        let supervisor = started?;
        Ok(Self { plan, supervisor })
    }

    /// The character of this name.
    pub fn hero(&self, name: &str) -> Hero {
        Hero::named(self.plan.names.name(name))
    }

    // ANCHOR: add
    /// Adds a character while the project runs. Its id among the children is usually its name.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] if the name or the id is taken, or the character does not start.
    pub async fn add(&self, id: impl Into<ChildId>, role: &Role) -> Result<Child, ProjectError> {
        let spec = supervision::character(&self.plan, role).with_id(id);
        Ok(match self.plan.dynamic {
            true => newcomers()?.start_child(spec).await?,
            false => super_visor()?.start_child(spec).await?,
        })
    }

    /// Stops a character and deletes its child specification. With a dynamic supervisor this works for characters that were
    /// added. With a plain one it works for all.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] if there is no such character there.
    pub async fn remove(&self, name: &str) -> Result<(), ProjectError> {
        if self.plan.dynamic {
            let pid = self.hero(name).whereis();
            let pid = pid.ok_or_else(|| ProjectError::NotFound(name.to_owned()))?;
            return Ok(newcomers()?.terminate_child(pid).await?);
        }
        let super_visor = super_visor()?;
        super_visor.terminate_child(name.to_owned()).await?;
        match super_visor.delete_child(name.to_owned()).await {
            // The supervisor has forgotten it already: it was a temporary child.
            Err(DeleteChildError::NotFound(_)) => Ok(()),
            deleted => Ok(deleted?),
        }
    }
    // ANCHOR_END: add

    /// Whether it runs.
    pub fn is_alive(&self) -> bool {
        self.supervisor.is_alive()
    }

    /// Stops all of it, and waits until all of it has ended.
    ///
    /// # Errors
    ///
    /// [`StopError`] if it has ended already.
    pub async fn stop(&self) -> Result<(), StopError> {
        self.supervisor.stop().await
    }
}
