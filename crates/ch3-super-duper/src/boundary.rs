//! A character as a GenServer: it says its line when it is called, and panics when it is told to die.

use crate::core::Role;
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;
use otp_shell::plain;
use std::fmt;

/// Where all tell what happens to them.
pub type Stage = otp_shell::Stage<Event>;

// ANCHOR: event
/// What happens to a process. It reports the event before it goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A character or a supervisor starts: its name, its process, and whether there was one before it.
    Start(String, Pid, bool),
    /// The last words of a character: its name, and why it ends.
    Mayday(String, ExitReason),
    /// A character has ended after last words that took a while.
    Gone(String),
}
// ANCHOR_END: event

/// As the program prints it.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(name, pid, false) => write!(f, "start {name} {pid}"),
            Self::Start(name, pid, true) => write!(f, "restart {name} {pid}"),
            Self::Mayday(name, reason) => write!(f, "Mayday! {name} goes down: {}", plain(reason)),
            Self::Gone(name) => write!(f, "{name} is gone"),
        }
    }
}

// ANCHOR: messages
/// What a character needs to know when it starts.
#[derive(Debug, Clone)]
pub struct Entrance {
    /// Its name.
    pub name: String,
    /// The line that it says; without one, the line that is known.
    pub line: Option<String>,
    /// Whether it traps exits. Only then it has last words when its supervisor stops it.
    pub trap: bool,
    /// Whether it is started in the place of one that has ended.
    pub again: bool,
    /// Where it tells what happens to it.
    pub stage: Stage,
}

/// A running character.
#[derive(Debug)]
pub struct Character {
    role: Role,
    stage: Stage,
}

/// The calls.
#[derive(Debug)]
pub enum Call {
    /// Say the line.
    Say(ReplyTo<String>),
    /// Panic, which leaves the caller without an answer.
    Die(ReplyTo<()>),
}

/// The cast.
#[derive(Debug)]
pub enum Cast {
    /// Panic.
    Die,
}
// ANCHOR_END: messages

// ANCHOR: character
#[gen_server]
impl GenServer for Character {
    type Args = Entrance;
    type Call = Call;
    type Cast = Cast;

    async fn init(it: Entrance, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(it.trap);
        let start = Event::Start(it.name.clone(), ctx.pid(), it.again);
        it.stage.tell(start);
        let role = match it.line {
            Some(line) => Role::new(it.name, line),
            None => Role::known(&it.name).map_err(ExitReason::error)?,
        };
        let stage = it.stage;
        Ok(Init::state(Self { role, stage }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Say(from) => from.reply(self.role.line().to_owned()),
            Call::Die(_) => panic!("boom"),
        }
    }

    async fn handle_cast(&mut self, Cast::Die: Cast, _: &mut Context<Self>) -> Next<Self> {
        panic!("boom")
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        let name = self.role.name().to_owned();
        self.stage.tell(Event::Mayday(name, reason.clone()));
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(format!("{}: {}", self.role.name(), self.role.line()));
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        match message {
            MessageView::Call(call) => Some(format!("{call:?}")),
            MessageView::Cast(cast) => Some(format!("{cast:?}")),
            MessageView::Info(_) => None,
        }
    }
}
// ANCHOR_END: character
