//! Exercise 4.1: restart all characters in place of one. The task is in `TASK.md`.

use std::time::Duration;

use ch3_super_duper::api::{Plan, Stage};
use ch3_super_duper::boundary::Character;
use otp_core::SupervisorRef;
use otp_core::prelude::*;

/// Starts a character of chapter 3, linked with the calling process. It registers its name.
async fn character(name: &'static str) -> Result<ServerRef<Character>, StartError> {
    let plan = Plan::new(Stage::new(|_| ()));
    let start = Character::options().name(name);
    start.start_link(plan.character_args(name, None)).await
}

/// Starts the supervisor of the characters.
async fn characters() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForOne)
        .max_restarts(3, Duration::from_secs(5))
        .child(ChildSpec::worker("superman", || character("superman")))
        .child(ChildSpec::worker("supermario", || character("supermario")))
        .name("characters")
        .start_link()
        .await
}

/// Starts the project: a supervisor above the supervisor of the characters.
pub async fn start_link() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::supervisor("characters", characters))
        .start_link()
        .await
}
