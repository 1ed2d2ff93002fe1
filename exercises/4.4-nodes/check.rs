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

use exercise::World;
use otp_core::{ExitReason, Node};

fn world() -> World {
    World::new([("a", Node::new()), ("b", Node::new())])
}

#[otp_core::test]
async fn a_character_is_found_on_its_node() {
    let world = world();
    world
        .start("a", "superdave", "I am superdave on a.")
        .await
        .expect("superdave starts");
    match world.say("a/superdave").await {
        Ok(line) => assert_eq!(line, "I am superdave on a."),
        Err(reason) => panic!("superdave was started on node a, and is not found there: {reason}"),
    }
}

#[otp_core::test]
async fn the_same_name_on_two_nodes_is_two_characters() {
    let world = world();
    world
        .start("a", "superdave", "I am superdave on a.")
        .await
        .expect("superdave starts on a");
    world
        .start("b", "superdave", "I am superdave on b.")
        .await
        .expect("superdave starts on b");
    let (a, b) = (
        world.say("a/superdave").await,
        world.say("b/superdave").await,
    );
    assert_eq!(
        a.ok(),
        Some("I am superdave on a."),
        "a/superdave is the one on node a"
    );
    assert_eq!(
        b.ok(),
        Some("I am superdave on b."),
        "b/superdave is the one on node b"
    );
}

#[otp_core::test]
async fn who_is_not_there_is_not_found() {
    let world = world();
    world
        .start("a", "superdave", "I am superdave on a.")
        .await
        .expect("superdave starts");
    assert!(
        world.say("b/superdave").await.is_err(),
        "superdave is on a, and not on b"
    );
    assert_eq!(
        world.say("c/superdave").await,
        Err(ExitReason::NoConnection),
        "there is no node c"
    );
}
