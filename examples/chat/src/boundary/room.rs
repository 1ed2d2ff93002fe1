//! A room as a server.

use axum::extract::ws::Utf8Bytes;
use otp_core::Recipient;
use otp_core::prelude::*;

use super::rooms::Rooms;
use crate::core::{Refusal, Room};

/// A room: tells its members what is said, and ends when it has been empty for a while.
#[derive(Debug)]
pub struct RoomServer {
    room: Room<Pid>,
    /// The topic of its lines: one for each life of a room, so that a line of the next life reaches a member that has come back, and
    /// not one that has yet to hear of the failure.
    topic: String,
    rooms: Rooms,
}

/// A request to a room.
#[derive(Debug)]
pub enum Call {
    /// Adds a session as a member; answers with the lines so far.
    Join(
        Recipient<Utf8Bytes>,
        String,
        ReplyTo<Result<Vec<String>, Refusal>>,
    ),
    /// Tells all members, the speaker too; answers whether the speaker is a member. The speaker does not read its socket
    /// while it waits for the answer: nobody has more than one line in a room's mailbox.
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
                    // A session that ends leaves the room, for whatever reason it ends.
                    context.monitor(&session);
                    // A session that has ended need hear nothing.
                    let _ = self.rooms.lines.subscribe(self.topic.clone(), session);
                    self.tell(line);
                }
                from.reply(joined.map(|_| history))
            }
            Call::Say(session, text, from) => {
                let line = self.room.say(&session, &text);
                if let Some(line) = &line {
                    self.tell(line);
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
                    self.tell(&line);
                }
            }
            // A session that asks to join between this decision and the end gets an error, and asks for the room again.
            Info::Timeout if self.room.is_empty() => return Next::Stop(ExitReason::Normal),
            Info::Timeout | Info::Exit(_) | Info::Message(_) => {}
        }
        self.wait()
    }
}

impl RoomServer {
    /// Says a line to all members. It waits for nobody: a session that does not keep up is ended by its mailbox's limit. If the
    /// topics do not run, the room is about to end with them.
    fn tell(&self, line: &str) {
        let _ = self.rooms.lines.broadcast(&self.topic, line.into());
    }

    fn wait(&self) -> Next<Self> {
        match self.room.is_empty() {
            true => Next::Timeout(self.rooms.idle),
            false => Next::NoReply,
        }
    }
}
