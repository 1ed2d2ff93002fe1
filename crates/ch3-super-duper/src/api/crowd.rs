//! Exercise 3.6 and 3.7: characters who come later, and go.

use crate::supervision::{self, CROWD, Plan};
use otp_core::SupervisorRef;
use otp_core::child_spec::{Child, ChildType};
use otp_core::prelude::*;
use otp_core::supervisor::{DeleteChildError, StartChildError, TerminateChildError};

/// The running supervisor of those who come later.
#[derive(Debug, Clone)]
pub struct Crowd {
    supervisor: SupervisorRef,
}

/// Why nobody was removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoveError {
    /// It did not stop.
    #[error(transparent)]
    Terminate(#[from] TerminateChildError),
    /// It was not forgotten.
    #[error(transparent)]
    Delete(#[from] DeleteChildError),
}

impl Crowd {
    /// The one that runs on this node, if one does.
    pub fn find(node: &Node) -> Option<Self> {
        let supervisor = SupervisorRef::find(node, Name::local(CROWD))?;
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

    /// Stops a character and forgets it.
    ///
    /// # Errors
    ///
    /// [`RemoveError`] if there is no such character in the crowd.
    pub async fn remove(&self, name: &str) -> Result<(), RemoveError> {
        self.supervisor.terminate_child(name.to_owned()).await?;
        match self.supervisor.delete_child(name.to_owned()).await {
            // A temporary one is forgotten when it stops.
            Ok(()) | Err(DeleteChildError::NotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
