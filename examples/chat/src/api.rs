//! The API of the chat. Its functions work inside and outside of processes.

use std::time::Duration;

use axum::extract::ws::WebSocket;
use otp_core::Node;
use otp_core::supervisor::StartChildError;

use crate::boundary::rooms::Rooms;
use crate::boundary::session::{self, SESSIONS, User};

/// A handle to the chat.
#[derive(Debug, Clone)]
pub struct Chat(pub(crate) Rooms);

impl Chat {
    /// Creates a chat whose rooms end when they have been empty for the time `idle`.
    pub fn new(node: &Node, idle: Duration) -> Self {
        Self(Rooms::new(node, idle))
    }

    /// Serves a user's socket in a separate process.
    ///
    /// # Errors
    ///
    /// [`StartChildError`] if the chat does not run.
    pub async fn serve(&self, user: User, socket: WebSocket) -> Result<(), StartChildError> {
        let spec = session::child_spec(self.0.clone(), user, socket);
        let sessions = self.0.supervisor(SESSIONS)?;
        sessions.start_child(spec).await.map(drop)
    }
}
