//! Exercise 3.6: children that come and go. The task is in `TASK.md`.

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

/// Starts the tree: superman, and after him the crowd.
pub async fn start_link() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("superman", || Character::start_link("Up, up and away!")))
        // Yours to write: a dynamic supervisor with the name `crowd`.
        .start_link()
        .await
}

/// Adds a character to the crowd.
pub async fn add(line: &'static str) -> Result<Pid, ExitReason> {
    // Yours to write: it has to be a child of the crowd.
    let character = Character::start(line).await?;
    Ok(character.pid())
}

/// Takes a character out of the crowd.
pub async fn remove(character: Pid) -> Result<(), ExitReason> {
    otp_core::process::exit(character, ExitReason::Shutdown);
    Ok(())
}
