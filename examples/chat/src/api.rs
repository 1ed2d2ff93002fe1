//! What the rest of the program asks the chat for. All of it works inside and outside of processes.

use std::time::Duration;

use axum::extract::ws::WebSocket;
use otp_core::Node;
use otp_core::supervisor::StartChildError;

use crate::boundary::rooms::Rooms;
use crate::boundary::session::{self, SESSIONS, Seat};

/// A handle on the chat.
#[derive(Debug, Clone)]
pub struct Chat(pub(crate) Rooms);

impl Chat {
    /// A chat whose rooms end when they have been empty for `idle`.
    pub fn new(node: &Node, idle: Duration) -> Self {
        Self(Rooms::new(node, idle))
    }

    /// Serves a user's socket in a process of its own.
    ///
    /// # Errors
    ///
    /// [`StartChildError`] if the chat does not run.
    pub async fn serve(&self, seat: Seat, socket: WebSocket) -> Result<(), StartChildError> {
        let spec = session::child_spec(self.0.clone(), seat, socket);
        let sessions = self.0.supervisor(SESSIONS)?;
        sessions.start_child(spec).await.map(drop)
    }
}
