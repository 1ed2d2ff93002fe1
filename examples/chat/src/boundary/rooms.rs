//! How sessions reach their rooms, from inside and outside of processes.

use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;
use otp_core::{DynamicSupervisorRef, PubSub, Recipient, Registry};

use super::room::{Call, RoomServer};
use crate::core::Refusal;

/// The supervisor of the rooms.
pub const ROOMS: &str = "chat.rooms";

/// The rooms of a node.
#[derive(Debug, Clone)]
pub struct Rooms {
    node: Node,
    /// Knows them by their names.
    pub(crate) registry: Registry<String>,
    /// Has a topic for each life of a room.
    pub(crate) lines: PubSub<Utf8Bytes>,
    /// How long an empty one stays.
    pub(crate) idle: Duration,
}

/// Why a room was not joined.
#[derive(Debug)]
pub enum JoinError {
    /// The room does not want it.
    Refused(Refusal),
    /// The room could not be started or asked.
    Failed,
}

impl Rooms {
    /// Rooms that end when they have been empty for `idle`.
    pub fn new(node: &Node, idle: Duration) -> Self {
        Self {
            node: node.clone(),
            registry: Registry::unique("chat.registry"),
            lines: PubSub::new("chat.lines"),
            idle,
        }
    }

    /// Joins the room, which is started if it does not run. Returns the room and its last lines.
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
                // It ended just now, as it was empty or as it failed: there will be another one.
                Err(CallError::NoProcess { .. } | CallError::Exited { .. }) => {}
                Err(_) => return Err(JoinError::Failed),
            }
        }
    }

    /// Says something to the room. Returns whether it has told its members.
    pub async fn say(&self, room: &str, member: Pid, text: String) -> bool {
        let room = self.named(room);
        let said = room.call(|from| Call::Say(member, text, from));
        said.await.unwrap_or(false)
    }

    /// The room's server, which is started if it does not run. Two who find no room at the same time get the same one.
    async fn room(&self, room: &str) -> Result<ServerRef<RoomServer>, StartChildError> {
        let options = RoomServer::options().name(self.registry.via(room));
        let rooms = self.clone();
        let start = move || options.clone().start_link(rooms.clone());
        // Transient: a room that fails comes back, one that ends as it is empty does not.
        let spec = ChildSpec::worker("room", start).restart(Restart::Transient);
        let rooms = self.supervisor(ROOMS)?;
        rooms.ensure_started(&self.named(room), spec).await
    }

    fn named(&self, room: &str) -> ServerName<RoomServer> {
        ServerName::new(self.registry.via(room)).on(&self.node)
    }

    /// A supervisor of the chat, if that runs.
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
