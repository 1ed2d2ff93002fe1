//! Timers.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{TimerRef, process, timer};
use tokio::time::{Instant, sleep};

use crate::puppet::{Puppet, as_process, boom};

pub(crate) const MS: Duration = Duration::from_millis(1);

/// Ends a test in which nothing more may come: long after everything was due.
pub(crate) const LATER: Duration = Duration::from_secs(24 * 60 * 60);

// TIM-001
#[tokio::test(start_paused = true)]
async fn send_after_delivers_once_and_not_before_its_time() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let started = Instant::now();
        timer::send_after(mailbox.me(), 100 * MS, "ring");
        assert_eq!(mailbox.receive().timeout(99 * MS).await, None);
        assert_eq!(mailbox.receive().await, "ring");
        assert_eq!(started.elapsed(), 100 * MS);
        assert_eq!(mailbox.receive().timeout(LATER).await, None);
    })
    .await;
}

// TIM-001
#[tokio::test(start_paused = true)]
async fn a_timer_may_aim_at_another_process_and_outlives_its_starter() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let me = mailbox.me();
        let starter = process::spawn(move |_: Mailbox<Never>| async move {
            timer::send_after(&me, 100 * MS, "ring");
        });
        starter.wait().await;
        assert_eq!(mailbox.receive().await, "ring");
    })
    .await;
}

// TIM-002
#[tokio::test(start_paused = true)]
async fn cancel_gives_the_time_left_of_a_pending_timer_and_it_does_not_fire() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let timer = timer::send_after(mailbox.me(), 100 * MS, "ring");
        sleep(30 * MS).await;
        assert_eq!(timer.cancel(), Some(70 * MS));
        assert_eq!(mailbox.receive().timeout(LATER).await, None);
    })
    .await;
}

// TIM-002
#[tokio::test(start_paused = true)]
async fn cancel_gives_none_for_a_timer_that_is_no_longer_pending() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let fired = timer::send_after(mailbox.me(), 10 * MS, "ring");
        let cancelled = timer::send_after(mailbox.me(), 10 * MS, "never");
        assert!(cancelled.cancel().is_some());
        assert_eq!(cancelled.cancel(), None, "cancelled before");
        sleep(20 * MS).await;
        assert_eq!(fired.cancel(), None, "it has fired");
        assert_eq!(
            mailbox.receive().await,
            "ring",
            "and what it has sent stays"
        );
        assert!(mailbox.is_empty());
        // Known to its node alone, whatever the number.
        let elsewhere = Node::new()
            .run_with(
                |mailbox: Mailbox<u32>| async move { timer::send_after(mailbox.me(), LATER, 1) },
            )
            .await
            .expect("it returns");
        assert_eq!(elsewhere.cancel(), None, "its destination has ended");
    })
    .await;
}

// TIM-002
#[tokio::test(start_paused = true)]
async fn anyone_may_cancel_a_timer() {
    let node = Node::new();
    let (owner, other) = (Puppet::new(&node), Puppet::new(&node));
    let timer = owner
        .does(|mailbox| timer::exit_after(mailbox.pid(), 100 * MS, boom()))
        .await;
    let same = timer.clone();
    assert_eq!(other.does(move |_| same.cancel()).await, Some(100 * MS));
    assert_eq!(timer.read(), None);
    sleep(LATER).await;
    assert!(owner.is_alive());
}

// TIM-003
#[tokio::test(start_paused = true)]
async fn read_gives_the_time_left_and_changes_nothing() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let started = Instant::now();
        let timer = timer::send_after(mailbox.me(), 100 * MS, "ring");
        assert_eq!(timer.read(), Some(100 * MS));
        sleep(60 * MS).await;
        assert_eq!(timer.read(), Some(40 * MS));
        assert_eq!(timer.read(), Some(40 * MS));
        assert_eq!(mailbox.receive().await, "ring");
        assert_eq!(started.elapsed(), 100 * MS);
        assert_eq!(timer.read(), None, "it has fired");
        let cancelled = timer::send_after(mailbox.me(), 100 * MS, "never");
        cancelled.cancel();
        assert_eq!(cancelled.read(), None);
    })
    .await;
}

