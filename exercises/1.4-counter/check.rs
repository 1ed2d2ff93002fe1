//! The check of exercise 1.4.

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

use exercise::{inc, start, state};
use otp_core::prelude::*;
use otp_core::process;

#[otp_core::test]
async fn one_client_adds() {
    let counter = start().await.expect("the counter starts");
    for _ in 0..3 {
        inc(&counter).await.expect("the counter still runs");
    }
    assert_eq!(state(&counter).await, Ok(3), "one client adds three times");
}

#[otp_core::test]
async fn ten_clients_at_once_lose_nothing() {
    let counter = start().await.expect("the counter starts");
    let clients: Vec<ProcessRef<Never>> = (0..10)
        .map(|_| {
            let counter = counter.clone();
            process::spawn(async move |_: Mailbox<Never>| {
                for _ in 0..100 {
                    inc(&counter).await.expect("the counter still runs");
                    // The clients take turns.
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for client in clients {
        client.wait().await;
    }
    assert_eq!(
        state(&counter).await,
        Ok(1000),
        "ten clients add a hundred times each, so the count must be 1000"
    );
}
