//! A stack as its users see it.

use crate::stack::boundary::{Call, Cast, Server};
use otp_core::prelude::*;

pub use crate::stack::core::Empty;

/// Whichever stack has a name, looked up each time.
#[derive(Debug, Clone)]
pub struct StackServer {
    server: ServerName<Server>,
}

/// Why nothing was taken from a stack.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PopError {
    /// There is nothing on it.
    #[error(transparent)]
    Empty(#[from] Empty),
    /// The stack did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl StackServer {
    /// The stack of this name.
    pub fn named(name: impl Into<Name>) -> Self {
        Self {
            server: ServerName::new(name),
        }
    }

    /// Starts it with these items, the first at the top, linked to the calling process.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the name is taken.
    ///
    /// # Panics
    ///
    /// Outside a process, as everything here.
    pub async fn start_link(&self, items: Vec<String>) -> Result<Pid, StartError> {
        let options = Server::options().name(self.server.name().clone());
        Ok(options.start_link(items).await?.pid())
    }

    /// Whether there is a stack of this name.
    pub fn is_running(&self) -> bool {
        self.server.whereis().is_some()
    }

    /// Puts an item on the top, and does not wait for it. Without a stack it is lost.
    pub fn push(&self, item: impl Into<String>) {
        self.server.cast(Cast::Push(item.into()));
    }

    /// Takes the item at the top.
    ///
    /// # Errors
    ///
    /// [`PopError::Empty`] if there is none, which does the stack no harm.
    pub async fn pop(&self) -> Result<String, PopError> {
        Ok(self.server.call(Call::Pop).await??)
    }

    /// All that is there, the top first.
    ///
    /// # Errors
    ///
    /// [`CallError`] if there is no stack, or no answer.
    pub async fn state(&self) -> Result<Vec<String>, CallError> {
        self.server.call(Call::State).await
    }
}
