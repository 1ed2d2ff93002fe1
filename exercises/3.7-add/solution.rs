//! A solution of exercise 3.7: the supervisor takes a specification at any time.

use ch3_super_duper::api::{Plan, Stage};
use ch3_super_duper::boundary::Character;
use otp_core::SupervisorRef;
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;

/// Starts a character of chapter 3, linked with the calling process: it has a line to say, and may die.
async fn character(name: &str, line: &str) -> Result<ServerRef<Character>, StartError> {
    let plan = Plan::new(Stage::new(|_| ()));
    Character::start_link(plan.entrance(name, Some(line.to_owned()))).await
}

/// Starts the tree, with superman in it.
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
/// [`StartChildError::AlreadyStarted`] if there is one of that name.
pub async fn add(
    tree: &SupervisorRef,
    name: &'static str,
    line: &'static str,
) -> Result<(), StartChildError> {
    let spec = ChildSpec::worker(name, move || character(name, line));
    tree.start_child(spec).await?;
    Ok(())
}
