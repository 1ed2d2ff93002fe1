//! The stack as a GenServer.

use crate::stack::core::{Empty, Stack};
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;

/// The server of a stack.
#[derive(Debug)]
pub struct Server {
    stack: Stack,
}

/// What a stack is asked, and answers.
#[derive(Debug)]
pub enum Call {
    /// Take the item at the top. The answer says whether there was one: the server goes on either way.
    Pop(ReplyTo<Result<String, Empty>>),
    /// All that is there, the top first.
    State(ReplyTo<Vec<String>>),
}

/// What a stack is told.
#[derive(Debug)]
pub enum Cast {
    /// Put this on the top.
    Push(String),
}

#[gen_server]
impl GenServer for Server {
    type Args = Vec<String>;
    type Call = Call;
    type Cast = Cast;

    async fn init(items: Vec<String>, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let stack = Stack::new(items);
        Ok(Init::state(Self { stack }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Pop(from) => from.reply(self.stack.pop()),
            Call::State(from) => from.reply(self.stack.items()),
        }
    }

    async fn handle_cast(&mut self, Cast::Push(item): Cast, _: &mut Context<Self>) -> Next<Self> {
        self.stack.push(item);
        Next::NoReply
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(format!("{:?}", self.stack.items()));
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        Some(match message {
            MessageView::Call(call) => format!("{call:?}"),
            MessageView::Cast(cast) => format!("{cast:?}"),
            MessageView::Info(info) => format!("{info:?}"),
        })
    }
}
