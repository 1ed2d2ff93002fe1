//! Alarms that are set, ring, are cancelled and are replaced.

use crate::kitchen::{in_process, kitchen, name, rang, schedule};
use ch2_egg_timer::api::{CancelError, EggTimer};
use ch2_egg_timer::boundary::{Event, OnRing, UnknownAlarm};
use ch2_egg_timer::core::{Length, Status};
use otp_core::timer::{self, WallClock};
use otp_core::{prelude::*, process};
use std::sync::mpsc;
use std::time::Duration;

// S21, S22
#[tokio::test(start_paused = true)]
async fn an_alarm_rings_once_at_its_time_and_is_gone() {
    kitchen(async |mut kitchen| {
        kitchen
            .set("wake up", "50ms", OnRing::Tell(Some("good morning".into())))
            .await;
        assert_eq!(kitchen.names().await, ["wake up"]);
        let message = Some("good morning".into());
        let event = Event::Rang(name("wake up"), message);
        kitchen.expect(event, 50).await;
        assert!(kitchen.names().await.is_empty());
        kitchen.expect_silence().await;
    })
    .await;
}

// S22
#[tokio::test(start_paused = true)]
async fn an_alarm_of_zero_rings_at_once() {
    kitchen(async |mut kitchen| {
        kitchen.set("now", "0s", OnRing::Tell(None)).await;
        kitchen.expect(rang("now"), 0).await;
        assert!(kitchen.names().await.is_empty());
    })
    .await;
}

// S26, S27
#[tokio::test(start_paused = true)]
async fn status_has_the_remaining_times_sorted_by_name() {
    kitchen(async |mut kitchen| {
        assert_eq!(kitchen.timer.status().await.expect("an answer"), []);
        kitchen.set("waffles", "10m", OnRing::Tell(None)).await;
        tokio::time::advance(Duration::from_millis(1500)).await;
        kitchen.set("eggs", "5m", OnRing::Tell(None)).await;
        kitchen.set("bacon", "2m", OnRing::Tell(None)).await;

        let status = |text, duration, remaining| Status {
            name: name(text),
            duration: Duration::from_secs(duration),
            remaining: Duration::from_millis(remaining),
        };
        assert_eq!(
            kitchen.timer.status().await.expect("an answer"),
            [
                status("bacon", 120, 120_000),
                status("eggs", 300, 300_000),
                status("waffles", 600, 598_500),
            ]
        );
    })
    .await;
}

// S29
#[tokio::test(start_paused = true)]
async fn a_cancelled_alarm_never_rings() {
    kitchen(async |mut kitchen| {
        kitchen.set("eggs", "60ms", OnRing::Tell(None)).await;
        kitchen.set("tea", "30ms", OnRing::Tell(None)).await;
        kitchen
            .timer
            .cancel(name("eggs"))
            .await
            .expect("eggs are pending");
        assert_eq!(kitchen.names().await, ["tea"]);
        for unknown in ["eggs", "toast"] {
            let error = kitchen
                .timer
                .cancel(name(unknown))
                .await
                .expect_err("not pending");
            let CancelError::Unknown(UnknownAlarm(which)) = &error else {
                panic!("{error:?}")
            };
            assert_eq!(*which, name(unknown));
            assert_eq!(
                error.to_string(),
                format!("no alarm {unknown:?} is pending")
            );
        }
        kitchen.expect(rang("tea"), 30).await;
        assert!(
            kitchen.timer.cancel(name("tea")).await.is_err(),
            "it has rung"
        );
        kitchen.expect_silence().await;

        kitchen.set("eggs", "20ms", OnRing::Tell(None)).await;
        assert_eq!(kitchen.event().await, rang("eggs"));
    })
    .await;
}

// S33
#[tokio::test(start_paused = true)]
async fn an_alarm_set_again_replaces_the_first() {
    kitchen(async |mut kitchen| {
        kitchen.set("eggs", "40ms", OnRing::Tell(None)).await;
        kitchen.set("eggs", "100ms", OnRing::Tell(None)).await;
        tokio::time::advance(Duration::from_millis(70)).await;
        assert_eq!(kitchen.names().await, ["eggs"]);
        kitchen.expect(rang("eggs"), 100).await;

        kitchen.set("eggs", "100ms", OnRing::Tell(None)).await;
        kitchen.set("eggs", "40ms", OnRing::Tell(None)).await;
        kitchen.expect(rang("eggs"), 140).await;
        kitchen.expect_silence().await;
    })
    .await;
}

