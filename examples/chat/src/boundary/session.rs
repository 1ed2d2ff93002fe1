//! A socket as a process: what the room says goes to the socket, what the user says goes to the room.
//!
//! **Slow sockets.** While a socket takes no more bytes its process waits, and lines collect in its mailbox. There is room for
//! [`BACKLOG`]; one more ends the process (`MailboxLimit::end`), which closes the connection, and the room hears of it
//! by its monitor. So a slow reader costs a bounded amount of memory, and neither the room nor other members wait for it.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use otp_core::prelude::*;
use otp_core::{MailboxLimit, Recipient, proc_lib};

use super::rooms::{JoinError, Rooms};

/// How many lines may wait for a slow socket.
pub const BACKLOG: usize = 64;

/// What a session hears.
#[derive(Debug)]
pub enum Event {
    /// A line for the user.
    Line(Utf8Bytes),
    /// Its room has ended.
    RoomDown,
    /// Its supervisor ends it.
    Drain,
}

/// The supervisor of the sessions.
pub const SESSIONS: &str = "chat.sessions";

/// Who talks where.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The room.
    pub room: String,
    /// The user's name in it.
    pub name: String,
}

/// A session for a supervisor: temporary, as a lost connection does not come back.
pub fn child_spec(rooms: Rooms, seat: Seat, socket: WebSocket) -> ChildSpec {
    let session = Session {
        rooms,
        seat,
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
    seat: Seat,
    socket: WebSocket,
}

/// Why a session ends: the code and the text of the close frame.
type Close = (u16, &'static str);

const GONE: Close = (close_code::NORMAL, "");
const DRAIN: Close = (close_code::AWAY, "the server is going down");
const FAILED: Close = (close_code::ERROR, "the room is out of order");

impl Session {
    async fn run(mut self, mut mailbox: Mailbox<Event>) {
        let Err((code, reason)) = self.talk(&mut mailbox).await;
        let reason = reason.into();
        let frame = Message::Close(Some(CloseFrame { code, reason }));
        // An error means that the user is gone already. Otherwise the connection ends when the user has confirmed; who does
        // not is killed by the supervisor when its patience is over.
        if self.socket.send(frame).await.is_ok() {
            while let Some(Ok(_)) = self.socket.recv().await {}
        }
    }

    /// Talks until there is a reason to stop.
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
                        let said = self.rooms.say(&self.seat.room, mailbox.pid(), text.to_string());
                        // The room has just failed: its DOWN is on the way.
                        if !said.await {
                            self.show("* not delivered".into()).await?;
                        }
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(GONE),
                    Some(Ok(_)) => {}
                },
            }
        }
    }

    async fn join(&mut self, mailbox: &mut Mailbox<Event>) -> Result<(), Close> {
        let Seat { room, name } = self.seat.clone();
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
                Err(GONE)
            }
            Err(JoinError::Failed) => Err(FAILED),
        }
    }

    async fn show(&mut self, line: Utf8Bytes) -> Result<(), Close> {
        let sent = self.socket.send(Message::Text(line)).await;
        sent.map_err(|_| GONE)
    }
}
