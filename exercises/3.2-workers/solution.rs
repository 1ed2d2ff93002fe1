//! A solution of exercise 3.2: `duo` is a supervisor, and all other children are workers.

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
        .child(ChildSpec::worker("batman", || {
            character("batman", "I am the night.")
        }))
        .child(ChildSpec::worker("robin", || {
            character("robin", "Holy supervision tree!")
        }))
        .start_link()
        .await
}

/// Starts the tree: a supervisor with two characters and a branch.
pub async fn start_link() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("superman", || {
            character("superman", "Up, up and away!")
        }))
        .child(ChildSpec::worker("supermario", || {
            character("supermario", "Wahoo!")
        }))
        .child(ChildSpec::supervisor("duo", duo))
        .start_link()
        .await
}
