//! A solution of exercise 3.6: a supervisor whose children are not listed in advance.

use otp_core::prelude::*;
use otp_core::{DynamicSupervisorRef, SupervisorRef, process};

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
        .child(ChildSpec::worker("superman", || {
            Character::start_link("Up, up and away!")
        }))
        .child(ChildSpec::supervisor("crowd", || {
            DynamicSupervisor::new().name("crowd").start_link()
        }))
        .start_link()
        .await
}

/// Adds a character to the crowd.
pub async fn add(line: &'static str) -> Result<Pid, ExitReason> {
    let spec = ChildSpec::worker("character", move || Character::start_link(line));
    let child = crowd()?.start_child(spec).await?;
    child.pid().ok_or(ExitReason::NoProcess)
}

/// Takes a character out of the crowd.
pub async fn remove(character: Pid) -> Result<(), ExitReason> {
    crowd()?.terminate_child(character).await?;
    Ok(())
}

fn crowd() -> Result<DynamicSupervisorRef, ExitReason> {
    DynamicSupervisorRef::find(&process::node(), "crowd").ok_or(ExitReason::NoProcess)
}
