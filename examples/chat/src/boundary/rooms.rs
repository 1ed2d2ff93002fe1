//! Access to the rooms, from inside and outside of processes.

use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use otp_core::guard::Guard;
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;
use otp_core::{DynamicSupervisorRef, PubSub, Recipient, Registry};

use super::room::{Call, RoomServer};
use crate::core::Refusal;

/// The name of the supervisor of the rooms.
pub const ROOMS: &str = "chat.rooms";

/// The rooms of a node.
#[derive(Debug, Clone)]
pub struct Rooms {
    node: Node,
    /// The rooms by their names.
    pub(crate) registry: Registry<String>,
    /// The topics, one for each start of a room.
    pub(crate) lines: PubSub<Utf8Bytes>,
    /// The time after which an empty room ends.
    pub(crate) idle: Duration,
}

/// A room was not joined.
#[derive(Debug)]
pub enum JoinError {
    /// The room has refused the member.
    Refused(Refusal),
    /// The room could not be started or did not answer.
    Failed,
}

impl Rooms {
    /// Creates the rooms. A room ends when it has been empty for the time `idle`.
    pub fn new(node: &Node, idle: Duration) -> Self {
        Self {
            node: node.clone(),
            registry: Registry::unique("chat.registry"),
            lines: PubSub::new("chat.lines"),
            idle,
        }
    }

    /// Joins a room. Starts it if it does not run. Returns its pid and its last lines.
    pub async fn join(
        &self,
        room: &str,
        member: Recipient<Utf8Bytes>,
        name: &str,
    ) -> Result<(Pid, Vec<String>), JoinError> {
        loop {
            let server = self.room(room).await.map_err(|_| JoinError::Failed)?;
            let joined = server.call(|from| Call::Join(member.clone(), name.to_owned(), from));
            match joined.await {
                Ok(Ok(history)) => return Ok((server.pid(), history)),
                Ok(Err(refusal)) => return Err(JoinError::Refused(refusal)),
                // The room has just ended, because it was empty or failed. The next attempt finds or starts another one.
                Err(CallError::NoProcess { .. } | CallError::Exited { .. }) => {}
                Err(_) => return Err(JoinError::Failed),
            }
        }
    }

    /// Sends a text to a room. Returns whether the room has sent it to its members.
    pub async fn say(&self, room: &str, member: Pid, text: String) -> bool {
        let room = self.named(room);
        let sent = room.call(|from| Call::Say(member, text, from));
        sent.await.unwrap_or(false)
    }

    /// The server of a room. Starts it if it does not run. Concurrent calls get the same server.
    async fn room(&self, room: &str) -> Result<ServerRef<RoomServer>, StartChildError> {
        let options = RoomServer::options().name(self.registry.via(room));
        let rooms = self.clone();
        let start = move || options.clone().start_link(rooms.clone());
        // A transient child: a failed room is restarted, and an empty room that ends is not. With a guard of its own a room that
        // fails repeatedly does not end the other rooms.
        let spec = ChildSpec::worker("room", start).restart(Restart::Transient);
        let spec = spec.guarded(Guard::new());
        let rooms = self.supervisor(ROOMS)?;
        rooms.ensure_started(&self.named(room), spec).await
    }

    fn named(&self, room: &str) -> ServerName<RoomServer> {
        ServerName::new(self.registry.via(room)).on(&self.node)
    }

    /// A supervisor of the chat, if it runs.
    pub(crate) fn supervisor(
        &self,
        name: &'static str,
    ) -> Result<DynamicSupervisorRef, StartChildError> {
        let found = DynamicSupervisorRef::find(&self.node, Name::from(name));
        found.ok_or_else(|| StartChildError::Start {
            id: name.into(),
            reason: ExitReason::NoProcess,
        })
    }
}