// The test blocks the timer twice: until all messages are in its mailbox, and until the two rings are
// behind the messages that make them stale. That needs a second thread, so the clock is not paused;
// but no step waits for the clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ring_behind_a_change_in_the_mailbox_is_stale() {
    fn sets(event: &Event, text: &str) -> bool {
        matches!(event, Event::Scheduled(name, ..) if name.as_str() == text)
    }

    in_process(async |mut mailbox: Mailbox<Event>| {
        let (release, released) = mpsc::channel::<()>();
        let me = mailbox.me();
        let listener = move |event| {
            let block = sets(&event, "gate") || sets(&event, "tea");
            me.send(event);
            if block {
                tokio::task::block_in_place(|| released.recv().expect("the test releases it"));
            }
        };
        let timer = EggTimer::start_link("egg_timer", WallClock::system(), listener).await;
        let timer = timer.expect("a timer starts");
        for (text, length) in [
            ("gate", "1h"),
            ("eggs", "0s"),
            ("tea", "0s"),
            ("eggs", "2h"),
        ] {
            schedule(&timer, text, length);
        }
        let release_twice = async {
            mailbox.receive_match(|event| sets(event, "gate")).await;
            release.send(()).expect("the timer waits");
            mailbox.receive_match(|event| sets(event, "tea")).await;
            // Timers fire in order: when the bell has rung, the other two have rung.
            timer::send_after(mailbox.me(), Duration::ZERO, rang("bell"));
            mailbox.receive_match(|event| *event == rang("bell")).await;
            release.send(()).expect("the timer waits");
        };
        let (cancelled, ()) = tokio::join!(timer.cancel(name("tea")), release_twice);
        cancelled.expect("tea is pending");

        let status = timer.status().await.expect("an answer");
        let hours: Vec<_> = status
            .iter()
            .map(|alarm| (alarm.name.as_str(), alarm.duration.as_secs() / 3600))
            .collect();
        assert_eq!(hours, [("eggs", 2), ("gate", 1)]);
        while let Some(event) = mailbox.receive().timeout(Duration::ZERO).await {
            assert!(matches!(event, Event::Scheduled(..)), "{event:?}");
        }
    })
    .await;
}

// S22
#[tokio::test(start_paused = true)]
async fn a_timer_is_registered_under_its_name() {
    in_process(async |_: Mailbox<Never>| {
        let timer = EggTimer::start_link("egg_timer", WallClock::system(), drop).await;
        let timer = timer.expect("the name is free");
        assert_eq!(process::whereis("egg_timer"), Some(timer.pid()));
        let taken = EggTimer::start_link("egg_timer", WallClock::system(), drop).await;
        let started = Err(StartError::AlreadyStarted(timer.pid()));
        assert_eq!(taken.map(|it| it.pid()), started);
        timer.stop().await.expect("it stops");
        assert_eq!(process::whereis("egg_timer"), None);
    })
    .await;
}

// S34
#[tokio::test(start_paused = true)]
async fn alarms_ring_by_expiry_not_by_scheduling() {
    kitchen(async |mut kitchen| {
        kitchen.set("waffles", "90ms", OnRing::Tell(None)).await;
        kitchen.set("eggs", "40ms", OnRing::Tell(None)).await;
        kitchen.expect(rang("eggs"), 40).await;
        assert_eq!(kitchen.names().await, ["waffles"]);
        kitchen.expect(rang("waffles"), 90).await;

        for text in ["a", "b", "c"] {
            kitchen.set(text, "10ms", OnRing::Tell(None)).await;
        }
        for text in ["a", "b", "c"] {
            kitchen.expect(rang(text), 100).await;
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_longest_alarm_rings_at_its_time() {
    kitchen(async |mut kitchen| {
        kitchen.set("cathedral", "10y", OnRing::Tell(None)).await;
        let last_second = Length::MAX - Duration::from_secs(1);
        assert_eq!(kitchen.mailbox.receive().timeout(last_second).await, None);
        assert_eq!(kitchen.names().await, ["cathedral"]);
        assert_eq!(
            kitchen
                .mailbox
                .receive()
                .timeout(Duration::from_secs(2))
                .await,
            Some(rang("cathedral"))
        );
    })
    .await;
}
