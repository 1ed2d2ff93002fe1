//! A solution of exercise 2.5: the server traps exits, so `terminate` also runs when the parent shuts down.

use otp_core::prelude::*;

/// The function that gets the last words: the pending alarms and the exit reason.
pub type LastWords = Box<dyn FnMut(&[String], &ExitReason) + Send>;

pub struct EggTimer {
    pending: Vec<String>,
    last_words: LastWords,
}

pub enum Cast {
    Schedule(String),
}

#[gen_server]
impl GenServer for EggTimer {
    type Args = LastWords;
    type Cast = Cast;

    async fn init(
        last_words: LastWords,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        let pending = Vec::new();
        Ok(Init::state(Self {
            pending,
            last_words,
        }))
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Schedule(name) => self.pending.push(name),
        }
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        (self.last_words)(&self.pending, reason);
    }
}

// The API.

pub async fn start_link(
    last_words: impl FnMut(&[String], &ExitReason) + Send + 'static,
) -> Result<ServerRef<EggTimer>, StartError> {
    EggTimer::start_link(Box::new(last_words)).await
}

pub fn schedule(timer: &ServerRef<EggTimer>, name: &str) {
    timer.cast(Cast::Schedule(name.to_owned()));
}