// TIM-004
#[tokio::test(start_paused = true)]
async fn timers_arrive_in_the_order_of_their_expiry() {
    as_process(|mut mailbox: Mailbox<u32>| async move {
        for delay in [70, 10, 50, 30, 90, 20, 80, 60, 40] {
            timer::send_after(mailbox.me(), delay * MS, delay);
        }
        for expected in (10..=90).step_by(10) {
            assert_eq!(mailbox.receive().await, expected);
        }
    })
    .await;
}

// TIM-004
#[tokio::test(start_paused = true)]
async fn timers_that_are_due_together_arrive_by_expiry_and_then_by_age() {
    as_process(|mut mailbox: Mailbox<(u32, u32)>| async move {
        let at = Instant::now();
        for age in 0..20 {
            for delay in [3, 1, 2] {
                timer::send_at(mailbox.me(), at + delay * MS, (delay, age));
            }
        }
        // All of them are due before anybody can look at them.
        tokio::time::advance(10 * MS).await;
        for delay in 1..=3 {
            for age in 0..20 {
                assert_eq!(mailbox.receive().await, (delay, age));
            }
        }
    })
    .await;
}

// TIM-004
#[tokio::test(start_paused = true)]
async fn an_earlier_timer_started_later_fires_first() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let started = Instant::now();
        timer::send_after(mailbox.me(), 1000 * MS, "late");
        sleep(10 * MS).await;
        timer::send_after(mailbox.me(), 10 * MS, "early");
        assert_eq!(mailbox.receive().await, "early");
        assert_eq!(started.elapsed(), 20 * MS);
        assert_eq!(mailbox.receive().await, "late");
        assert_eq!(started.elapsed(), 1000 * MS);
    })
    .await;
}

// TIM-005
#[tokio::test(start_paused = true)]
async fn a_timer_to_a_name_looks_it_up_when_it_fires() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let former = process::spawn(|_: Mailbox<&'static str>| std::future::pending::<()>());
        process::register("clock", &former).expect("the name is free");
        timer::send_after("clock", 50 * MS, "ring");
        process::unregister("clock").expect("it is taken");
        process::register("clock", mailbox.pid()).expect("the name is free");
        assert_eq!(mailbox.receive().await, "ring");
        let info = process::node()
            .process_info(former.pid())
            .expect("it lives");
        assert_eq!(info.message_queue_len, 0);
    })
    .await;
}

// TIM-005
#[tokio::test(start_paused = true)]
async fn a_timer_to_a_name_that_nobody_has_then_is_lost() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let lost = timer::send_after("clock", 50 * MS, "lost");
        let wrong = timer::send_after("clock", 70 * MS, 42);
        let found = timer::send_after(Name::global("clock"), 80 * MS, "found");
        sleep(60 * MS).await;
        process::register("clock", mailbox.pid()).expect("the name is free");
        process::register(Name::global("clock"), mailbox.pid()).expect("the name is free");
        assert_eq!(lost.read(), None, "it has fired");
        assert_eq!(mailbox.receive().await, "found");
        assert_eq!((wrong.read(), found.read()), (None, None));
        assert!(mailbox.is_empty());
    })
    .await;
}

// TIM-006
#[tokio::test(start_paused = true)]
async fn a_timer_whose_destination_ends_is_removed() {
    as_process(|_: Mailbox<Never>| async {
        let other =
            process::spawn(
                |mut mailbox: Mailbox<ExitReason>| async move { mailbox.receive().await },
            );
        let once = timer::send_after(&other, 100 * MS, boom());
        let again = timer::send_interval(&other, 100 * MS, boom());
        let tagged = timer::start_timer(&other, 100 * MS, |_| boom());
        let exits = timer::exit_after(&other, 100 * MS, boom());
        other.send(ExitReason::Shutdown);
        assert_eq!(other.wait().await, ExitReason::Shutdown);
        for timer in [once, again, tagged, exits] {
            assert_eq!(timer.read(), None);
            assert_eq!(timer.cancel(), None);
        }
        let late = timer::send_after(&other, 100 * MS, boom());
        assert_eq!(late.read(), None, "never started");
    })
    .await;
}

