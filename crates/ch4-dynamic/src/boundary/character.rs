//! A character: it says its lines, learns more of them, and panics when it is told to die.

use super::memory::Memory;
use crate::core::Lines;
use ch3_super_duper::boundary::{Event, Stage};
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;
use otp_core::process;
use std::time::Duration;

// anchor: messages
/// What a character needs to know when it starts.
#[derive(Debug, Clone)]
pub struct Entrance {
    /// Its name.
    pub name: String,
    /// The line that it says before it has learned any.
    pub line: String,
    /// Whether it is started in the place of one that has ended.
    pub again: bool,
    /// Where the lines that it learns are kept.
    pub memory: Memory,
    /// How long its last words take. Without any it does not trap exits, and has none when it is stopped.
    pub last_words: Option<Duration>,
    /// Where it tells what happens to it.
    pub stage: Stage,
}

/// A running character.
#[derive(Debug)]
pub struct Character {
    lines: Lines,
    entrance: Entrance,
}

/// The calls.
#[derive(Debug)]
pub enum Call {
    /// Say all lines.
    Say(ReplyTo<Lines>),
    /// Learn one more.
    Learn(String, ReplyTo<()>),
    /// Panic, which leaves the caller without an answer.
    Die(ReplyTo<()>),
}

/// The casts.
#[derive(Debug)]
pub enum Cast {
    /// Panic.
    Die,
    /// Learn one more line, and panic.
    LearnAndDie(String),
}
// end: messages

// anchor: character
#[gen_server]
impl GenServer for Character {
    type Args = Entrance;
    type Call = Call;
    type Cast = Cast;

    async fn init(entrance: Entrance, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        process::set_label(entrance.name.clone());
        ctx.trap_exit(entrance.last_words.is_some());
        entrance.stage.tell(Event::Start {
            name: entrance.name.clone(),
            pid: ctx.pid(),
            again: entrance.again,
        });
        let kept = entrance.memory.open(&entrance.name)?;
        let lines = kept.unwrap_or_else(|| Lines::new(entrance.line.clone()));
        // What was saved may be what was wrong.
        lines.check().map_err(ExitReason::error)?;
        Ok(Init::state(Self { lines, entrance }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Say(from) => from.reply(self.lines.clone()),
            Call::Learn(line, from) => {
                self.learn(line);
                from.reply(())
            }
            Call::Die(_) => panic!("boom"),
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        if let Cast::LearnAndDie(line) = cast {
            self.learn(line);
        }
        panic!("boom")
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        let name = self.entrance.name.clone();
        let stage = &self.entrance.stage;
        stage.tell(Event::Mayday(name.clone(), reason.clone()));
        if let Some(last_words) = self.entrance.last_words {
            tokio::time::sleep(last_words).await;
            stage.tell(Event::Gone(name));
        }
    }
    // end: character

    fn format_status(&self, status: &mut Status) {
        status.state = Some(format!("{}: {}", self.entrance.name, self.lines));
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
    /// Saves all lines each time, so that a table that was lost has them again.
    fn learn(&mut self, line: String) {
        self.lines.learn(line);
        self.entrance.memory.keep(&self.entrance.name, &self.lines);
    }
}
