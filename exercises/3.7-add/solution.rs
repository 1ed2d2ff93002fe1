//! A solution of exercise 3.7: a supervisor accepts a child specification at run time.

use ch3_super_duper::api::{Plan, Stage};
use ch3_super_duper::boundary::Character;
use otp_core::SupervisorRef;
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;

/// Starts a character of chapter 3, linked with the calling process.
async fn character(name: &str, line: &str) -> Result<ServerRef<Character>, StartError> {
    let plan = Plan::new(Stage::new(|_| ()));
    Character::start_link(plan.character_args(name, Some(line.to_owned()))).await
}

/// Starts the tree, with superman as its child.
pub async fn start_link() -> Result<SupervisorRef, StartError> {
    Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("superman", || {
            character("superman", "Up, up and away!")
        }))
        .start_link()
        .await
}

/// Adds a character to the tree. Its name is its id.
///
/// # Errors
///
/// [`StartChildError::AlreadyStarted`] if a character with that name runs.
pub async fn add(
    tree: &SupervisorRef,
    name: &'static str,
    line: &'static str,
) -> Result<(), StartChildError> {
    let spec = ChildSpec::worker(name, move || character(name, line));
    tree.start_child(spec).await?;
    Ok(())
}
