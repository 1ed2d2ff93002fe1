//! Exercise 3.2: workers declared as workers. The task is in `TASK.md`.

use ch3_super_duper::api::{Plan, Stage};
use ch3_super_duper::boundary::Character;
use otp_core::SupervisorRef;
use otp_core::prelude::*;

/// Starts a character of chapter 3, linked with the calling process.
async fn character(name: &str, line: &str) -> Result<ServerRef<Character>, StartError> {
    let plan = Plan::new(Stage::new(|_| ()));
    Character::start_link(plan.character_args(name, Some(line.to_owned()))).await
}

/// Starts a branch of the tree: a supervisor with two characters.
async fn duo() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForAll)
        .child(ChildSpec::supervisor("batman", || {
            character("batman", "I am the night.")
        }))
        .child(ChildSpec::supervisor("robin", || {
            character("robin", "Holy supervision tree!")
        }))
        .start_link()
        .await
}

/// Starts the tree: a supervisor with two characters and a branch.
pub async fn start_link() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::supervisor("superman", || {
            character("superman", "Up, up and away!")
        }))
        .child(ChildSpec::supervisor("supermario", || {
            character("supermario", "Wahoo!")
        }))
        .child(ChildSpec::worker("duo", duo))
        .start_link()
        .await
}
