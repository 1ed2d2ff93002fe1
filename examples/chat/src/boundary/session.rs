//! The process of a socket. It writes the lines of the room to the socket, and sends the lines of the user to the room.
//!
//! **Slow sockets.** While a socket accepts no more bytes its process waits, and lines collect in its mailbox. The mailbox has room for
//! [`BACKLOG`] lines. One more line ends the process (`MailboxLimit::end`), which closes the connection, and the room gets the DOWN
//! of its monitor. So a slow client costs a bounded amount of memory, and delays neither the room nor other members.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use otp_core::prelude::*;
use otp_core::{MailboxLimit, Recipient, proc_lib};

use super::rooms::{JoinError, Rooms};

/// The maximum number of lines that wait for a slow socket.
pub const BACKLOG: usize = 64;

/// The messages of a session.
#[derive(Debug)]
pub enum Event {
    /// A line for the user.
    Line(Utf8Bytes),
    /// The room has ended.
    RoomDown,
    /// The supervisor stops the session.
    Drain,
}

/// The name of the supervisor of the sessions.
pub const SESSIONS: &str = "chat.sessions";

/// A user of a room.
#[derive(Debug, Clone)]
pub struct User {
    /// The room.
    pub room: String,
    /// The user's name in the room.
    pub name: String,
}

/// The child specification of a session. It is temporary, because a lost connection cannot be restarted.
pub fn child_spec(rooms: Rooms, user: User, socket: WebSocket) -> ChildSpec {
    let session = Session {
        rooms,
        user,
        socket,
    };
    ChildSpec::once("session", move || {
        let options = proc_lib::options().mailbox_limit(MailboxLimit::end(BACKLOG));
        options.start_link(move |mut mailbox, ack| async move {
            mailbox.trap_exit(|_| Event::Drain);
            ack.ok();
            session.run(mailbox).await;
        })
    })
}

struct Session {
    rooms: Rooms,
    user: User,
    socket: WebSocket,
}

/// The code and the text of a close frame.
type Close = (u16, &'static str);

const CLOSED: Close = (close_code::NORMAL, "");
const DRAIN: Close = (close_code::AWAY, "the server is going down");
const FAILED: Close = (close_code::ERROR, "the room is out of order");

impl Session {
    async fn run(mut self, mut mailbox: Mailbox<Event>) {
        let Err((code, reason)) = self.talk(&mut mailbox).await;
        let reason = reason.into();
        let frame = Message::Close(Some(CloseFrame { code, reason }));
        // If the user is still connected, waits until the user has confirmed the close. The supervisor kills the session at the end
        // of its time limit.
        if self.socket.send(frame).await.is_ok() {
            while let Some(Ok(_)) = self.socket.recv().await {}
        }
    }

    /// Passes lines in both directions until the session ends. Returns the close frame.
    async fn talk(&mut self, mailbox: &mut Mailbox<Event>) -> Result<Never, Close> {
        self.join(mailbox).await?;
        loop {
            tokio::select! {
                event = mailbox.receive() => match event {
                    Event::Line(line) => self.show(line).await?,
                    Event::RoomDown => {
                        self.show("* the room has failed and was started again".into()).await?;
                        self.join(mailbox).await?;
                    }
                    Event::Drain => return Err(DRAIN),
                },
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => {
                        let sent = self.rooms.say(&self.user.room, mailbox.pid(), text.to_string());
                        // The room has failed, and its DOWN will arrive.
                        if !sent.await {
                            self.show("* not delivered".into()).await?;
                        }
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(CLOSED),
                    Some(Ok(_)) => {}
                },
            }
        }
    }

    async fn join(&mut self, mailbox: &mut Mailbox<Event>) -> Result<(), Close> {
        let User { room, name } = self.user.clone();
        let me = Recipient::from(&mailbox.me()).map(Event::Line);
        match self.rooms.join(&room, me, &name).await {
            Ok((room, history)) => {
                mailbox.monitor(room, |_| Event::RoomDown);
                for line in history {
                    self.show(line.into()).await?;
                }
                Ok(())
            }
            Err(JoinError::Refused(refusal)) => {
                self.show(format!("* {refusal}").into()).await?;
                Err(CLOSED)
            }
            Err(JoinError::Failed) => Err(FAILED),
        }
    }

    async fn show(&mut self, line: Utf8Bytes) -> Result<(), Close> {
        let sent = self.socket.send(Message::Text(line)).await;
        sent.map_err(|_| CLOSED)
    }
}
