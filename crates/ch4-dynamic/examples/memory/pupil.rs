//! A character that keeps the lines that it learns.

use crate::memory::{Lines, Memory};
use ch4_dynamic::boundary::{Entrance, Event};
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;
use otp_core::process;

/// A running character.
pub struct Pupil {
    lines: Lines,
    memory: Memory,
    entrance: Entrance,
}

/// The calls.
#[derive(Debug)]
pub enum Call {
    /// Say all lines.
    Say(ReplyTo<Lines>),
    /// Learn one more.
    Learn(String, ReplyTo<()>),
}

/// The casts.
#[derive(Debug)]
pub enum Cast {
    /// Panic.
    Die,
    /// Learn one more line, and panic.
    LearnAndDie(String),
}

#[gen_server]
impl GenServer for Pupil {
    type Args = (Entrance, Memory);
    type Call = Call;
    type Cast = Cast;

    // ANCHOR: init
    async fn init(
        (entrance, memory): (Entrance, Memory),
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        process::set_label(entrance.name.clone());
        let start = Event::Start(entrance.name.clone(), ctx.pid(), entrance.again);
        entrance.stage.tell(start);
        let kept = memory.open(&entrance.name)?;
        let lines = kept.unwrap_or_else(|| vec![entrance.line.clone()]);
        // A saved line may be the cause of the crash.
        match lines.iter().any(String::is_empty) {
            true => Err(ExitReason::other("one of its lines is empty")),
            false => Ok(Init::state(Self {
                lines,
                memory,
                entrance,
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
        let (name, stage) = (self.entrance.name.clone(), &self.entrance.stage);
        stage.tell(Event::Mayday(name, reason.clone()));
    }

    fn format_status(&self, status: &mut Status) {
        let lines = self.lines.join(" / ");
        status.state = Some(format!("{}: {lines}", self.entrance.name));
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
    /// Saves all lines each time, so that a new table has them again after the loss of the old one.
    fn learn(&mut self, line: String) {
        self.lines.push(line);
        self.memory.keep(&self.entrance.name, &self.lines);
    }
    // ANCHOR_END: learn
}
