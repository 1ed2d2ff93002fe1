//! The same calculator as a GenServer. The library has the loop.

use crate::core::{self, Number, Op};
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;
use std::time::Duration;
use tokio::time::sleep;

// ANCHOR: server
/// The state of the server.
#[derive(Debug)]
pub struct Calculator {
    total: Number,
}

/// Calls of the calculator.
#[derive(Debug)]
pub enum Call {
    /// The total.
    State(ReplyTo<Number>),
}

/// A plain message, which is neither a call nor a cast: handle no message for this time.
#[derive(Debug)]
pub struct Busy(pub Duration);

#[gen_server]
impl GenServer for Calculator {
    type Args = Number;
    type Call = Call;
    type Cast = Op;
    type Info = Busy;

    async fn init(initial: Number, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total: initial }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::State(from) => from.reply(self.total.clone()),
        }
    }

    async fn handle_cast(&mut self, op: Op, _: &mut Context<Self>) -> Next<Self> {
        self.total = core::apply(self.total.clone(), op);
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Busy>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(Busy(time)) = info {
            sleep(time).await;
        }
        Next::NoReply
    }

    // The report of a crash shows these texts.
    fn format_status(&self, status: &mut Status) {
        status.state = Some(self.total.to_string());
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        match message {
            MessageView::Call(call) => Some(format!("{call:?}")),
            MessageView::Cast(op) => Some(format!("{op:?}")),
            MessageView::Info(info) => Some(format!("{info:?}")),
        }
    }
}
// ANCHOR_END: server
