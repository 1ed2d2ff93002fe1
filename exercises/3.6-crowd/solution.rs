//! A solution of exercise 3.6: a dynamic supervisor, whose children are added at run time.

use ch3_super_duper::api::{Plan, Stage};
use ch3_super_duper::boundary::Character;
use otp_core::prelude::*;
use otp_core::{DynamicSupervisorRef, SupervisorRef, process};

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
        .child(ChildSpec::supervisor("crowd", || {
            DynamicSupervisor::new().name("crowd").start_link()
        }))
        .start_link()
        .await
}

/// Adds a character to the crowd.
pub async fn add(name: &'static str, line: &'static str) -> Result<Pid, ExitReason> {
    let spec = ChildSpec::worker(name, move || character(name, line));
    let child = crowd()?.start_child(spec).await?;
    child.pid().ok_or(ExitReason::NoProcess)
}

/// Stops a character of the crowd, for good.
pub async fn remove(character: Pid) -> Result<(), ExitReason> {
    crowd()?.terminate_child(character).await?;
    Ok(())
}

fn crowd() -> Result<DynamicSupervisorRef, ExitReason> {
    DynamicSupervisorRef::find(&process::node(), "crowd").ok_or(ExitReason::NoProcess)
}
