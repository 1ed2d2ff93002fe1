//! A solution of exercise 2.3: the map has the timers, so code that removes an alarm can cancel its timer.

use std::collections::BTreeMap;
use std::time::Duration;

use otp_core::TimerRef;
use otp_core::prelude::*;

/// The function that gets the name of each alarm that rings.
pub type Ring = Box<dyn FnMut(&str) + Send>;

pub struct EggTimer {
    /// The timers of the pending alarms, by name.
    pending: BTreeMap<String, TimerRef>,
    ring: Ring,
}

pub enum Call {
    Schedule(String, Duration, ReplyTo<()>),
    Cancel(String, ReplyTo<bool>),
    Status(ReplyTo<Vec<String>>),
}

pub enum Message {
    Ring(String),
}

#[gen_server]
impl GenServer for EggTimer {
    type Args = Ring;
    type Call = Call;
    type Info = Message;

    async fn init(ring: Ring, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let pending = BTreeMap::new();
        Ok(Init::state(Self { pending, ring }))
    }

    async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Schedule(name, duration, from) => {
                let timer = context.send_after(duration, Message::Ring(name.clone()));
                if let Some(former) = self.pending.insert(name, timer) {
                    former.cancel();
                }
                from.reply(())
            }
            Call::Cancel(name, from) => {
                let timer = self.pending.remove(&name);
                from.reply(timer.map(|timer| timer.cancel()).is_some())
            }
            Call::Status(from) => from.reply(self.pending.keys().cloned().collect()),
        }
    }

    async fn handle_info(&mut self, info: Info<Message>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(Message::Ring(name)) = info {
            self.pending.remove(&name);
            (self.ring)(&name);
        }
        Next::NoReply
    }
}

// The API.

pub async fn start(
    ring: impl FnMut(&str) + Send + 'static,
) -> Result<ServerRef<EggTimer>, StartError> {
    EggTimer::start_link(Box::new(ring)).await
}

/// Sets an alarm. It replaces an alarm with the same name.
pub async fn schedule(
    timer: &ServerRef<EggTimer>,
    name: &str,
    duration: Duration,
) -> Result<(), CallError> {
    timer
        .call(|from| Call::Schedule(name.to_owned(), duration, from))
        .await
}

/// Cancels an alarm, so that it does not ring. Returns whether it was pending.
pub async fn cancel(timer: &ServerRef<EggTimer>, name: &str) -> Result<bool, CallError> {
    timer.call(|from| Call::Cancel(name.to_owned(), from)).await
}

/// The names of all pending alarms.
pub async fn status(timer: &ServerRef<EggTimer>) -> Result<Vec<String>, CallError> {
    timer.call(Call::Status).await
}
