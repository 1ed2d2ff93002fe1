//! Exercise 4.1: restart the whole project in place of the one process. The task is in `TASK.md`.

use std::time::Duration;

use otp_core::SupervisorRef;
use otp_core::prelude::*;

/// A character: it has a line to say, and may die.
pub struct Character {
    line: &'static str,
}

pub enum Call {
    Say(ReplyTo<&'static str>),
}

pub enum Cast {
    Die,
}

#[gen_server]
impl GenServer for Character {
    type Args = &'static str;
    type Call = Call;
    type Cast = Cast;

    async fn init(line: &'static str, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { line }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Say(from) => from.reply(self.line),
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Die => panic!("boom"),
        }
    }
}

/// The supervisor of the characters.
async fn characters() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForOne)
        .max_restarts(3, Duration::from_secs(5))
        .child(ChildSpec::worker("superman", || {
            Character::options()
                .name("superman")
                .start_link("Up, up and away!")
        }))
        .child(ChildSpec::worker("supermario", || {
            Character::options().name("supermario").start_link("Wahoo!")
        }))
        .name("characters")
        .start_link()
        .await
}

/// The project: one supervisor above that of the characters.
pub async fn start_link() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::supervisor("characters", characters))
        .start_link()
        .await
}
