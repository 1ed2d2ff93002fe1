//! A solution of exercise 2.2: only this file uses the messages.

use std::time::Duration;

use otp_core::prelude::*;

/// A pending alarm, as `status` returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub name: String,
    pub duration: Duration,
}

// The boundary. Do not change it.

#[derive(Default)]
pub struct EggTimer {
    pending: Vec<Pending>,
}

pub enum Call {
    Status(ReplyTo<Vec<Pending>>),
    Cancel(String, ReplyTo<bool>),
}

pub enum Cast {
    Schedule(Pending),
}

#[gen_server]
impl GenServer for EggTimer {
    type Call = Call;
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self::default()))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Status(from) => from.reply(self.pending.clone()),
            Call::Cancel(name, from) => {
                let before = self.pending.len();
                self.pending.retain(|alarm| alarm.name != name);
                from.reply(self.pending.len() < before)
            }
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Schedule(alarm) => {
                self.pending.retain(|pending| pending.name != alarm.name);
                self.pending.push(alarm);
            }
        }
        Next::NoReply
    }
}

// The API.

/// A handle to an egg timer. Its functions hide the messages.
#[derive(Debug, Clone)]
pub struct Timer {
    server: ServerRef<EggTimer>,
}

impl Timer {
    /// Starts an egg timer, linked with the current process.
    pub async fn start_link() -> Result<Self, StartError> {
        let server = EggTimer::start_link(()).await?;
        Ok(Self { server })
    }

    /// Sets an alarm. It replaces an alarm with the same name.
    pub fn schedule(&self, name: &str, duration: Duration) {
        let name = name.to_owned();
        self.server.cast(Cast::Schedule(Pending { name, duration }));
    }

    /// All pending alarms, in the order in which they were set.
    pub async fn status(&self) -> Result<Vec<Pending>, CallError> {
        self.server.call(Call::Status).await
    }

    /// Cancels an alarm. Returns whether it was pending.
    pub async fn cancel(&self, name: &str) -> Result<bool, CallError> {
        self.server
            .call(|from| Call::Cancel(name.to_owned(), from))
            .await
    }
}
