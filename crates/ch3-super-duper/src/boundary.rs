//! A character as a GenServer. It answers a call with its line, and panics on request.

use crate::core::Role;
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;
use otp_shell::plain;
use std::fmt;

/// The receiver of the events.
pub type Stage = otp_shell::Stage<Event>;

// ANCHOR: event
/// An event of a process. The process reports it before it continues.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A character or a supervisor starts: its name, its pid, and whether it is a restart.
    Start(String, Pid, bool),
    /// A character ends: its name and its exit reason. These are its last words.
    Mayday(String, ExitReason),
    /// A character with long last words has finished them.
    Gone(String),
}
// ANCHOR_END: event

/// The line that the program prints.
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
/// The arguments of a character.
#[derive(Debug, Clone)]
pub struct CharacterArgs {
    /// The name.
    pub name: String,
    /// The line. Without one, the character must be a known one.
    pub line: Option<String>,
    /// Whether the character traps exits. Only then it has last words when its supervisor stops it.
    pub trap: bool,
    /// Whether this start is a restart.
    pub restarted: bool,
    /// The receiver of the character's events.
    pub stage: Stage,
}

/// A running character.
#[derive(Debug)]
pub struct Character {
    role: Role,
    stage: Stage,
}

/// Calls of a character.
#[derive(Debug)]
pub enum Call {
    /// Say the line.
    Say(ReplyTo<String>),
    /// Panic, so that the caller gets no answer.
    Die(ReplyTo<()>),
}

/// Casts of a character.
#[derive(Debug)]
pub enum Cast {
    /// Panic.
    Die,
}
// ANCHOR_END: messages

// ANCHOR: character
#[gen_server]
impl GenServer for Character {
    type Args = CharacterArgs;
    type Call = Call;
    type Cast = Cast;

    async fn init(args: CharacterArgs, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(args.trap);
        let start = Event::Start(args.name.clone(), ctx.pid(), args.restarted);
        args.stage.tell(start);
        let role = match args.line {
            Some(line) => Role::new(args.name, line),
            None => Role::known(&args.name).map_err(ExitReason::error)?,
        };
        let stage = args.stage;
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
