//! A character as a GenServer: it says its line when it is called, and panics when it is told to die.

mod event;

pub use self::event::{Event, Stage};

use crate::core::Role;
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;

/// What a character needs to know to appear.
#[derive(Debug, Clone)]
pub struct Entrance {
    /// Its name.
    pub name: String,
    /// What it says; without it, what everybody knows that it says.
    pub line: Option<String>,
    /// Whether it traps exits, and so has time for its last words when its supervisor stops it.
    pub trap: bool,
    /// How often it has appeared before.
    pub lives: u64,
    /// Who hears what happens to it.
    pub stage: Stage,
}

/// A character on the stage.
#[derive(Debug)]
pub struct Character {
    role: Role,
    stage: Stage,
}

/// What a character is asked.
#[derive(Debug)]
pub enum Call {
    /// Its line.
    Say(ReplyTo<String>),
    /// To die, which leaves the caller without an answer.
    Die(ReplyTo<()>),
}

/// What a character is told.
#[derive(Debug)]
pub enum Cast {
    /// Panic.
    Die,
    /// Leave the stage, for this reason.
    Leave(ExitReason),
}

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
            lives,
            stage,
        } = entrance;
        ctx.trap_exit(trap);
        stage.tell(Event::Start {
            name: name.clone(),
            pid: ctx.pid(),
            again: lives > 0,
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

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Die => panic!("boom"),
            Cast::Leave(reason) => Next::Stop(reason),
        }
    }

    async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
        // Only one that traps exits gets here, and never with the signal of its supervisor: that one leads to
        // `terminate`. A stranger's is no reason to go.
        if let Info::Exit(exit) = info {
            self.stage.tell(Event::Shrug {
                name: self.role.name().to_owned(),
                exit,
            });
        }
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        self.stage.tell(Event::Mayday {
            name: self.role.name().to_owned(),
            reason: reason.clone(),
        });
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(self.role.to_string());
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        Some(match message {
            MessageView::Call(call) => format!("{call:?}"),
            MessageView::Cast(cast) => format!("{cast:?}"),
            MessageView::Info(info) => format!("{info:?}"),
        })
    }
}
