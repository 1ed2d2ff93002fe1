//! Jumps of the wall clock: the machine sleeps, or the clock is set.

use crate::kitchen::{Kitchen, in_process, name, rang, schedule, start_link_by};
use ch2_egg_timer::api::EggTimer;
use ch2_egg_timer::boundary::{Event, OnRing};
use ch2_egg_timer::cli::rig_by;
use ch2_egg_timer::core::{OutsideCalendar, Status};
use otp_core::{prelude::*, timer::ManualClock};
use otp_text::time;
use std::future::pending;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, advance, sleep};

/// A whole second in 2024.
fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_164_207)
}

const fn minutes(many: u64) -> Duration {
    Duration::from_secs(60 * many)
}

/// Runs a test with a timer whose clock it can set.
async fn kitchen<R>(test: impl FnOnce(Kitchen, ManualClock) -> R + Send + 'static)
where
    R: Future<Output = ()> + Send + 'static,
{
    in_process(|mailbox| async move {
        let hands = ManualClock::new(start());
        let timer = start_link_by(hands.clock(), &mailbox.me()).await;
        let started = Instant::now();
        let kitchen = Kitchen {
            timer,
            mailbox,
            started,
        };
        test(kitchen, hands).await;
    })
    .await;
}

async fn left(timer: &EggTimer) -> Vec<(String, Duration)> {
    let status = timer.status().await.expect("an answer");
    let of = |it: &Status| (it.name.to_string(), it.remaining);
    status.iter().map(of).collect()
}

#[tokio::test(start_paused = true)]
async fn alarms_that_became_due_in_a_sleep_ring_after_it() {
    kitchen(async |mut kitchen, hands| {
        for (text, length) in [("eggs", "10m"), ("tea", "5m"), ("bread", "90m")] {
            kitchen.set(text, length, OnRing::Tell(None)).await;
        }
        advance(minutes(1)).await;
        hands.set(start() + minutes(61));
        // The alarms ring in order, within a second after the sleep.
        kitchen.expect(rang("tea"), 61_000).await;
        kitchen.expect(rang("eggs"), 61_000).await;
        let rest = minutes(29) - Duration::from_secs(1);
        assert_eq!(left(&kitchen.timer).await, [("bread".to_owned(), rest)]);
        assert_eq!(kitchen.event().await, rang("bread"));
        assert_eq!(hands.clock().now(), start() + minutes(90));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn after_the_clock_is_set_back_an_alarm_still_waits_for_its_moment() {
    kitchen(async |mut kitchen, hands| {
        let length = "10m".parse().expect("a length");
        let set = kitchen
            .timer
            .schedule(name("eggs"), length, OnRing::Tell(None));
        assert_eq!(set, Ok(()));
        let due = start() + minutes(10);
        let scheduled = Event::Scheduled(name("eggs"), length, due);
        assert_eq!(kitchen.event().await, scheduled);
        advance(minutes(5)).await;
        hands.set(start() - minutes(20));
        assert_eq!(
            left(&kitchen.timer).await,
            [("eggs".to_owned(), minutes(30))]
        );
        kitchen.expect(rang("eggs"), 35 * 60 * 1000).await;
        assert_eq!(hands.clock().now(), due);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_alarm_and_an_alarm_of_a_stopped_timer_do_not_ring_after_a_jump() {
    kitchen(async |mut kitchen, hands| {
        kitchen.set("eggs", "10m", OnRing::Tell(None)).await;
        kitchen.set("tea", "20m", OnRing::Tell(None)).await;
        kitchen
            .timer
            .cancel(name("eggs"))
            .await
            .expect("eggs are pending");
        hands.set(start() + minutes(15));
        kitchen.timer.stop().await.expect("it stops");
        assert!(
            matches!(kitchen.event().await, Event::Pending(tea) if tea.remaining == minutes(5))
        );
        assert_eq!(kitchen.event().await, Event::Stopped(ExitReason::Normal));
        hands.set(start() + minutes(60));
        kitchen.expect_silence().await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_moment_outside_of_the_calendar_is_refused() {
    kitchen(async |mut kitchen, hands| {
        let set = |text| {
            let length = "10m".parse().expect("a length");
            kitchen
                .timer
                .schedule(name(text), length, OnRing::Tell(None))
        };
        hands.set(SystemTime::UNIX_EPOCH - minutes(5));
        assert_eq!(set("early"), Err(OutsideCalendar));
        hands.set(SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800));
        assert_eq!(set("late"), Err(OutsideCalendar));
        assert_eq!(kitchen.names().await, [""; 0]);
        hands.set(start());
        schedule(&kitchen.timer, "eggs", "0s");
        assert!(matches!(kitchen.event().await, Event::Scheduled(..)));
        assert_eq!(kitchen.event().await, rang("eggs"));
    })
    .await;
}

/// Runs the program while the machine sleeps. Returns its exit code, its output and its time by tokio's clock.
async fn run_with_jump(args: &[&str], to: SystemTime) -> (u8, String, Duration) {
    let (hands, began) = (ManualClock::new(start()), Instant::now());
    let rig = rig_by(hands.clock());
    let (ran, ()) = tokio::join!(rig.run(args, b"", pending()), async {
        sleep(minutes(1)).await;
        hands.set(to);
    });
    (ran.code, ran.out + &ran.err, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn alarms_ring_at_the_printed_moments() {
    let shown = |length| time::format(start(), start() + length).expect("a moment of the calendar");
    let (eggs, tea) = (shown(minutes(480)), shown(minutes(60)));
    let set = format!("set eggs 8h, rings at {eggs}\nset tea 1h, rings at {tea}\n");
    let args = ["schedule", "eggs", "8h", "tea", "1h"];

    let (code, out, ran) = run_with_jump(&args, start() + minutes(600)).await;
    assert_eq!((code, out), (0, format!("{set}ring tea\nring eggs\n")));
    assert!(ran <= minutes(1) + Duration::from_secs(1), "{ran:?}");

    let (code, out, ran) = run_with_jump(&args, start() - minutes(60)).await;
    assert_eq!((code, out), (0, format!("{set}ring tea\nring eggs\n")));
    assert_eq!(ran, minutes(1 + 60 + 480));
}

#[tokio::test(start_paused = true)]
async fn a_clock_outside_of_the_calendar_is_an_error_of_the_command() {
    let hands = ManualClock::new(SystemTime::UNIX_EPOCH - minutes(5));
    let rig = rig_by(hands.clock());
    let ran = rig.run(&["schedule", "eggs", "10m"], b"", pending()).await;
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    let error = "error: the moment is before 1970 or after 9999: set the clock of the machine\n";
    assert_eq!(ran.err, error);
}
