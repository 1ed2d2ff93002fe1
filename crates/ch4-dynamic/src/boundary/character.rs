//! A character: it says its lines, learns more of them, and panics when it is told to die.

use crate::core::Lines;
use ch3_super_duper::boundary::{Event, Stage};
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;
use otp_core::process;
use serde::{Deserialize, Serialize};
use std::time::Duration;

// ANCHOR: messages
/// What a character needs to know when it starts.
#[derive(Debug, Clone)]
pub struct Entrance {
    /// Its name.
    pub name: String,
    /// The line that it starts with.
    pub line: String,
    /// Whether it is started in the place of one that has ended.
    pub again: bool,
    /// How long its last words take. With `None` it does not trap exits, and a stop ends it without last words.
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
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Say all lines.
    Say(ReplyTo<Lines>),
    /// Learn one more.
    Learn(String, ReplyTo<()>),
    /// Panic, which leaves the caller without an answer.
    Die(ReplyTo<()>),
}

/// The cast.
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
    type Args = Entrance;
    type Call = Call;
    type Cast = Cast;

    async fn init(entrance: Entrance, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        process::set_label(entrance.name.clone());
        ctx.trap_exit(entrance.last_words.is_some());
        let start = Event::Start(entrance.name.clone(), ctx.pid(), entrance.again);
        entrance.stage.tell(start);
        let lines = Lines::new(entrance.line.clone());
        Ok(Init::state(Self { lines, entrance }))
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
        let (name, stage) = (self.entrance.name.clone(), &self.entrance.stage);
        stage.tell(Event::Mayday(name.clone(), reason.clone()));
        if let Some(last_words) = self.entrance.last_words {
            tokio::time::sleep(last_words).await;
            stage.tell(Event::Gone(name));
        }
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(format!("{}: {}", self.entrance.name, self.lines));
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
