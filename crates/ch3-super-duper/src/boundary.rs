//! A character as a GenServer: it says its line when it is called, and panics when it is told to die.

mod event;

pub use self::event::{Event, Stage};

use crate::core::Role;
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;

// anchor: messages
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
// end: messages

// anchor: character
#[gen_server]
impl GenServer for Character {
    type Args = Entrance;
    type Call = Call;
    type Cast = Cast;

    async fn init(entrance: Entrance, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let Entrance {
            name,
            line,
            trap,
            again,
            stage,
        } = entrance;
        ctx.trap_exit(trap);
        stage.tell(Event::Start {
            name: name.clone(),
            pid: ctx.pid(),
            again,
        });
        let role = match line {
            Some(line) => Role::new(name, line),
            None => Role::known(&name).map_err(ExitReason::error)?,
        };
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

    async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
        // A character that does not trap exits gets no such message. The signal of its supervisor is none
        // either: it leads to `terminate`.
        if let Info::Exit(exit) = info {
            self.stage.tell(Event::Shrug(self.name(), exit));
        }
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        self.stage.tell(Event::Mayday(self.name(), reason.clone()));
    }
    // end: character

    fn format_status(&self, status: &mut Status) {
        status.state = Some(self.role.to_string());
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        match message {
            MessageView::Call(call) => Some(format!("{call:?}")),
            MessageView::Cast(cast) => Some(format!("{cast:?}")),
            MessageView::Info(Info::Exit(exit)) => {
                Some(format!("EXIT from {}: {}", exit.from, exit.reason))
            }
            MessageView::Info(_) => None,
        }
    }
}

impl Character {
    fn name(&self) -> String {
        self.role.name().to_owned()
    }
}
