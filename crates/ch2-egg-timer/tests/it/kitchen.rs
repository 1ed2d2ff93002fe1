//! The common parts of the tests: a process with an egg timer whose events it gets.

use ch2_egg_timer::api::EggTimer;
use ch2_egg_timer::boundary::{Event, OnRing};
use ch2_egg_timer::core::AlarmName;
use otp_core::{Node, prelude::*, timer::WallClock};
use std::time::Duration;
use tokio::time::Instant;

/// A process with an egg timer that is linked to it.
pub(crate) struct Kitchen {
    pub(crate) timer: EggTimer,
    pub(crate) mailbox: Mailbox<Event>,
    pub(crate) started: Instant,
}

/// Runs a test inside a process with an egg timer. A panic of the process fails the test.
pub(crate) async fn kitchen<F, R>(test: F)
where
    F: FnOnce(Kitchen) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    in_process(|mailbox| async move {
        let timer = start_link(&mailbox.me()).await;
        test(Kitchen {
            timer,
            mailbox,
            started: Instant::now(),
        })
        .await;
    })
    .await;
}

/// Runs a test inside a process. A panic of the process fails the test.
pub(crate) async fn in_process<M, F, R>(test: F)
where
    M: Send + 'static,
    F: FnOnce(Mailbox<M>) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let ended = Node::new().run_with(test).await;
    ended.unwrap_or_else(|reason| panic!("the test's process failed: {reason}"));
}

/// Starts a timer that sends its events to `owner`, linked to the current process.
pub(crate) async fn start_link(owner: &ProcessRef<Event>) -> EggTimer {
    start_link_by(WallClock::system(), owner).await
}

/// As [`start_link`], with another clock.
pub(crate) async fn start_link_by(clock: WallClock, owner: &ProcessRef<Event>) -> EggTimer {
    let owner = owner.clone();
    let timer = EggTimer::start_link("egg_timer", clock, move |event| owner.send(event));
    timer.await.expect("a timer starts")
}

pub(crate) fn name(text: &str) -> AlarmName {
    text.parse().expect("a name")
}

pub(crate) fn rang(text: &str) -> Event {
    Event::Rang(name(text), None)
}

/// Sets an alarm without an action.
pub(crate) fn schedule(timer: &EggTimer, text: &str, length: &str) {
    let length = length.parse().expect("a length");
    let set = timer.schedule(name(text), length, OnRing::Tell(None));
    set.expect("a moment of the calendar");
}

impl Kitchen {
    /// Sets an alarm and waits until it is set.
    pub(crate) async fn set(&mut self, text: &str, length: &str, on_ring: OnRing) {
        let length = length.parse().expect("a length");
        let set = self.timer.schedule(name(text), length, on_ring);
        set.expect("a moment of the calendar");
        let event = self.event().await;
        assert!(
            matches!(&event, Event::Scheduled(set, long, _) if (set, *long) == (&name(text), length)),
            "{event:?}"
        );
    }

    /// The names of the pending alarms.
    pub(crate) async fn names(&mut self) -> Vec<String> {
        let status = self.timer.status().await.expect("the timer answers");
        status.iter().map(|alarm| alarm.name.to_string()).collect()
    }

    /// The next event. The clock is paused, so a test without an event fails at once.
    pub(crate) async fn event(&mut self) -> Event {
        let event = self
            .mailbox
            .receive()
            .timeout(Duration::from_secs(3600))
            .await;
        event.expect("an event arrives within an hour")
    }

    /// Waits for the next event, and checks its time in milliseconds since the start.
    pub(crate) async fn expect(&mut self, event: Event, at: u64) {
        assert_eq!(self.event().await, event);
        self.expect_time(at);
    }

    pub(crate) fn expect_time(&self, at: u64) {
        assert_eq!(self.started.elapsed(), Duration::from_millis(at));
    }

    /// Checks that no further event arrives.
    pub(crate) async fn expect_silence(&mut self) {
        assert_eq!(
            self.mailbox
                .receive()
                .timeout(Duration::from_secs(3600))
                .await,
            None
        );
    }
}
