//! Exercise 1.5: a clock that sends its ticks to itself. The task is in `TASK.md`.

use std::time::Duration;

use otp_core::prelude::*;

/// The time between two ticks.
pub const PERIOD: Duration = Duration::from_secs(60);

/// The function that gets the number of each tick.
pub type Listener = Box<dyn FnMut(u64) + Send>;

pub struct Clock {
    ticks: u64,
    listener: Listener,
}

/// A plain message. The clock sends it to itself, and other processes may send it for an extra tick.
pub enum Message {
    Tick,
}

#[gen_server]
impl GenServer for Clock {
    type Args = Listener;
    type Info = Message;

    async fn init(
        listener: Listener,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        context.send_after(PERIOD, Message::Tick);
        Ok(Init::state(Self { ticks: 0, listener }))
    }

    async fn handle_info(
        &mut self,
        info: Info<Message>,
        context: &mut Context<Self>,
    ) -> Next<Self> {
        if let Info::Message(Message::Tick) = info {
            self.ticks += 1;
            (self.listener)(self.ticks);
            context.send_after(PERIOD, Message::Tick);
        }
        Next::NoReply
    }
}

/// Starts a clock that passes the number of each tick to `listener`.
pub async fn start(
    listener: impl FnMut(u64) + Send + 'static,
) -> Result<ServerRef<Clock>, StartError> {
    Clock::start_link(Box::new(listener)).await
}

/// Sends an extra tick.
pub fn tick(clock: &ServerRef<Clock>) {
    clock.send(Message::Tick);
}
