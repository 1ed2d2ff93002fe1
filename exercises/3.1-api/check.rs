//! The check of exercise 3.1.

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
use otp_core::process;

#[otp_core::test]
async fn superman_answers() {
    let superman = start_link().await.expect("superman starts");
    assert_eq!(superman.say().await, Ok("Up, up and away!"));
}

#[otp_core::test]
async fn superman_answers_after_a_restart() {
    let superman = start_link().await.expect("superman starts");
    for crash in 1..=2 {
        let before = process::whereis("superman").expect("superman runs");
        superman.die();
        while process::whereis("superman").is_none_or(|pid| pid == before) {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        match superman.say().await {
            Ok(line) => assert_eq!(line, "Up, up and away!"),
            Err(error) => panic!(
                "Superman was restarted, but the API calls the dead process (crash {crash}): {error}"
            ),
        }
    }
}
