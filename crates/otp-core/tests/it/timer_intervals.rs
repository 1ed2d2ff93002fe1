//! Timers that fire again and again.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::timer::MissedTicks;
use otp_core::{process, timer};
use tokio::time::{Instant, sleep};

use crate::puppet::{Puppet, as_process};
use crate::timers::{LATER, MS};

// TIM-009
#[tokio::test(start_paused = true)]
async fn an_interval_repeats_without_drift_until_it_is_cancelled() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let started = Instant::now();
        let interval = timer::send_interval(mailbox.me(), 100 * MS, "tick");
        for tick in 1..=50 {
            assert_eq!(mailbox.receive().await, "tick");
            assert_eq!(started.elapsed(), tick * 100 * MS);
            // Slow handling must not put the next one off.
            sleep(30 * MS).await;
        }
        assert_eq!(interval.read(), Some(70 * MS));
        assert_eq!(interval.cancel(), Some(70 * MS));
        assert_eq!(interval.cancel(), None);
        assert_eq!(mailbox.receive().timeout(LATER).await, None);
    })
    .await;
}

// TIM-009
#[tokio::test(start_paused = true)]
async fn an_interval_makes_up_for_what_it_missed() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let started = Instant::now();
        timer::send_interval(mailbox.me(), 100 * MS, "tick");
        tokio::time::advance(350 * MS).await;
        for _ in 0..3 {
            assert_eq!(mailbox.receive().await, "tick");
        }
        assert_eq!(started.elapsed(), 350 * MS);
        assert_eq!(mailbox.receive().await, "tick");
        assert_eq!(started.elapsed(), 400 * MS);
    })
    .await;
}

// TIM-009
#[tokio::test(start_paused = true)]
async fn an_interval_ends_with_its_destination_not_with_its_starter() {
    let node = Node::new();
    let starter = Puppet::new(&node);
    let ticks = otp_core::test::Probe::new();
    let report = ticks.clone();
    let counter = node.spawn(move |mut mailbox: Mailbox<&'static str>| async move {
        for _ in 0..3 {
            report.report(mailbox.receive().await);
        }
    });
    let to = counter.clone();
    let interval = starter
        .does(move |_| timer::send_interval(&to, 100 * MS, "tick"))
        .await;
    starter.ends(ExitReason::Normal).await;
    assert_eq!(counter.wait().await, ExitReason::Normal);
    assert_eq!(ticks.drain().len(), 3);
    assert_eq!(interval.read(), None);
    assert_eq!(interval.cancel(), None);
}

// TIM-005, TIM-009
#[tokio::test(start_paused = true)]
async fn an_interval_to_a_name_goes_from_one_holder_to_the_next() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let started = Instant::now();
        let former = process::spawn(|mut mailbox: Mailbox<&'static str>| async move {
            mailbox.receive().await;
        });
        process::register("clock", &former).expect("the name is free");
        let interval = timer::send_interval("clock", 100 * MS, "tick");
        assert_eq!(former.wait().await, ExitReason::Normal);
        assert_eq!(started.elapsed(), 100 * MS);
        // One tick finds no process.
        sleep(150 * MS).await;
        process::register("clock", mailbox.pid()).expect("the former one is gone");
        assert_eq!(mailbox.receive().await, "tick");
        assert_eq!(started.elapsed(), 300 * MS);
        assert_eq!(interval.cancel(), Some(100 * MS));
        assert_eq!(mailbox.receive().timeout(LATER).await, None);
    })
    .await;
}

// TIM-009
#[tokio::test(start_paused = true)]
async fn an_interval_of_zero_counts_as_a_millisecond() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let started = Instant::now();
        timer::send_interval(mailbox.me(), Duration::ZERO, "tick");
        for _ in 0..5 {
            mailbox.receive().await;
        }
        assert_eq!(started.elapsed(), 5 * MS);
    })
    .await;
}

// TIM-009
#[tokio::test(start_paused = true)]
async fn a_message_that_panics_when_it_is_cloned_does_not_end_the_timers() {
    #[derive(Debug, PartialEq)]
    struct Fragile(u32);
    impl Clone for Fragile {
        fn clone(&self) -> Self {
            assert_eq!(self.0, 0, "it is fragile");
            Self(0)
        }
    }

    as_process(|mut mailbox: Mailbox<Fragile>| async move {
        timer::send_interval(mailbox.me(), 10 * MS, Fragile(1));
        timer::send_interval(mailbox.me(), 10 * MS, Fragile(0));
        for _ in 0..3 {
            assert_eq!(mailbox.receive().await, Fragile(0));
        }
    })
    .await;
}

/// The ticks that come at once after the clock has jumped by `jump`, and the time until the next one.
async fn ticks_after_a_jump(
    missed: Option<MissedTicks>,
    period: Duration,
    jump: Duration,
) -> (usize, Duration) {
    let run = Node::new().run_with(move |mut mailbox: Mailbox<&'static str>| async move {
        match missed {
            None => timer::send_interval(mailbox.me(), period, "tick"),
            Some(missed) => timer::send_interval_with(mailbox.me(), period, missed, "tick"),
        };
        tokio::time::advance(jump).await;
        let jumped = Instant::now();
        let mut at_once = 0;
        loop {
            mailbox.receive().await;
            if jumped.elapsed() > Duration::ZERO {
                return (at_once, jumped.elapsed());
            }
            at_once += 1;
        }
    });
    run.await.expect("no assertion fails")
}

// TIM-009
#[tokio::test(start_paused = true)]
async fn an_interval_says_what_it_does_about_missed_ticks() {
    let (period, jump) = (100 * MS, 350 * MS);
    let after = |missed| ticks_after_a_jump(missed, period, jump);
    assert_eq!(after(None).await, (3, 50 * MS));
    assert_eq!(after(Some(MissedTicks::CatchUp(1))).await, (2, 50 * MS));
    assert_eq!(after(Some(MissedTicks::CatchUp(0))).await, (1, 50 * MS));
    assert_eq!(after(Some(MissedTicks::Skip)).await, (1, 50 * MS));
    assert_eq!(after(Some(MissedTicks::Delay)).await, (1, 100 * MS));
}

#[tokio::test(start_paused = true)]
async fn nothing_floods_after_an_hour_in_which_the_program_was_stopped() {
    let hour = Duration::from_hours(1);
    let (at_once, _) = ticks_after_a_jump(None, MS, hour).await;
    assert_eq!(
        at_once, 17,
        "the late one, and sixteen that are made up for"
    );
    let all = Some(MissedTicks::CatchUp(u32::MAX));
    let (at_once, _) = ticks_after_a_jump(all, MS, 10 * Duration::from_secs(1)).await;
    assert_eq!(at_once, 10_000, "if it was asked for");
}
