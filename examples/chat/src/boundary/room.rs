//! The server of a room.

use axum::extract::ws::Utf8Bytes;
use otp_core::Recipient;
use otp_core::prelude::*;

use super::rooms::Rooms;
use crate::core::{Refusal, Room};

/// A room, which sends each line to its members, and ends when it has been empty for some time.
#[derive(Debug)]
pub struct RoomServer {
    room: Room<Pid>,
    /// The topic of its lines. Each start of a room has a new topic, so lines after a restart reach only members that have joined
    /// again.
    topic: String,
    rooms: Rooms,
}

/// Calls of a room.
#[derive(Debug)]
pub enum Call {
    /// Add a session as a member. The answer has the last lines.
    Join(
        Recipient<Utf8Bytes>,
        String,
        ReplyTo<Result<Vec<String>, Refusal>>,
    ),
    /// Send a line to all members, including the speaker. The answer says whether the speaker is a member. A session does not read its
    /// socket while it waits for the answer, so it has at most one line in the room's mailbox.
    Say(Pid, String, ReplyTo<bool>),
}

#[gen_server]
impl GenServer for RoomServer {
    type Args = Rooms;
    type Call = Call;

    async fn init(rooms: Rooms, context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let topic = context.me().pid().to_string();
        let (room, wait) = (Room::new(), Next::Timeout(rooms.idle));
        let state = Self { room, topic, rooms };
        Ok(Init::state(state).then(wait))
    }

    async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
        let reply = match call {
            Call::Join(session, name, from) => {
                let history = self.room.history();
                let joined = self.room.join(session.pid(), &name);
                if let Ok(line) = &joined {
                    // A session that ends leaves the room, with any reason.
                    context.monitor(&session);
                    // The subscription fails if the session has ended.
                    let _ = self.rooms.lines.subscribe(self.topic.clone(), session);
                    self.broadcast(line);
                }
                from.reply(joined.map(|_| history))
            }
            Call::Say(session, text, from) => {
                let line = self.room.say(&session, &text);
                if let Some(line) = &line {
                    self.broadcast(line);
                }
                from.reply(line.is_some())
            }
        };
        reply.then(self.wait())
    }

    async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Down(down) => {
                if let Some(line) = down.pid().and_then(|member| self.room.leave(&member)) {
                    self.broadcast(&line);
                }
            }
            // The call of a session that joins between this decision and the end fails, and the session tries again.
            Info::Timeout if self.room.is_empty() => return Next::Stop(ExitReason::Normal),
            Info::Timeout | Info::Exit(_) | Info::Message(_) => {}
        }
        self.wait()
    }
}

impl RoomServer {
    /// Sends a line to all members without waiting. The limit of its mailbox ends a session that is too slow. If the topics do not
    /// run, the supervisor is about to end the room, too.
    fn broadcast(&self, line: &str) {
        let _ = self.rooms.lines.broadcast(&self.topic, line.into());
    }

    fn wait(&self) -> Next<Self> {
        match self.room.is_empty() {
            true => Next::Timeout(self.rooms.idle),
            false => Next::NoReply,
        }
    }
}
