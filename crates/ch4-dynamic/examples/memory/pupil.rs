//! A character that stores the lines that it learns.

use crate::memory::{Lines, Memory};
use ch4_dynamic::boundary::{CharacterArgs, Event};
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;
use otp_core::process;

/// A running character.
pub struct Pupil {
    lines: Lines,
    memory: Memory,
    args: CharacterArgs,
}

/// Calls of a character.
#[derive(Debug)]
pub enum Call {
    /// Return all lines.
    Say(ReplyTo<Lines>),
    /// Learn a line.
    Learn(String, ReplyTo<()>),
}

/// Casts of a character.
#[derive(Debug)]
pub enum Cast {
    /// Panic.
    Die,
    /// Learn a line, then panic.
    LearnAndDie(String),
}

#[gen_server]
impl GenServer for Pupil {
    type Args = (CharacterArgs, Memory);
    type Call = Call;
    type Cast = Cast;

    // ANCHOR: init
    async fn init(
        (args, memory): (CharacterArgs, Memory),
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        process::set_label(args.name.clone());
        let start = Event::Start(args.name.clone(), ctx.pid(), args.restarted);
        args.stage.tell(start);
        let stored = memory.open(&args.name)?;
        let lines = stored.unwrap_or_else(|| vec![args.line.clone()]);
        // A saved line may be the cause of the crash.
        match lines.iter().any(String::is_empty) {
            true => Err(ExitReason::other("one of its lines is empty")),
            false => Ok(Init::state(Self {
                lines,
                memory,
                args,
            })),
        }
    }
    // ANCHOR_END: init

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Say(from) => from.reply(self.lines.clone()),
            Call::Learn(line, from) => {
                self.learn(line);
                from.reply(())
            }
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        if let Cast::LearnAndDie(line) = cast {
            self.learn(line);
        }
        panic!("boom")
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        let (name, stage) = (self.args.name.clone(), &self.args.stage);
        stage.tell(Event::Mayday(name, reason.clone()));
    }

    fn format_status(&self, status: &mut Status) {
        let lines = self.lines.join(" / ");
        status.state = Some(format!("{}: {lines}", self.args.name));
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        match message {
            MessageView::Call(call) => Some(format!("{call:?}")),
            MessageView::Cast(cast) => Some(format!("{cast:?}")),
            MessageView::Info(_) => None,
        }
    }
}

impl Pupil {
    // ANCHOR: learn
    /// Stores all lines each time, so that a new table gets them all after the loss of the old one.
    fn learn(&mut self, line: String) {
        self.lines.push(line);
        self.memory.keep(&self.args.name, &self.lines);
    }
    // ANCHOR_END: learn
}
