//! A solution of exercise 3.2: a branch is a supervisor, all others are workers.

use ch3_super_duper::api::{Plan, Stage};
use ch3_super_duper::boundary::Character;
use otp_core::SupervisorRef;
use otp_core::prelude::*;

/// Starts a character of chapter 3, linked with the calling process: it has a line to say, and may die.
async fn character(name: &str, line: &str) -> Result<ServerRef<Character>, StartError> {
    let plan = Plan::new(Stage::new(|_| ()));
    Character::start_link(plan.entrance(name, Some(line.to_owned()))).await
}

/// A branch of the tree: two characters under a supervisor of their own.
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

/// The tree: two characters and a branch.
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
