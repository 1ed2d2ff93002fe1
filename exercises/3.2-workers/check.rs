//! The check of exercise 3.2.

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

use exercise::start_link;
use otp_core::{Shutdown, SupervisorRef, process};

#[otp_core::test]
async fn the_counts_are_right() {
    let tree = start_link().await.expect("the tree starts");
    let counts = tree.count_children().await.expect("the supervisor runs");
    assert_eq!(
        (counts.workers, counts.supervisors),
        (2, 1),
        "superman and supermario are workers, duo is a supervisor"
    );
    let duo = tree
        .which_child("duo")
        .await
        .expect("the supervisor runs")
        .expect("the tree has a child duo");
    let duo = duo
        .pid()
        .and_then(|pid| SupervisorRef::find(&process::node(), pid));
    let counts = duo
        .expect("duo runs")
        .count_children()
        .await
        .expect("duo runs");
    assert_eq!(
        (counts.workers, counts.supervisors),
        (2, 0),
        "batman and robin are workers"
    );
}

#[otp_core::test]
async fn a_supervisor_has_no_time_limit_and_a_worker_five_seconds() {
    let tree = start_link().await.expect("the tree starts");
    for (id, expected) in [("superman", Shutdown::DEFAULT), ("duo", Shutdown::Infinity)] {
        let spec = tree
            .childspec(id)
            .await
            .expect("the supervisor runs")
            .expect("the tree has this child");
        assert_eq!(
            spec.shutdown_value(),
            expected,
            "the time limit of the shutdown of {id}"
        );
    }
}
