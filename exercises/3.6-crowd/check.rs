//! The check of exercise 3.6.

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

use exercise::{add, remove, start_link};
use otp_core::prelude::*;
use otp_core::{DynamicSupervisorRef, process};

fn crowd() -> DynamicSupervisorRef {
    let crowd = DynamicSupervisorRef::find(&process::node(), "crowd");
    crowd.expect("there is no dynamic supervisor with the name crowd")
}

async fn pids() -> Vec<Pid> {
    let children = crowd()
        .which_children()
        .await
        .expect("the dynamic supervisor runs");
    children.iter().filter_map(|child| child.pid()).collect()
}

#[otp_core::test]
async fn the_crowd_is_in_the_tree() {
    let tree = start_link().await.expect("the tree starts");
    crowd();
    let counts = tree.count_children().await.expect("the supervisor runs");
    assert_eq!(
        (counts.workers, counts.supervisors),
        (1, 1),
        "the tree has two children: superman and the crowd"
    );
}

#[otp_core::test]
async fn a_character_that_is_added_is_supervised() {
    let _tree = start_link().await.expect("the tree starts");
    crowd();
    let luigi = add("luigi", "Me too.").await.expect("luigi is added");
    let peach = add("peach", "Hello!").await.expect("peach is added");
    assert_eq!(
        pids().await.len(),
        2,
        "two characters were added, so the crowd must have two children"
    );
    process::exit(luigi, ExitReason::Kill);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let now = pids().await;
    assert_eq!(now.len(), 2, "luigi was killed, so he must be restarted");
    assert!(
        now.contains(&peach) && !now.contains(&luigi),
        "peach has the same process, and luigi a new one"
    );
}

#[otp_core::test]
async fn a_character_that_is_removed_stays_away() {
    let _tree = start_link().await.expect("the tree starts");
    crowd();
    let luigi = add("luigi", "Me too.").await.expect("luigi is added");
    remove(luigi).await.expect("luigi is removed");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        pids().await,
        [],
        "luigi was removed, so the crowd must be empty"
    );
}
