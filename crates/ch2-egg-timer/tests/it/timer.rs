//! The timers of otp-core, as far as the egg timer uses them.

use crate::kitchen::in_process;
use otp_core::{prelude::*, process, timer};
use std::time::Duration;
use tokio::time::Instant;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

// S19
#[tokio::test(start_paused = true)]
async fn send_after_delivers_by_expiry_and_never_early() {
    in_process(async |mut mailbox: Mailbox<&str>| {
        let start = Instant::now();
        timer::send_after(mailbox.me(), ms(90), "late");
        timer::send_after(mailbox.me(), ms(30), "early");
        timer::send_after(mailbox.me(), ms(60), "mid");
        for (message, at) in [("early", 30), ("mid", 60), ("late", 90)] {
            assert_eq!(mailbox.receive().await, message);
            assert_eq!(start.elapsed(), ms(at));
        }
    })
    .await;
}

// S19
#[tokio::test(start_paused = true)]
async fn cancel_returns_the_remaining_time_once_and_removes_no_message() {
    in_process(async |mut mailbox: Mailbox<&str>| {
        let pending = timer::send_after(mailbox.me(), ms(1000), "pending");
        tokio::time::advance(ms(40)).await;
        assert_eq!(pending.read(), Some(ms(960)));
        assert_eq!(pending.cancel(), Some(ms(960)));
        assert_eq!(pending.cancel(), None);

        let fired = timer::send_after(mailbox.me(), ms(10), "fired");
        tokio::time::sleep(ms(20)).await;
        assert_eq!(fired.cancel(), None);
        assert_eq!(mailbox.receive().await, "fired");
        assert_eq!(mailbox.receive().timeout(ms(5000)).await, None);
    })
    .await;
}

// S19
#[tokio::test(start_paused = true)]
async fn a_timer_without_a_target_is_dropped() {
    in_process(async |mut mailbox: Mailbox<&str>| {
        let dead = process::spawn(|_: Mailbox<&str>| async {});
        dead.wait().await;
        timer::send_after(&dead, ms(1), "lost");
        timer::send_after("nobody", ms(1), "lost too");
        assert_eq!(mailbox.receive().timeout(ms(10)).await, None);
    })
    .await;
}

// S20
#[tokio::test(start_paused = true)]
async fn an_interval_begins_after_one_period_and_ends_with_cancel_or_target() {
    in_process(async |mut mailbox: Mailbox<&str>| {
        let start = Instant::now();
        let ticks = timer::send_interval(mailbox.me(), ms(20), "tick");
        for at in [20, 40, 60] {
            assert_eq!(mailbox.receive().await, "tick");
            assert_eq!(start.elapsed(), ms(at));
        }
        assert!(ticks.cancel().is_some());
        assert_eq!(ticks.cancel(), None);
        assert_eq!(mailbox.receive().timeout(ms(100)).await, None);

        let target = process::spawn(|mut mailbox: Mailbox<&str>| async move {
            mailbox.receive().await;
        });
        let ticks = timer::send_interval(&target, ms(20), "tick");
        target.wait().await;
        assert_eq!(ticks.read(), None);
    })
    .await;
}
