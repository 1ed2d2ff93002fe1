//! Exercise 3.6 and 3.7: characters who come later, and go.

use super::Hero;
use crate::supervision::{self, CROWD, Plan};
use otp_core::DynamicSupervisorRef;
use otp_core::child_spec::{Child, ChildType};
use otp_core::prelude::*;
use otp_core::supervisor::{StartChildError, TerminateChildError};

/// The running dynamic supervisor of those who come later.
#[derive(Debug, Clone)]
pub struct Crowd {
    supervisor: DynamicSupervisorRef,
}

/// Why nobody was removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoveError {
    /// Nobody has the name.
    #[error("no process is registered as {0}")]
    Unknown(String),
    /// Whoever has the name is not in the crowd.
    #[error(transparent)]
    Terminate(#[from] TerminateChildError),
}

impl Crowd {
    /// The one that runs on this node, if one does.
    pub fn find(node: &Node) -> Option<Self> {
        let supervisor = DynamicSupervisorRef::find(node, Name::local(CROWD))?;
        Some(Self { supervisor })
    }

    /// Adds a character. It is restarted and stopped as the plan says.
    ///
    /// # Errors
    ///
    /// [`StartChildError`] if the name is taken, or if nobody knows what the character says and no line is given.
    pub async fn add(
        &self,
        plan: &Plan,
        name: &str,
        line: Option<String>,
    ) -> Result<Child, StartChildError> {
        let spec = supervision::character(plan, name, line, ChildType::Worker);
        self.supervisor.start_child(spec).await
    }

    /// Stops a character, which is forgotten then. A dynamic supervisor knows its children by their pids; that of a
    /// character is found by its name.
    ///
    /// # Errors
    ///
    /// [`RemoveError`] if there is no such character in the crowd.
    pub async fn remove(&self, name: &str) -> Result<(), RemoveError> {
        let pid = Hero::named(name.to_owned()).whereis();
        let pid = pid.ok_or_else(|| RemoveError::Unknown(name.to_owned()))?;
        Ok(self.supervisor.terminate_child(pid).await?)
    }
}
