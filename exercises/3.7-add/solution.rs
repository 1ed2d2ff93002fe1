//! A solution of exercise 3.7: the supervisor takes a specification at any time.

use otp_core::SupervisorRef;
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;

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

/// Starts the tree, with superman in it.
pub async fn start_link() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("superman", || {
            Character::start_link("Up, up and away!")
        }))
        .start_link()
        .await
}

/// Adds a character to the tree. Its name is its id.
///
/// # Errors
///
/// [`StartChildError::AlreadyStarted`] if there is one of that name.
pub async fn add(
    tree: &SupervisorRef,
    name: &'static str,
    line: &'static str,
) -> Result<(), StartChildError> {
    let spec = ChildSpec::worker(name, move || Character::start_link(line));
    tree.start_child(spec).await?;
    Ok(())
}