// TIM-006
#[tokio::test(start_paused = true)]
async fn what_a_removed_timer_held_is_dropped() {
    as_process(|_: Mailbox<Never>| async {
        let held = std::sync::Arc::new(());
        let other = process::spawn(|_: Mailbox<std::sync::Arc<()>>| async {});
        timer::send_after(&other, LATER, held.clone());
        timer::send_interval(&other, LATER, held.clone());
        let cancelled = timer::send_after("nobody", LATER, held.clone());
        assert_eq!(std::sync::Arc::strong_count(&held), 4);
        cancelled.cancel();
        other.wait().await;
        assert_eq!(std::sync::Arc::strong_count(&held), 1);
    })
    .await;
}

// TIM-007
#[tokio::test(start_paused = true)]
async fn a_tagged_timer_tells_a_stale_message_from_a_fresh_one() {
    as_process(
        |mut mailbox: Mailbox<(TimerRef, &'static str)>| async move {
            let stale = timer::start_timer(mailbox.me(), 10 * MS, |timer| (timer, "ring"));
            sleep(20 * MS).await;
            // Too late: its message is in the mailbox.
            assert_eq!(stale.cancel(), None);
            let fresh = timer::start_timer(mailbox.me(), 10 * MS, |timer| (timer, "ring"));
            assert_ne!(stale, fresh);
            assert_eq!(mailbox.receive().await, (stale, "ring"));
            assert_eq!(mailbox.receive().await, (fresh, "ring"));
        },
    )
    .await;
}

// TIM-008
#[tokio::test(start_paused = true)]
async fn a_timer_of_zero_fires_at_once() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let started = Instant::now();
        timer::send_after(mailbox.me(), Duration::ZERO, "ring");
        assert_eq!(mailbox.receive().await, "ring");
        assert_eq!(started.elapsed(), Duration::ZERO);
    })
    .await;
}

// TIM-008
#[tokio::test(start_paused = true)]
async fn a_timer_fires_at_an_absolute_time_or_at_once_if_that_has_passed() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let started = Instant::now();
        sleep(50 * MS).await;
        let past = timer::send_at(mailbox.me(), started, "past");
        let future = timer::send_at(mailbox.me(), started + 80 * MS, "future");
        assert_eq!(past.read(), Some(Duration::ZERO));
        assert_eq!(future.read(), Some(30 * MS));
        assert_eq!(mailbox.receive().await, "past");
        assert_eq!(started.elapsed(), 50 * MS);
        assert_eq!(mailbox.receive().await, "future");
        assert_eq!(started.elapsed(), 80 * MS);
    })
    .await;
}

// TIM-008
#[tokio::test(start_paused = true)]
async fn very_long_times_work() {
    as_process(|mut mailbox: Mailbox<&'static str>| async move {
        let started = Instant::now();
        let long = Duration::from_millis(u64::from(u32::MAX) + 100);
        timer::send_after(mailbox.me(), long, "after fifty days");
        let ten_years = Duration::from_secs(10 * 366 * 24 * 60 * 60);
        let longer = timer::send_after(mailbox.me(), ten_years, "after ten years");
        let longest = timer::send_after(mailbox.me(), Duration::MAX, "never");
        assert_eq!(mailbox.receive().await, "after fifty days");
        assert_eq!(started.elapsed(), long);
        assert_eq!(longer.read(), Some(ten_years - long));
        assert!(longest.read() > Some(ten_years));
        assert!(longest.cancel() > Some(ten_years));
        assert_eq!(mailbox.receive().await, "after ten years");
        assert_eq!(started.elapsed(), ten_years);
    })
    .await;
}
