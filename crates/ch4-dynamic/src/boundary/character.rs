//! A character as a GenServer. It returns its lines, learns lines, and panics on request.

use crate::core::Lines;
use ch3_super_duper::boundary::{Event, Stage};
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;
use otp_core::process;
use serde::{Deserialize, Serialize};
use std::time::Duration;

// ANCHOR: messages
/// The arguments of a character.
#[derive(Debug, Clone)]
pub struct CharacterArgs {
    /// The name.
    pub name: String,
    /// The first line.
    pub line: String,
    /// Whether this start is a restart.
    pub restarted: bool,
    /// The duration of the last words. With `None` the character does not trap exits, and a stop ends it without last words.
    pub last_words: Option<Duration>,
    /// The receiver of the character's events.
    pub stage: Stage,
}

/// A running character.
#[derive(Debug)]
pub struct Character {
    lines: Lines,
    args: CharacterArgs,
}

/// Calls of a character.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Return all lines.
    Say(ReplyTo<Lines>),
    /// Learn a line.
    Learn(String, ReplyTo<()>),
    /// Panic, so that the caller gets no answer.
    Die(ReplyTo<()>),
}

/// Casts of a character.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
        process::set_label(args.name.clone());
        ctx.trap_exit(args.last_words.is_some());
        let start = Event::Start(args.name.clone(), ctx.pid(), args.restarted);
        args.stage.tell(start);
        let lines = Lines::new(args.line.clone());
        Ok(Init::state(Self { lines, args }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Say(from) => from.reply(self.lines.clone()),
            Call::Learn(line, from) => {
                self.lines.learn(line);
                from.reply(())
            }
            Call::Die(_) => panic!("boom"),
        }
    }

    async fn handle_cast(&mut self, Cast::Die: Cast, _: &mut Context<Self>) -> Next<Self> {
        panic!("boom")
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        let (name, stage) = (self.args.name.clone(), &self.args.stage);
        stage.tell(Event::Mayday(name.clone(), reason.clone()));
        if let Some(last_words) = self.args.last_words {
            tokio::time::sleep(last_words).await;
            stage.tell(Event::Gone(name));
        }
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(format!("{}: {}", self.args.name, self.lines));
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
