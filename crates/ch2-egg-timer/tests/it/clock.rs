//! The wall clock jumps: the machine sleeps, or somebody sets the clock.

use crate::kitchen::{in_process, name, rang};
use ch2_egg_timer::api::EggTimer;
use ch2_egg_timer::boundary::{Clock, Event, OnRing};
use ch2_egg_timer::core::Wall;
use otp_core::prelude::*;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The system's clocks, of which the wall clock can be set. On Linux a machine that sleeps looks the same: the wall clock
/// has gone on without the other.
#[derive(Clone, Default)]
struct WallClock(Arc<Mutex<(Duration, Duration)>>);

impl WallClock {
    fn clock(&self) -> Clock {
        let (system, wall) = (Clock::system(), self.clone());
        Clock::new(move || {
            let mut now = system.now();
            let (forward, back) = *wall.0.lock().expect("no test panics with it");
            now.wall = now.wall + forward - back;
            now
        })
    }

    fn forward(&self, by: Duration) {
        self.0.lock().expect("no test panics with it").0 += by;
    }

    fn back(&self, by: Duration) {
        self.0.lock().expect("no test panics with it").1 += by;
    }
}

struct Kitchen {
    wall: WallClock,
    timer: EggTimer,
    mailbox: Mailbox<Event>,
    opened: Instant,
}

/// Runs a test with a wall clock that it can set, and with tokio's clock paused.
async fn kitchen<R>(test: impl FnOnce(Kitchen) -> R + Send + 'static)
where
    R: Future<Output = ()> + Send + 'static,
{
    in_process(|mailbox: Mailbox<Event>| async move {
        let (wall, owner) = (WallClock::default(), mailbox.me());
        let timer = EggTimer::start_link_by(wall.clock(), move |event| owner.send(event));
        test(Kitchen {
            timer: timer.await.expect("a timer starts"),
            wall,
            mailbox,
            opened: Instant::now(),
        })
        .await;
    })
    .await;
}

impl Kitchen {
    /// Sets an alarm; returns the moment of the wall clock at which it rings.
    async fn set(&mut self, text: &str, length: &str) -> Wall {
        let length = length.parse().expect("a length");
        let start = self.timer.now();
        self.timer
            .schedule_from(start, name(text), length, OnRing::Tell(None));
        let name = name(text);
        assert_eq!(self.hear().await, Event::Scheduled { name, length });
        start.wall + length.duration()
    }

    async fn hear(&mut self) -> Event {
        let event = self.mailbox.receive().timeout(secs(1_000_000)).await;
        event.expect("something happens")
    }

    /// The next event, and when it came: after so many seconds of tokio's clock.
    async fn expect(&mut self, event: Event, at: u64) {
        assert_eq!(self.hear().await, event);
        assert_eq!(self.opened.elapsed().as_secs(), at);
    }

    async fn left(&mut self, text: &str) -> u64 {
        let status = self.timer.status().await.expect("an answer");
        let alarm = status.into_iter().find(|alarm| alarm.name == name(text));
        // To the nearest second: the two clocks are not read in the same nanosecond.
        (alarm.expect("it is pending").remaining + Duration::from_millis(500)).as_secs()
    }
}

#[tokio::test(start_paused = true)]
async fn an_alarm_whose_moment_passed_in_a_sleep_rings_on_waking() {
    kitchen(async |mut kitchen| {
        kitchen.set("eggs", "10m").await;
        kitchen.set("tea", "5m").await;
        kitchen.set("bread", "3h").await;
        tokio::time::advance(secs(60)).await;
        kitchen.wall.forward(secs(3600));
        kitchen.timer.clock_jumped();
        // In the order of their moments, and without a second of waiting.
        kitchen.expect(rang("tea"), 60).await;
        kitchen.expect(rang("eggs"), 60).await;
        // That of bread has not passed: it rings at its moment, an hour of counting earlier.
        assert_eq!(kitchen.left("bread").await, 2 * 3600 - 60);
        kitchen.expect(rang("bread"), 2 * 3600).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_makes_no_alarm_late_and_the_new_moment_is_told() {
    kitchen(async |mut kitchen| {
        let due = kitchen.set("eggs", "10m").await;
        tokio::time::advance(secs(60)).await;
        kitchen.wall.back(secs(3600));
        kitchen.timer.clock_jumped();
        let Event::Moved {
            name: moved,
            due: now_due,
        } = kitchen.hear().await
        else {
            panic!("the new moment is told")
        };
        assert_eq!(moved, name("eggs"));
        let earlier = due.since(now_due);
        assert_eq!((earlier + Duration::from_millis(500)).as_secs(), 3600);
        assert_eq!(kitchen.left("eggs").await, 540);
        kitchen.expect(rang("eggs"), 600).await;
        assert!(kitchen.timer.now().wall.since(now_due) < secs(1));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_wrong_and_right_again_changes_nothing() {
    kitchen(async |mut kitchen| {
        kitchen.set("eggs", "10m").await;
        kitchen.wall.forward(secs(300));
        kitchen.timer.clock_jumped();
        assert_eq!(kitchen.left("eggs").await, 300);
        kitchen.wall.back(secs(300));
        // Nobody has noticed: the timer that was started for five minutes rings too early, and is started again.
        kitchen.expect(rang("eggs"), 600).await;

        kitchen.set("tea", "10m").await;
        for (forward, back) in [(0, 3600), (3600, 0)] {
            kitchen.wall.forward(secs(forward));
            kitchen.wall.back(secs(back));
            kitchen.timer.clock_jumped();
            assert!(matches!(kitchen.hear().await, Event::Moved { .. }));
        }
        kitchen.expect(rang("tea"), 1200).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_step_of_less_than_a_second_is_not_told() {
    kitchen(async |mut kitchen| {
        kitchen.set("eggs", "10m").await;
        kitchen.wall.back(Duration::from_millis(900));
        kitchen.timer.clock_jumped();
        kitchen.expect(rang("eggs"), 600).await;
        // Two of them are.
        kitchen.set("tea", "10m").await;
        for moved in [false, true] {
            kitchen.wall.back(Duration::from_millis(600));
            kitchen.timer.clock_jumped();
            let answered = kitchen.timer.status().await.expect("an answer");
            assert_eq!(answered.len(), 1);
            assert_eq!(!kitchen.mailbox.is_empty(), moved);
        }
    })
    .await;
}

/// The clocks run, and nobody tells the timer: it finds out by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timer_notices_a_sleep_by_itself() {
    kitchen(async |mut kitchen| {
        kitchen.set("eggs", "10h").await;
        kitchen.wall.forward(secs(36_000));
        assert_eq!(kitchen.hear().await, rang("eggs"));
        // So it does after a rest, in which nobody watches the clocks.
        kitchen.set("tea", "10h").await;
        kitchen.wall.forward(secs(36_000));
        assert_eq!(kitchen.hear().await, rang("tea"));
    })
    .await;
}
