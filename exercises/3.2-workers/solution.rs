//! A solution of exercise 3.2: a branch is a supervisor, all others are workers.

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

/// A branch of the tree: two characters under a supervisor of their own.
async fn duo() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForAll)
        .child(ChildSpec::worker("batman", || {
            Character::start_link("I am the night.")
        }))
        .child(ChildSpec::worker("robin", || {
            Character::start_link("Holy supervision tree!")
        }))
        .start_link()
        .await
}

/// The tree: two characters and a branch.
pub async fn start_link() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("superman", || {
            Character::start_link("Up, up and away!")
        }))
        .child(ChildSpec::worker("supermario", || {
            Character::start_link("Wahoo!")
        }))
        .child(ChildSpec::supervisor("duo", duo))
        .start_link()
        .await
}
