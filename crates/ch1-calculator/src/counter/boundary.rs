//! The counter as a GenServer.

use crate::counter::core;
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;

/// The server of a counter.
#[derive(Debug)]
pub struct Server {
    count: u64,
}

/// What a counter is asked, and answers.
#[derive(Debug)]
pub enum Call {
    /// The count.
    State(ReplyTo<u64>),
}

/// What a counter is told.
#[derive(Debug)]
pub enum Cast {
    /// One more.
    Inc,
}

#[gen_server]
impl GenServer for Server {
    type Args = u64;
    type Call = Call;
    type Cast = Cast;

    async fn init(count: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { count }))
    }

    async fn handle_call(&mut self, Call::State(from): Call, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(self.count)
    }

    async fn handle_cast(&mut self, Cast::Inc: Cast, _: &mut Context<Self>) -> Next<Self> {
        self.count = core::inc(self.count);
        Next::NoReply
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(self.count.to_string());
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        Some(match message {
            MessageView::Call(call) => format!("{call:?}"),
            MessageView::Cast(cast) => format!("{cast:?}"),
            MessageView::Info(info) => format!("{info:?}"),
        })
    }
}
