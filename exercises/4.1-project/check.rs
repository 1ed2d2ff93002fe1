//! The check of exercise 4.1.

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

use ch3_super_duper::api::Hero;
use exercise::start_link;
use otp_core::prelude::*;
use otp_core::process;

fn pids() -> Option<[Pid; 3]> {
    let pid = |name| process::whereis(name);
    Some([pid("characters")?, pid("superman")?, pid("supermario")?])
}

#[otp_core::test]
async fn one_crash_restarts_all() {
    let project = start_link().await.expect("the project starts");
    let [characters, superman, supermario] = pids().expect("all of them run");
    Hero::named("superman").die();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let [new_characters, new_superman, new_supermario] = pids().expect("all of them are restarted");
    assert_ne!(superman, new_superman, "superman was restarted");
    assert_ne!(
        supermario, new_supermario,
        "superman has crashed, but supermario was not restarted"
    );
    assert_ne!(
        characters, new_characters,
        "the supervisor of the characters must give up and be restarted"
    );
    assert!(project.is_alive(), "the top supervisor keeps running");
}
