//! The check of exercise 3.7.

#![allow(dead_code)]

#[cfg(feature = "solution")]
#[path = "solution.rs"]
mod exercise;
#[cfg(feature = "start")]
#[path = "start.rs"]
mod exercise;
#[cfg(not(any(feature = "solution", feature = "start")))]
#[path = "src/lib.rs"]
mod exercise;

use std::time::Duration;

use exercise::{add, start_link};
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;
use otp_core::{SupervisorRef, process};

async fn pid_of(tree: &SupervisorRef, name: &'static str) -> Option<Pid> {
    let child = tree.which_child(name).await.expect("the supervisor runs");
    child.and_then(|child| child.pid())
}

#[otp_core::test]
async fn an_added_character_is_a_child_and_is_restarted() {
    let tree = start_link().await.expect("the tree starts");
    add(&tree, "supernova", "I will be brief.")
        .await
        .expect("supernova is added");
    let supernova = pid_of(&tree, "supernova").await;
    let supernova = supernova.expect("supernova was added, but is no child of the supervisor");
    process::exit(supernova, ExitReason::Kill);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let again = pid_of(&tree, "supernova")
        .await
        .expect("supernova was killed, but was not restarted");
    assert_ne!(again, supernova);
}

#[otp_core::test]
async fn each_name_has_one_character() {
    let tree = start_link().await.expect("the tree starts");
    add(&tree, "supernova", "I will be brief.")
        .await
        .expect("supernova is added");
    let first = pid_of(&tree, "supernova").await;
    let second = add(&tree, "supernova", "I am another one.").await;
    assert!(
        matches!(second, Err(StartChildError::AlreadyStarted(pid)) if Some(pid) == first),
        "supernova runs already, so a second add must fail with AlreadyStarted: {second:?}"
    );
}
