//! The check of exercise 4.3.

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

use exercise::{Call, Cast, start_link};
use otp_core::process;

#[otp_core::test]
async fn yoshi_learns() {
    let yoshi = start_link().await.expect("yoshi starts");
    assert_eq!(yoshi.call(Call::Say).await, Ok(vec![]));
    yoshi
        .call(|from| Call::Learn("egg".to_owned(), from))
        .await
        .expect("yoshi runs");
    assert_eq!(yoshi.call(Call::Say).await, Ok(vec!["egg".to_owned()]));
}

#[otp_core::test]
async fn yoshi_keeps_his_lines_after_two_crashes() {
    let yoshi = start_link().await.expect("yoshi starts");
    let mut learned = Vec::new();
    for line in ["egg", "apple"] {
        yoshi
            .call(|from| Call::Learn(line.to_owned(), from))
            .await
            .expect("yoshi runs");
        learned.push(line.to_owned());
        let before = process::whereis("yoshi");
        yoshi.cast(Cast::Die);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_ne!(process::whereis("yoshi"), before, "yoshi was restarted");
        let known = yoshi.call(Call::Say).await.expect("yoshi was restarted");
        assert_eq!(known, learned, "yoshi has crashed and lost the line {line}");
    }
}
