//! The naive timer breaks where the other does not.

use crate::kitchen::{in_process, name, rang};
use ch2_egg_timer::api::{Design, EggTimer, Waited};
use ch2_egg_timer::boundary::{Action, Event, OnRing};
use otp_core::{prelude::*, process};
use std::time::Duration;

/// A timer that tells `owner` what happens, and an observer's eye on its end.
async fn start(owner: &mut Mailbox<Event>, design: Design) -> EggTimer {
    owner.trap_exit(|exit| Event::Stopped(exit.reason));
    let me = owner.me();
    let tell = move |event| {
        if matches!(event, Event::Rang { .. }) {
            me.send(event);
        }
    };
    EggTimer::start_link_as("egg_timer", design, tell)
        .await
        .expect("a timer starts")
}

fn set(timer: &EggTimer, length: &str, say: &str) {
    let on_ring = OnRing::Tell(Some(say.to_owned()));
    timer.schedule(name("eggs"), length.parse().expect("a length"), on_ring);
}

fn says(say: &str) -> Event {
    Event::Rang {
        name: name("eggs"),
        message: Some(say.to_owned()),
    }
}

/// The next thing heard; it must be a crash with this message.
async fn expect_crash(owner: &mut Mailbox<Event>, message: &str) {
    let event = owner.receive().timeout(Duration::from_secs(3600)).await;
    let Some(Event::Stopped(ExitReason::Panic(panic))) = &event else {
        panic!("{event:?}")
    };
    assert!(panic.message.contains(message), "{}", panic.message);
}

// S22
#[tokio::test(start_paused = true)]
async fn an_alarm_rings_and_is_gone() {
    in_process(async |mut owner: Mailbox<Event>| {
        let timer = start(&mut owner, Design::Naive).await;
        assert_eq!(process::whereis("egg_timer"), Some(timer.pid()));
        set(&timer, "50ms", "wake up");
        assert_eq!(timer.status().await.expect("an answer").len(), 1);
        let waited = timer.wait(name("eggs")).await.expect("it rings");
        assert_eq!(waited, Waited::Rang);
        assert_eq!(owner.receive().await, says("wake up"));
        assert_eq!(timer.status().await.expect("an answer"), []);
        timer.stop().await.expect("it stops");
    })
    .await;
}

// S22
#[tokio::test(start_paused = true)]
async fn an_action_that_panics_takes_the_timer_along() {
    in_process(async |mut owner: Mailbox<Event>| {
        let timer = start(&mut owner, Design::Naive).await;
        let burn = Action::new(async || panic!("fire"));
        timer.schedule(
            name("toast"),
            "20ms".parse().expect("a length"),
            OnRing::Run(burn),
        );
        assert_eq!(owner.receive().await, rang("toast"));
        expect_crash(&mut owner, "fire").await;
    })
    .await;
}

// S30
#[tokio::test(start_paused = true)]
async fn a_cancelled_alarm_crashes_it() {
    in_process(async |mut owner: Mailbox<Event>| {
        let timer = start(&mut owner, Design::Naive).await;
        timer.cancel(name("nobody")).await.expect("a cast");
        set(&timer, "40ms", "soft");
        timer.cancel(name("eggs")).await.expect("a cast");
        assert_eq!(timer.status().await.expect("an answer"), []);
        expect_crash(&mut owner, "every ring has its alarm").await;
        assert!(!timer.is_alive());
    })
    .await;
}

// S32
#[tokio::test(start_paused = true)]
async fn an_alarm_set_again_rings_too_early_and_crashes_it() {
    for (first, second) in [("40ms", "100ms"), ("100ms", "40ms")] {
        in_process(async move |mut owner: Mailbox<Event>| {
            let timer = start(&mut owner, Design::Naive).await;
            set(&timer, first, "soft");
            set(&timer, second, "hard");
            let set_at = tokio::time::Instant::now();
            assert_eq!(owner.receive().await, says("hard"));
            assert_eq!(set_at.elapsed(), Duration::from_millis(40));
            expect_crash(&mut owner, "every ring has its alarm").await;
            assert_eq!(set_at.elapsed(), Duration::from_millis(100));
        })
        .await;
    }
}

// S32
#[tokio::test(start_paused = true)]
async fn a_stale_ring_is_no_crash_as_long_as_something_has_the_name() {
    in_process(async |mut owner: Mailbox<Event>| {
        let timer = start(&mut owner, Design::Naive).await;
        set(&timer, "40ms", "one");
        set(&timer, "80ms", "two");
        assert_eq!(owner.receive().await, says("two"));
        set(&timer, "100ms", "three");
        let set_at = tokio::time::Instant::now();
        assert_eq!(owner.receive().await, says("three"));
        assert_eq!(set_at.elapsed(), Duration::from_millis(40));
        expect_crash(&mut owner, "every ring has its alarm").await;
    })
    .await;
}

// S33
#[tokio::test(start_paused = true)]
async fn the_sane_timer_survives_all_of_it() {
    in_process(async |mut owner: Mailbox<Event>| {
        let timer = start(&mut owner, Design::Sane).await;
        set(&timer, "40ms", "soft");
        set(&timer, "100ms", "hard");
        assert_eq!(owner.receive().await, says("hard"));
        set(&timer, "40ms", "soft");
        timer.cancel(name("eggs")).await.expect("it is pending");
        let burn = Action::new(async || panic!("fire"));
        timer.schedule(
            name("toast"),
            "20ms".parse().expect("a length"),
            OnRing::Run(burn),
        );
        assert_eq!(owner.receive().await, rang("toast"));
        assert_eq!(owner.receive().timeout(Duration::from_secs(60)).await, None);
        assert!(timer.is_alive());
    })
    .await;
}
