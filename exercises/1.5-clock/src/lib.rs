//! Exercise 1.5: a clock that winds itself up. The task is in `TASK.md`.

use std::time::Duration;

use otp_core::prelude::*;

/// How often the clock ticks by itself.
pub const PERIOD: Duration = Duration::from_secs(60);

/// What a tick is told to.
pub type Tell = Box<dyn FnMut(u64) + Send>;

pub struct Clock {
    ticks: u64,
    tell: Tell,
}

/// A plain message: the clock sends it to itself, and whoever wants a tick at once may send it, too.
pub enum Message {
    Tick,
}

#[gen_server]
impl GenServer for Clock {
    type Args = Tell;
    type Info = Message;

    async fn init(tell: Tell, context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        context.send_after(PERIOD, Message::Tick);
        Ok(Init::state(Self { ticks: 0, tell }))
    }

    async fn handle_info(
        &mut self,
        info: Info<Message>,
        context: &mut Context<Self>,
    ) -> Next<Self> {
        if let Info::Message(Message::Tick) = info {
            self.ticks += 1;
            (self.tell)(self.ticks);
            context.send_after(PERIOD, Message::Tick);
        }
        Next::NoReply
    }
}

/// Starts a clock that tells each of its ticks, with its number.
pub async fn start(tell: impl FnMut(u64) + Send + 'static) -> Result<ServerRef<Clock>, StartError> {
    Clock::start_link(Box::new(tell)).await
}

/// A tick by hand.
pub fn tick(clock: &ServerRef<Clock>) {
    clock.send(Message::Tick);
}
