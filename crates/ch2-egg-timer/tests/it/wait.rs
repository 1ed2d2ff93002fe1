//! Waits for an alarm: calls that are answered later.

use crate::kitchen::{Kitchen, kitchen, name, rang};
use ch2_egg_timer::api::EggTimer;
use ch2_egg_timer::boundary::OnRing;
use otp_core::{prelude::*, process};
use std::time::Duration;

/// Waits for an alarm in a separate process.
fn waiter(timer: &EggTimer, text: &str) -> impl Future<Output = Result<(), CallError>> + use<> {
    let (timer, name) = (timer.clone(), name(text));
    let waiter = process::node().run(async move { timer.wait(name).await });
    async { waiter.await.expect("the waiter returns") }
}

async fn set(kitchen: &mut Kitchen, length: &str) {
    kitchen.set("eggs", length, OnRing::Tell(None)).await;
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_after_the_event_of_the_ring() {
    kitchen(async |mut kitchen| {
        set(&mut kitchen, "40ms").await;
        let waited = kitchen.timer.wait(name("eggs")).await;
        waited.expect("it rings");
        assert_eq!(kitchen.mailbox.len(), 1);
        kitchen.expect(rang("eggs"), 40).await;
        // A wait for an alarm that is not pending ends at once.
        let waited = kitchen.timer.wait(name("eggs")).await;
        waited.expect("an answer at once");
        kitchen.expect_time(40);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn several_callers_can_wait_and_a_replacement_continues_the_wait() {
    kitchen(async |mut kitchen| {
        set(&mut kitchen, "40ms").await;
        let (first, second) = (
            waiter(&kitchen.timer, "eggs"),
            waiter(&kitchen.timer, "eggs"),
        );
        let replace = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            set(&mut kitchen, "90ms").await;
        };
        let (first, second, ()) = tokio::join!(first, second, replace);
        first.and(second).expect("it rings");
        kitchen.expect_time(100);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_alarm_and_the_end_of_the_timer_end_a_wait() {
    kitchen(async |mut kitchen| {
        set(&mut kitchen, "1h").await;
        let cancel = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            kitchen.timer.cancel(name("eggs")).await.expect("pending");
        };
        let (waited, ()) = tokio::join!(waiter(&kitchen.timer, "eggs"), cancel);
        waited.expect("an answer");
        kitchen.expect_time(10);

        set(&mut kitchen, "1h").await;
        let stop = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            kitchen.timer.stop().await.expect("it stops");
        };
        let (waited, ()) = tokio::join!(waiter(&kitchen.timer, "eggs"), stop);
        let Err(CallError::Exited { reason, .. }) = waited else {
            panic!("{waited:?}")
        };
        assert_eq!(reason, ExitReason::Normal);
    })
    .await;
}
