//! The check of exercise 4.4.

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

use exercise::Cluster;
use otp_core::{ExitReason, Node};

fn cluster() -> Cluster {
    Cluster::new([("a", Node::new()), ("b", Node::new())])
}

#[otp_core::test]
async fn a_character_is_found_on_its_node() {
    let cluster = cluster();
    cluster
        .start("a", "superdave", "I am superdave on a.")
        .await
        .expect("superdave starts");
    match cluster.say("a/superdave").await {
        Ok(line) => assert_eq!(line, "I am superdave on a."),
        Err(reason) => panic!("superdave was started on node a, but is not found there: {reason}"),
    }
}

#[otp_core::test]
async fn the_same_name_on_two_nodes_is_two_characters() {
    let cluster = cluster();
    cluster
        .start("a", "superdave", "I am superdave on a.")
        .await
        .expect("superdave starts on a");
    cluster
        .start("b", "superdave", "I am superdave on b.")
        .await
        .expect("superdave starts on b");
    let (a, b) = (
        cluster.say("a/superdave").await,
        cluster.say("b/superdave").await,
    );
    assert_eq!(
        a.ok(),
        Some("I am superdave on a."),
        "a/superdave is on node a"
    );
    assert_eq!(
        b.ok(),
        Some("I am superdave on b."),
        "b/superdave is on node b"
    );
}

#[otp_core::test]
async fn an_address_without_a_character_is_not_found() {
    let cluster = cluster();
    cluster
        .start("a", "superdave", "I am superdave on a.")
        .await
        .expect("superdave starts");
    assert!(
        cluster.say("b/superdave").await.is_err(),
        "superdave is on node a and not on node b"
    );
    assert_eq!(
        cluster.say("c/superdave").await,
        Err(ExitReason::NoConnection),
        "node c does not exist, so the reason must be NoConnection"
    );
}
