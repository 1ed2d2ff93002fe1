//! The clock is set, or the machine sleeps.

use std::time::Duration;

use otp_core::process;

use crate::support::{HOUR, at_a_desk, start};

#[test]
fn one_whose_moment_passed_in_a_sleep_fires_upon_waking() {
    at_a_desk(async |mut desk| {
        let me = desk.mailbox.me();
        desk.clock.send_at(&me, start() + 2 * HOUR, "second");
        desk.clock.send_at(&me, start() + HOUR, "first");
        desk.clock.send_at(&me, start() + 4 * HOUR, "third");
        desk.clock.send_at(&me, start() + 2 * HOUR, "second again");
        desk.hears_nothing().await;
        let woken = start() + 3 * HOUR;
        desk.hands.set(woken);
        // By their moments, those of the same moment by their age.
        let at = desk.hears("first").await;
        assert!(at >= woken && at < woken + HOUR, "within a few looks");
        desk.hears("second").await;
        desk.hears("second again").await;
        desk.hears_nothing().await;
        desk.hands.set(start() + 4 * HOUR);
        desk.hears("third").await;
        assert_eq!(process::node().system_info().timers, 0);
    });
}

#[test]
fn after_a_jump_backward_it_waits_until_the_moment_comes() {
    at_a_desk(async |mut desk| {
        let due = start() + Duration::from_millis(300);
        let timer = desk.clock.send_at(desk.mailbox.me(), due, "now");
        desk.hands.set(start() - HOUR);
        desk.hears_nothing().await;
        let left = timer.read().expect("it is pending");
        assert!(
            left > HOUR - Duration::from_secs(60) && left < HOUR,
            "{left:?}"
        );
        desk.hands.set(due - Duration::from_millis(50));
        let at = desk.hears("now").await;
        assert!(at >= due, "it is never early");
        assert_eq!(timer.cancel(), None);
    });
}

#[test]
fn a_clock_that_is_set_wrong_and_right_again_changes_nothing() {
    at_a_desk(async |mut desk| {
        let due = start() + Duration::from_millis(2500);
        desk.clock.send_at(desk.mailbox.me(), due, "now");
        desk.hands.set(start() - 100 * HOUR);
        desk.hears_nothing().await;
        desk.hands.set(start() + Duration::from_millis(1100));
        assert!(desk.hears("now").await >= due);
    });
}

#[test]
fn one_that_was_cancelled_does_not_fire_whatever_the_clock_does() {
    at_a_desk(async |mut desk| {
        let me = desk.mailbox.me();
        let timer = desk.clock.send_at(&me, start() + HOUR, "never");
        let other = desk.clock.send_at(&me, start() + HOUR, "now");
        let read = timer.read().expect("it is pending");
        let left = timer.cancel().expect("it is pending");
        assert!(left <= read && read <= HOUR, "{left:?} of {read:?}");
        assert!(left > HOUR / 2);
        assert_eq!((timer.cancel(), timer.read()), (None, None));
        assert_eq!(process::node().system_info().timers, 1);
        desk.hands.set(start() + 2 * HOUR);
        desk.hears("now").await;
        desk.hears_nothing().await;
        assert_eq!(other.read(), None);
    });
}

#[test]
fn each_clock_has_its_own_moments() {
    at_a_desk(async |mut desk| {
        let me = desk.mailbox.me();
        let hands = otp_core::timer::ManualClock::new(start());
        assert_ne!(hands.clock(), desk.clock);
        assert_eq!(desk.hands.clock(), desk.clock);
        hands.clock().send_at(&me, start() + HOUR, "there");
        desk.clock.send_at(&me, start() + HOUR, "here");
        hands.set(start() + HOUR);
        desk.hears("there").await;
        desk.hears_nothing().await;
        desk.hands.set(start() + HOUR);
        desk.hears("here").await;
    });
}
