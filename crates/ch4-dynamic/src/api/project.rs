//! The project: the tree, and characters who come and go in it.

use super::Hero;
use crate::boundary::Memory;
use crate::core::Lines;
use crate::supervision::{self, NEWCOMERS, Plan, SUPER_VISOR};
use ch3_super_duper::core::Role;
use otp_core::child_spec::{Child, ChildId};
use otp_core::prelude::*;
use otp_core::supervisor::{
    ChildCounts, ChildInfo, ChildStatus, DeleteChildError, RestartChildError, StartChildError,
    TerminateChildError,
};
use otp_core::table::TableError;
use otp_core::{DynamicSupervisorRef, StopError, SupervisorRef, process};

/// A project that runs.
#[derive(Debug, Clone)]
pub struct Project {
    plan: Plan,
    supervisor: SupervisorRef,
}

/// Which supervisor is meant. They are found by their names, as either may have been started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// That of all characters.
    SuperVisor,
    /// That of those who come later.
    Newcomers,
}

/// A character that was not added.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AddError {
    /// It does not start, or is there already.
    #[error(transparent)]
    Start(#[from] StartChildError),
    /// The supervisor does not run.
    #[error("{0} does not run")]
    NoSupervisor(&'static str),
}

/// A character that was not removed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoveError {
    /// Nobody has the name.
    #[error("there is no character {0}")]
    NotFound(String),
    /// It did not stop.
    #[error(transparent)]
    Terminate(#[from] TerminateChildError),
    /// It was not forgotten.
    #[error(transparent)]
    Delete(#[from] DeleteChildError),
    /// The supervisor does not run.
    #[error("{0} does not run")]
    NoSupervisor(&'static str),
}

impl Project {
    /// Starts a project, linked with the calling process.
    ///
    /// # Errors
    ///
    /// [`StartError`] if one runs on this node already, or a child does not start.
    ///
    /// # Panics
    ///
    /// Outside a process, as everything here.
    pub async fn start_link(plan: Plan) -> Result<Self, StartError> {
        let started = supervision::start_link(&plan).await;
        // A start that fails ends whoever is linked with it and does not trap exits, and that is here.
        tokio::task::yield_now().await;
        let supervisor = started?;
        Ok(Self { plan, supervisor })
    }

    /// What it is like.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The character of this name.
    pub fn hero(&self, name: &str) -> Hero {
        Hero::named(self.plan.names.name(name))
    }

    /// Where newcomers go.
    pub fn stage_door(&self) -> Who {
        match self.plan.dynamic {
            true => Who::Newcomers,
            false => Who::SuperVisor,
        }
    }

    /// Adds a character while the project runs.
    ///
    /// # Errors
    ///
    /// [`AddError`] if the name is taken, or the character does not start.
    pub async fn add(&self, role: &Role) -> Result<Child, AddError> {
        self.add_as(role.name().to_owned(), role).await
    }

    /// As [`add`](Self::add), with another id among the children than the character's name.
    ///
    /// # Errors
    ///
    /// [`AddError`].
    pub async fn add_as(&self, id: impl Into<ChildId>, role: &Role) -> Result<Child, AddError> {
        let spec = supervision::character(&self.plan, role).with_id(id);
        Ok(match self.stage_door() {
            Who::SuperVisor => super_visor()?.start_child(spec).await?,
            Who::Newcomers => newcomers()?.start_child(spec).await?,
        })
    }

    /// Stops a character and forgets it. Under a plain supervisor any can go, under a dynamic one only newcomers.
    ///
    /// # Errors
    ///
    /// [`RemoveError`] if there is no such character there.
    pub async fn remove(&self, name: &str) -> Result<(), RemoveError> {
        match self.stage_door() {
            Who::SuperVisor => {
                let super_visor = super_visor().map_err(RemoveError::NoSupervisor)?;
                super_visor.terminate_child(name.to_owned()).await?;
                match super_visor.delete_child(name.to_owned()).await {
                    // A temporary one is forgotten when it stops.
                    Ok(()) | Err(DeleteChildError::NotFound(_)) => Ok(()),
                    Err(error) => Err(error.into()),
                }
            }
            Who::Newcomers => {
                let newcomers = newcomers().map_err(RemoveError::NoSupervisor)?;
                let pid = self.hero(name).whereis();
                let pid = pid.ok_or_else(|| RemoveError::NotFound(name.to_owned()))?;
                Ok(newcomers.terminate_child(pid).await?)
            }
        }
    }

    /// Stops a child of the plain supervisor, which does not forget it.
    ///
    /// # Errors
    ///
    /// [`RemoveError`].
    pub async fn terminate(&self, name: &str) -> Result<(), RemoveError> {
        let super_visor = super_visor().map_err(RemoveError::NoSupervisor)?;
        Ok(super_visor.terminate_child(name.to_owned()).await?)
    }

    /// Starts a child of the plain supervisor that does not run.
    ///
    /// # Errors
    ///
    /// [`RestartChildError`] if there is none, it runs, or it does not start.
    pub async fn restart(&self, name: &str) -> Result<Child, RestartChildError> {
        match super_visor() {
            Ok(super_visor) => super_visor.restart_child(name.to_owned()).await,
            Err(_) => Err(RestartChildError::NotFound(name.to_owned().into())),
        }
    }

    /// Has the plain supervisor forget a child that does not run.
    ///
    /// # Errors
    ///
    /// [`RemoveError`].
    pub async fn delete(&self, name: &str) -> Result<(), RemoveError> {
        let super_visor = super_visor().map_err(RemoveError::NoSupervisor)?;
        Ok(super_visor.delete_child(name.to_owned()).await?)
    }

    /// The children of a supervisor, the last one first.
    ///
    /// # Errors
    ///
    /// [`AddError::NoSupervisor`], or the supervisor has ended.
    pub async fn children(&self, who: Who) -> Result<Vec<ChildInfo>, AddError> {
        let children = match who {
            Who::SuperVisor => super_visor()?.which_children().await,
            Who::Newcomers => newcomers()?.which_children().await,
        };
        Ok(children.map_err(StartChildError::from)?)
    }

    /// Whether all supervisors run, and none is about to start a child once more.
    pub async fn is_calm(&self) -> bool {
        for who in [self.stage_door(), Who::SuperVisor] {
            let is_calm = self.children(who).await.is_ok_and(|children| {
                let mut statuses = children.iter().map(|child| child.status);
                !statuses.any(|status| status == ChildStatus::Restarting)
            });
            if !is_calm {
                return false;
            }
        }
        true
    }

    /// How many children a supervisor has.
    ///
    /// # Errors
    ///
    /// As for [`children`](Self::children).
    pub async fn count(&self, who: Who) -> Result<ChildCounts, AddError> {
        let count = match who {
            Who::SuperVisor => super_visor()?.count_children().await,
            Who::Newcomers => newcomers()?.count_children().await,
        };
        Ok(count.map_err(StartChildError::from)?)
    }

    /// What is kept of the characters in the table that outlives them, by name.
    ///
    /// # Errors
    ///
    /// [`TableError`] if nothing is kept in this project.
    pub fn memories(&self) -> Result<Vec<(String, Lines)>, TableError> {
        Memory::rows()
    }

    /// The process of the characters' supervisor, if it runs.
    pub fn super_visor(&self) -> Option<Pid> {
        process::whereis(SUPER_VISOR)
    }

    /// Its pid.
    pub fn pid(&self) -> Pid {
        self.supervisor.pid()
    }

    /// Whether it runs.
    pub fn is_alive(&self) -> bool {
        self.supervisor.is_alive()
    }

    /// Waits until it has ended, and says why.
    pub async fn wait(&self) -> ExitReason {
        self.supervisor.wait().await
    }

    /// Stops all of it, and waits until all are dead.
    ///
    /// # Errors
    ///
    /// [`StopError`] if it has ended already.
    pub async fn stop(&self) -> Result<(), StopError> {
        self.supervisor.stop().await
    }
}

impl From<&'static str> for AddError {
    fn from(supervisor: &'static str) -> Self {
        Self::NoSupervisor(supervisor)
    }
}

fn super_visor() -> Result<SupervisorRef, &'static str> {
    SupervisorRef::find(&process::node(), SUPER_VISOR).ok_or(SUPER_VISOR)
}

fn newcomers() -> Result<DynamicSupervisorRef, &'static str> {
    DynamicSupervisorRef::find(&process::node(), NEWCOMERS).ok_or(NEWCOMERS)
}
