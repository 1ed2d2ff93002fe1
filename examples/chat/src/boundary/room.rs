//! A room as a server.

use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use otp_core::prelude::*;

use super::session::Event;
use crate::core::{Refusal, Room};

/// A room: tells its members what is said, and ends when it has been empty for a while.
#[derive(Debug)]
pub struct RoomServer {
    room: Room<ProcessRef<Event>>,
    /// How long it stays when it is empty.
    idle: Duration,
}

/// A request to a room.
#[derive(Debug)]
pub enum Call {
    /// Adds a session as a member; answers with the lines so far.
    Join(
        ProcessRef<Event>,
        String,
        ReplyTo<Result<Vec<String>, Refusal>>,
    ),
    /// Tells all members, the speaker too; answers whether the speaker is a member. The speaker does not read its socket
    /// while it waits for the answer: nobody has more than one line in a room's mailbox.
    Say(ProcessRef<Event>, String, ReplyTo<bool>),
}

#[gen_server]
impl GenServer for RoomServer {
    type Args = Duration;
    type Call = Call;

    async fn init(idle: Duration, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let room = Room::new();
        Ok(Init::state(Self { room, idle }).then(Next::Timeout(idle)))
    }

    async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
        let reply = match call {
            Call::Join(session, name, from) => {
                let history = self.room.history();
                let joined = self.room.join(session.clone(), &name);
                if let Ok(line) = &joined {
                    // A session that ends leaves the room, for whatever reason it ends.
                    context.monitor(&session);
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
                let is_gone = |member: &&ProcessRef<Event>| down.pid() == Some(member.pid());
                let gone = self.room.members().find(is_gone).cloned();
                if let Some(line) = gone.and_then(|member| self.room.leave(&member)) {
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
    /// Sends a line to all members. It neither waits nor fails: a session that does not keep up is ended by its mailbox's limit.
    fn tell(&self, line: &str) {
        let line = Utf8Bytes::from(line);
        for member in self.room.members() {
            member.send(Event::Line(line.clone()));
        }
    }

    fn wait(&self) -> Next<Self> {
        match self.room.is_empty() {
            true => Next::Timeout(self.idle),
            false => Next::NoReply,
        }
    }
}
