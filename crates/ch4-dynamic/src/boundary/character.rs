//! A character: it says its lines, learns more of them, and panics when it is told to die.

use super::event::{Event, Stage};
use super::memory::Memory;
use crate::core::Lines;
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;
use otp_core::process;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a character needs to know to appear.
#[derive(Debug, Clone)]
pub struct Entrance {
    /// Its name.
    pub name: String,
    /// What it says before it has learned anything.
    pub line: String,
    /// How often it has appeared before.
    pub lives: u64,
    /// Where what it learns is kept.
    pub memory: Memory,
    /// How long its last words take. Without any it does not trap exits, and has none when it is stopped.
    pub last_words: Option<Duration>,
    /// Who hears what happens to it.
    pub stage: Stage,
}

/// A character on the stage.
#[derive(Debug)]
pub struct Character {
    lines: Lines,
    entrance: Entrance,
}

/// What a character is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Its lines.
    Say(ReplyTo<Lines>),
    /// To learn one more.
    Learn(String, ReplyTo<()>),
    /// To die, which leaves the caller without an answer.
    Die(ReplyTo<()>),
}

/// What a character is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cast {
    /// Panic.
    Die,
    /// Learn one more line, and panic over it.
    LearnAndDie(String),
}

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
            again: entrance.lives > 0,
        });
        let kept = entrance.memory.open(&entrance.name)?;
        let lines = kept.unwrap_or_else(|| Lines::new(entrance.line.clone()));
        // What is kept is believed, so it had better be right.
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
        let Entrance {
            name,
            last_words,
            stage,
            ..
        } = &self.entrance;
        stage.tell(Event::Goes {
            name: name.clone(),
            reason: reason.clone(),
        });
        if let Some(last_words) = last_words {
            tokio::time::sleep(*last_words).await;
            stage.tell(Event::Gone { name: name.clone() });
        }
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(format!("{}: {}", self.entrance.name, self.lines));
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        Some(match message {
            MessageView::Call(call) => format!("{call:?}"),
            MessageView::Cast(cast) => format!("{cast:?}"),
            MessageView::Info(info) => format!("{info:?}"),
        })
    }
}

impl Character {
    /// All lines are kept each time, so a table that has been lost is whole again with the next one.
    fn learn(&mut self, line: String) {
        self.lines.learn(line);
        self.entrance.memory.keep(&self.entrance.name, &self.lines);
    }
}
