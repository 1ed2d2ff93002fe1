//! Moments far off, in the past and of the system's clock; and the end of the destination.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use otp_core::prelude::*;
use otp_core::process;
use otp_core::timer::WallClock;
use tokio::time::Instant;

use crate::support::{HOUR, at_a_desk, start};

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

#[test]
fn a_moment_of_the_past_is_now() {
    at_a_desk(async |mut desk| {
        let me = desk.mailbox.me();
        let before_1970 = SystemTime::UNIX_EPOCH - YEAR;
        desk.clock.send_at(&me, start() - HOUR, "an hour ago");
        desk.hears("an hour ago").await;
        desk.clock.send_at(&me, before_1970, "before 1970");
        desk.hears("before 1970").await;
        // The clock itself can be there.
        desk.hands.set(before_1970);
        let due = before_1970 + Duration::from_millis(20);
        desk.clock.send_at(&me, due, "then");
        assert!(desk.hears("then").await >= due);
    });
}

#[test]
fn a_moment_may_be_as_far_off_as_there_are_moments() {
    at_a_desk(async |mut desk| {
        let me = desk.mailbox.me();
        let year_9999 = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
        let mut last = year_9999;
        for step in (0..63).rev() {
            let later = last.checked_add(Duration::from_secs(1 << step));
            last = later.unwrap_or(last);
        }
        desk.clock.send_at(&me, last, "the last");
        let timer = desk.clock.send_at(&me, year_9999, "the year 9999");
        assert!(timer.read() > Some(7000 * YEAR));
        desk.hears_nothing().await;
        desk.hands.set(year_9999);
        desk.hears("the year 9999").await;
        // A clock that has reached the last moment stands there.
        desk.hands.set(last);
        desk.hears("the last").await;
    });
}

#[test]
fn it_ends_with_its_destination_and_what_it_held_is_dropped() {
    at_a_desk(async |desk| {
        let held = Arc::new(());
        let mortal = process::spawn(|mut mailbox: Mailbox<Arc<()>>| async move {
            mailbox.receive().await;
        });
        let timer = desk.clock.send_at(&mortal, start() + HOUR, held.clone());
        let tagged = desk.clock.start_timer(&mortal, start(), {
            let held = held.clone();
            move |_| held
        });
        // It gets the second one, and ends.
        mortal.wait().await;
        assert_eq!((timer.read(), tagged.read()), (None, None));
        assert_eq!(Arc::strong_count(&held), 1);
        let late = desk.clock.send_at(&mortal, start() + HOUR, held.clone());
        assert_eq!((late.read(), Arc::strong_count(&held)), (None, 1));
        assert_eq!(process::node().system_info().timers, 0);
    });
}

#[test]
fn a_tagged_timer_brings_its_reference_and_a_name_is_looked_up_when_it_fires() {
    at_a_desk(async |mut desk| {
        let (me, clock) = (desk.mailbox.me(), desk.clock.clone());
        let body = move |mut mailbox: Mailbox<String>| async move {
            let timer = clock.start_timer(mailbox.me(), start(), |timer| timer.to_string());
            assert_eq!(mailbox.receive().await, timer.to_string());
            clock.send_at("cook", start() + HOUR, "by name".to_owned());
            process::register("cook", mailbox.me().pid()).expect("the name is free");
            me.send("set the clock");
            assert_eq!(mailbox.receive().await, "by name");
        };
        let cook = process::spawn(body);
        desk.hears("set the clock").await;
        desk.hands.set(start() + HOUR);
        assert_eq!(cook.wait().await, ExitReason::Normal);
    });
}

#[test]
fn the_systems_clock_goes_with_tokios() {
    at_a_desk(async |mut desk| {
        let clock = WallClock::system();
        let due = clock.now() + Duration::from_millis(40);
        clock.send_at(desk.mailbox.me(), due, "now");
        desk.hears("now").await;
        assert!(clock.now() >= due);
    });
}

/// Ten years of tokio's paused clock, in which the system's own goes on by nothing.
#[tokio::test(start_paused = true)]
async fn a_paused_age_has_an_end() {
    let node = Node::new();
    let age = node.run_with(|mut mailbox: Mailbox<u32>| async move {
        let clock = WallClock::system();
        let (morning, began) = (clock.now(), Instant::now());
        let timer = clock.send_at(mailbox.me(), morning + 10 * YEAR, 1);
        assert_eq!(timer.read(), Some(10 * YEAR));
        assert_eq!(mailbox.receive().await, 1);
        assert_eq!(clock.now(), morning + 10 * YEAR);
        began.elapsed()
    });
    assert_eq!(age.await, Ok(10 * YEAR));
}

#[tokio::test(start_paused = true)]
async fn many_go_out_in_the_order_of_their_moments() {
    let node = Node::new();
    let heard = node.run_with(|mut mailbox: Mailbox<u64>| async move {
        let hands = otp_core::timer::ManualClock::new(start());
        const MANY: u64 = 20_000;
        for number in 0..MANY {
            // In an order that is neither up nor down.
            let minute = number * 7_919 % MANY;
            let due = start() + Duration::from_secs(60 * (minute + 1));
            hands.clock().send_at(mailbox.me(), due, minute);
        }
        hands.set(start() + Duration::from_secs(60 * MANY));
        for minute in 0..MANY {
            assert_eq!(mailbox.receive().await, minute);
        }
        MANY
    });
    assert_eq!(heard.await, Ok(20_000));
}
