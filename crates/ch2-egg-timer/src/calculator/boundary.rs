//! The calculator of chapter 1 with calls in place of casts.
//!
//! The core is chapter 1's. Whoever asks for an operation waits until it has been done, is told when it
//! could not be, and cannot get ahead of the calculator.

use ch1_calculator::core::{self, Number, Op};
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;

/// The state of the server: the total.
#[derive(Debug)]
pub struct Server {
    total: Number,
}

/// What the calculator is asked. There is no other kind of message.
#[derive(Debug)]
pub enum Call {
    /// Do an operation; the answer says that it has been done.
    Apply(Op, ReplyTo<()>),
    /// The total.
    State(ReplyTo<Number>),
}

#[gen_server]
impl GenServer for Server {
    type Args = Number;
    type Call = Call;

    async fn init(initial: Number, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total: initial }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Apply(op, from) => {
                self.total = core::apply(self.total.clone(), op);
                from.reply(())
            }
            Call::State(from) => from.reply(self.total.clone()),
        }
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(self.total.to_string());
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        match message {
            MessageView::Call(Call::Apply(op, _)) => Some(format!("{op:?}")),
            MessageView::Call(Call::State(_)) => Some("State".to_owned()),
            MessageView::Cast(_) | MessageView::Info(_) => None,
        }
    }
}
