//! Exercise 3.6: children added and removed at run time. The task is in `TASK.md`.

use ch3_super_duper::api::{Plan, Stage};
use ch3_super_duper::boundary::Character;
use otp_core::SupervisorRef;
use otp_core::prelude::*;

/// Starts a character of chapter 3, linked with the calling process.
async fn character(name: &str, line: &str) -> Result<ServerRef<Character>, StartError> {
    let plan = Plan::new(Stage::new(|_| ()));
    Character::start_link(plan.character_args(name, Some(line.to_owned()))).await
}

/// Starts the tree: superman, then the crowd.
pub async fn start_link() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("superman", || {
            character("superman", "Up, up and away!")
        }))
        // Write this: a dynamic supervisor with the name `crowd`.
        .start_link()
        .await
}

/// Adds a character to the crowd.
pub async fn add(name: &'static str, line: &'static str) -> Result<Pid, ExitReason> {
    // Write this: the character has to be a child of the crowd.
    let character = character(name, line).await?;
    Ok(character.pid())
}

/// Stops a character of the crowd, for good.
pub async fn remove(character: Pid) -> Result<(), ExitReason> {
    otp_core::process::exit(character, ExitReason::Shutdown);
    Ok(())
}
