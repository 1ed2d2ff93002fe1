//! What the rest of the program asks rooms for. All of it works inside and outside of processes.

use std::time::Duration;

use axum::extract::ws::WebSocket;
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;
use otp_core::{DynamicSupervisorRef, Registry};

use crate::boundary::room::{Call, RoomServer};
use crate::boundary::session::{self, Event, JoinError, Rooms, Seat};
use crate::supervision::{ROOMS, SESSIONS};

/// A handle on the chat.
#[derive(Debug, Clone)]
pub struct Chat {
    node: Node,
    registry: Registry<String>,
    idle: Duration,
}

impl Chat {
    /// A chat whose rooms end when they have been empty for `idle`.
    pub fn new(node: &Node, idle: Duration) -> Self {
        Self {
            node: node.clone(),
            registry: Registry::unique("chat.registry"),
            idle,
        }
    }

    /// The registry that knows the rooms.
    pub fn registry(&self) -> &Registry<String> {
        &self.registry
    }

    /// Serves a user's socket in a process of its own.
    ///
    /// # Errors
    ///
    /// [`StartChildError`] if the chat does not run.
    pub async fn serve(&self, seat: Seat, socket: WebSocket) -> Result<(), StartChildError> {
        let sessions = self.supervisor(SESSIONS)?;
        let spec = session::child_spec(self.clone(), seat, socket);
        sessions.start_child(spec).await.map(drop)
    }

    /// The room's server, which is started if it does not run. Two who find no room at the same time get the same one.
    async fn room(&self, room: &str) -> Result<ServerRef<RoomServer>, StartChildError> {
        let options = RoomServer::options().name(self.registry.via(room));
        let idle = self.idle;
        let spec = ChildSpec::worker("room", move || options.clone().start_link(idle));
        let rooms = self.supervisor(ROOMS)?;
        // Transient: a room that fails comes back, one that ends as it is empty does not.
        let spec = spec.restart(Restart::Transient);
        rooms.ensure_started(&self.named(room), spec).await
    }

    fn named(&self, room: &str) -> ServerName<RoomServer> {
        ServerName::new(self.registry.via(room)).on(&self.node)
    }

    fn supervisor(&self, name: &'static str) -> Result<DynamicSupervisorRef, StartChildError> {
        let found = DynamicSupervisorRef::find(&self.node, Name::from(name));
        found.ok_or_else(|| StartChildError::Start {
            id: name.into(),
            reason: ExitReason::NoProcess,
        })
    }
}

impl Rooms for Chat {
    async fn join(
        &self,
        room: &str,
        member: ProcessRef<Event>,
        name: &str,
    ) -> Result<(Pid, Vec<String>), JoinError> {
        loop {
            let server = self.room(room).await;
            let server = server.map_err(|error| JoinError::Failed(ExitReason::error(error)))?;
            let joined = server.call(|from| Call::Join(member.clone(), name.to_owned(), from));
            match joined.await {
                Ok(Ok(history)) => return Ok((server.pid(), history)),
                Ok(Err(refusal)) => return Err(JoinError::Refused(refusal)),
                // It ended just now, as it was empty or as it failed: there will be another one.
                Err(CallError::NoProcess { .. } | CallError::Exited { .. }) => {}
                Err(error) => return Err(JoinError::Failed(ExitReason::error(error))),
            }
        }
    }

    async fn say(&self, room: &str, member: ProcessRef<Event>, text: String) -> bool {
        let room = self.named(room);
        let said = room.call(|from| Call::Say(member, text, from));
        said.await.unwrap_or(false)
    }
}
