//! The same calculator as a GenServer: the loop is the runtime's, only the answers are ours.

use crate::core::{self, Number, Op};
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;
use std::time::Duration;
use tokio::time::sleep;

/// The state of the server: the total.
#[derive(Debug)]
pub struct Calculator {
    total: Number,
}

/// What the calculator is asked, and answers.
#[derive(Debug)]
pub enum Call {
    /// The total.
    State(ReplyTo<Number>),
    /// An operation whose sender waits until it is done.
    Apply(Op, ReplyTo<()>),
}

/// What reaches the calculator as a plain message, without call or cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Add one.
    Inc,
    /// Do nothing else for this long: a slow server, to see what that does to others.
    Busy(Duration),
}

#[gen_server]
impl GenServer for Calculator {
    type Args = Number;
    type Call = Call;
    type Cast = Op;
    type Info = Message;

    async fn init(initial: Number, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total: initial }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::State(from) => from.reply(self.total.clone()),
            Call::Apply(op, from) => {
                self.total = core::apply(self.total.clone(), op);
                from.reply(())
            }
        }
    }

    async fn handle_cast(&mut self, op: Op, _: &mut Context<Self>) -> Next<Self> {
        self.total = core::apply(self.total.clone(), op);
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Message>, _: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(Message::Inc) => self.total = core::inc(self.total.clone()),
            Info::Message(Message::Busy(time)) => sleep(time).await,
            // It sets no timeout, watches nobody and traps no exits.
            Info::Timeout | Info::Down(_) | Info::Exit(_) => {}
        }
        Next::NoReply
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(self.total.to_string());
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        match message {
            MessageView::Call(Call::State(_)) => Some("State".to_owned()),
            MessageView::Call(Call::Apply(op, _)) => Some(format!("Apply({op:?})")),
            MessageView::Cast(op) => Some(format!("{op:?}")),
            MessageView::Info(info) => Some(format!("{info:?}")),
        }
    }
}
