//! Exercise 2.2: an API layer. The task is in `TASK.md`.

use std::time::Duration;

use otp_core::prelude::*;

/// An alarm as `status` tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub name: String,
    pub duration: Duration,
}

// The boundary. Nothing here is to be changed.

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

// The API. Yours to write.

/// An egg timer that other code can use without a look at its messages.
#[derive(Debug, Clone)]
pub struct Timer {
    // What does it have to know?
}

impl Timer {
    /// Starts an egg timer, linked with the current process.
    pub async fn start_link() -> Result<Self, StartError> {
        Ok(Self {})
    }

    /// Sets an alarm. One of the same name is replaced.
    pub fn schedule(&self, _name: &str, _duration: Duration) {}

    /// All pending alarms, in the order in which they were set.
    pub async fn status(&self) -> Result<Vec<Pending>, CallError> {
        Ok(Vec::new())
    }

    /// Takes an alarm back. Tells whether there was one.
    pub async fn cancel(&self, _name: &str) -> Result<bool, CallError> {
        Ok(false)
    }
}
