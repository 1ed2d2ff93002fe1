//! Exercise 3.6: children that come and go. The task is in `TASK.md`.

use ch3_super_duper::api::{Plan, Stage};
use ch3_super_duper::boundary::Character;
use otp_core::SupervisorRef;
use otp_core::prelude::*;

/// Starts a character of chapter 3, linked with the calling process: it has a line to say, and may die.
async fn character(name: &str, line: &str) -> Result<ServerRef<Character>, StartError> {
    let plan = Plan::new(Stage::new(|_| ()));
    Character::start_link(plan.entrance(name, Some(line.to_owned()))).await
}

/// Starts the tree: superman, and after him the crowd.
pub async fn start_link() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("superman", || {
            character("superman", "Up, up and away!")
        }))
        // Yours to write: a dynamic supervisor with the name `crowd`.
        .start_link()
        .await
}

/// Adds a character to the crowd.
pub async fn add(name: &'static str, line: &'static str) -> Result<Pid, ExitReason> {
    // Yours to write: it has to be a child of the crowd.
    let character = character(name, line).await?;
    Ok(character.pid())
}

/// Takes a character out of the crowd.
pub async fn remove(character: Pid) -> Result<(), ExitReason> {
    otp_core::process::exit(character, ExitReason::Shutdown);
    Ok(())
}
