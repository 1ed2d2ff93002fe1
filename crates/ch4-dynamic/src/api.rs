//! The API of the project and of its characters.
//!
//! Only this file calls and casts. A [`Hero`] is a name and not a process, so that it finds the new process after a restart.

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
/// A handle to a character. It looks up the name at each use.
#[derive(Debug, Clone)]
pub struct Hero(ServerName<Character>);

impl Hero {
    /// The character with this name, of any kind of name.
    pub fn named(name: Name) -> Self {
        Self(ServerName::new(name))
    }

    /// The same name, looked up on that node.
    pub fn on(self, node: &Node) -> Self {
        Self(self.0.on(node))
    }

    /// Asks for its lines, by a call.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the name has no process, or the process does not answer.
    ///
    /// # Panics
    ///
    /// Outside a process, as all functions of this type.
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

    /// Makes it panic, by a cast. Without a process the cast has no effect.
    pub fn die(&self) {
        self.0.cast(Cast::Die);
    }

    /// Makes it panic, by a call, which gets no answer.
    ///
    /// # Errors
    ///
    /// [`CallError`], always: with the exit reason, if the name had a process.
    pub async fn die_by_call(&self) -> Result<(), CallError> {
        self.0.call(Call::Die).await
    }

    /// The pid that is registered under the name.
    pub fn whereis(&self) -> Option<Pid> {
        Some(self.0.whereis()?.pid())
    }
}
// ANCHOR_END: hero

/// A handle to a character on a node of another program.
#[cfg(feature = "dist")]
#[derive(Debug, Clone)]
pub struct RemoteHero(pub otp_dist::RemoteServer<Character>);

#[cfg(feature = "dist")]
impl RemoteHero {
    /// Asks for its lines, by a call.
    ///
    /// # Errors
    ///
    /// [`otp_dist::CallError`] if the name has no process, or its node sends no answer.
    pub async fn say(&self) -> Result<Lines, otp_dist::CallError> {
        self.0.call(Call::Say).await
    }

    /// Makes it panic, by a cast, and returns when the message is sent. Without a process the cast has no effect.
    pub async fn die(&self) {
        // The cast fails only if the message cannot be encoded. An atom can always be encoded.
        let _sent = self.0.cast(&Cast::Die).await;
    }
}

/// A running project.
#[derive(Debug, Clone)]
pub struct Project {
    /// The settings.
    pub plan: Plan,
    supervisor: SupervisorRef,
}

/// A character was not added or removed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// A supervisor does not run.
    #[error("{0} does not run")]
    NoSupervisor(&'static str),
    /// No character has the name.
    #[error("there is no character {0}")]
    NotFound(String),
    /// The character did not start, or runs already.
    #[error(transparent)]
    Start(#[from] StartChildError),
    /// The supervisor did not stop the character.
    #[error(transparent)]
    Terminate(#[from] TerminateChildError),
    /// The supervisor did not delete the child specification.
    #[error(transparent)]
    Delete(#[from] DeleteChildError),
}

/// The supervisor of the characters. It may have been restarted, so this looks up its name.
///
/// # Errors
///
/// [`ProjectError::NoSupervisor`] if it does not run.
pub fn super_visor() -> Result<SupervisorRef, ProjectError> {
    let found = SupervisorRef::find(&process::node(), SUPER_VISOR);
    found.ok_or(ProjectError::NoSupervisor(SUPER_VISOR))
}

/// The dynamic supervisor of the added characters.
///
/// # Errors
///
/// [`ProjectError::NoSupervisor`] if it does not run.
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
        // If an exit signal of a failed start has ended the calling process, it ends at this yield.
        tokio::task::yield_now().await;
        let supervisor = started?;
        Ok(Self { plan, supervisor })
    }

    /// A handle to the character with this name.
    pub fn hero(&self, name: &str) -> Hero {
        Hero::named(self.plan.names.name(name))
    }

    // ANCHOR: add
    /// Adds a character while the project runs. Its id among the children is usually its name.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] if the name or the id is in use, or the character does not start.
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
    /// [`ProjectError`] if the supervisor has no such character.
    pub async fn remove(&self, name: &str) -> Result<(), ProjectError> {
        if self.plan.dynamic {
            let pid = self.hero(name).whereis();
            let pid = pid.ok_or_else(|| ProjectError::NotFound(name.to_owned()))?;
            return Ok(newcomers()?.terminate_child(pid).await?);
        }
        let super_visor = super_visor()?;
        super_visor.terminate_child(name.to_owned()).await?;
        match super_visor.delete_child(name.to_owned()).await {
            // A temporary child is deleted when it is stopped.
            Err(DeleteChildError::NotFound(_)) => Ok(()),
            deleted => Ok(deleted?),
        }
    }
    // ANCHOR_END: add

    /// Whether the project runs.
    pub fn is_alive(&self) -> bool {
        self.supervisor.is_alive()
    }

    /// Stops the project, and waits until all of its processes have ended.
    ///
    /// # Errors
    ///
    /// [`StopError`] if the project does not run.
    pub async fn stop(&self) -> Result<(), StopError> {
        self.supervisor.stop().await
    }
}
