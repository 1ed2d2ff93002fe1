//! A solution of exercise 2.5: terminate runs in either case, since the server traps exits.

use otp_core::prelude::*;

/// What the last word is told to: the pending alarms, and the reason of the end.
pub type LastWord = Box<dyn FnMut(&[String], &ExitReason) + Send>;

pub struct EggTimer {
    pending: Vec<String>,
    last_word: LastWord,
}

pub enum Cast {
    Schedule(String),
}

#[gen_server]
impl GenServer for EggTimer {
    type Args = LastWord;
    type Cast = Cast;

    async fn init(
        last_word: LastWord,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        let pending = Vec::new();
        Ok(Init::state(Self { pending, last_word }))
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Schedule(name) => self.pending.push(name),
        }
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        (self.last_word)(&self.pending, reason);
    }
}

// The API.

pub async fn start_link(
    last_word: impl FnMut(&[String], &ExitReason) + Send + 'static,
) -> Result<ServerRef<EggTimer>, StartError> {
    EggTimer::start_link(Box::new(last_word)).await
}

pub fn schedule(timer: &ServerRef<EggTimer>, name: &str) {
    timer.cast(Cast::Schedule(name.to_owned()));
}
