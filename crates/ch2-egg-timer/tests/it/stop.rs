//! The end of the timer, normal and abnormal.

use crate::kitchen::{in_process, kitchen, name, rang, schedule, start_link};
use ch2_egg_timer::api::EggTimer;
use ch2_egg_timer::boundary::{Event, OnRing};
use ch2_egg_timer::core::Status;
use otp_core::{prelude::*, process};
use otp_shell::log::{Colours, LogLevel};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn pending(text: &str, duration: u64, remaining: u64) -> Event {
    Event::Pending(Status {
        name: name(text),
        duration: Duration::from_millis(duration),
        remaining: Duration::from_millis(remaining),
    })
}

/// Starts a process that is linked to a timer. `owner` gets the events, and is not linked.
async fn session(
    owner: ProcessRef<Event>,
    alarms: &'static [(&'static str, &'static str)],
) -> (ProcessRef<Never>, EggTimer) {
    let (started, timer) = tokio::sync::oneshot::channel();
    let session = process::spawn(move |_: Mailbox<Never>| async move {
        let timer = start_link(&owner).await;
        for (text, length) in alarms {
            schedule(&timer, text, length);
        }
        started.send(timer).expect("the owner waits");
        std::future::pending::<()>().await;
    });
    (session, timer.await.expect("the session starts"))
}

/// The events of the next minute, without the `Scheduled` events.
async fn events(owner: &mut Mailbox<Event>) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(event) = owner.receive().timeout(Duration::from_secs(60)).await {
        if !matches!(event, Event::Scheduled(..)) {
            events.push(event);
        }
    }
    events
}

// S38
#[tokio::test(start_paused = true)]
async fn stop_passes_the_pending_alarms_and_does_not_end_the_linked_session() {
    kitchen(async |mut kitchen| {
        kitchen.set("tea", "90ms", OnRing::Tell(None)).await;
        kitchen.set("eggs", "50ms", OnRing::Tell(None)).await;
        tokio::time::advance(Duration::from_millis(20)).await;
        kitchen.timer.stop().await.expect("it stops");
        assert!(!process::node().is_alive(kitchen.timer.pid()));
        kitchen.expect(pending("eggs", 50, 30), 20).await;
        kitchen.expect(pending("tea", 90, 70), 20).await;
        kitchen.expect(Event::Stopped(ExitReason::Normal), 20).await;
        kitchen.expect_silence().await;
    })
    .await;
}

// S38
#[tokio::test(start_paused = true)]
async fn an_exit_of_a_process_other_than_the_parent_is_ignored() {
    kitchen(async |mut kitchen| {
        kitchen.set("eggs", "30ms", OnRing::Tell(None)).await;
        let timer = kitchen.timer.pid();
        process::spawn(move |_: Mailbox<Never>| async move {
            process::exit(timer, ExitReason::Shutdown);
        });
        kitchen.expect(rang("eggs"), 30).await;
        assert!(process::node().is_alive(kitchen.timer.pid()));
    })
    .await;
}

// S38
#[tokio::test(start_paused = true)]
async fn the_end_of_the_parent_stops_the_timer_with_terminate() {
    in_process(async |mut owner: Mailbox<Event>| {
        let (session, timer) = session(owner.me(), &[("eggs", "50ms")]).await;
        assert_eq!(timer.status().await.expect("an answer").len(), 1);
        process::exit(session.pid(), ExitReason::Shutdown);
        let stopped = Event::Stopped(ExitReason::Shutdown);
        assert_eq!(events(&mut owner).await, [pending("eggs", 50, 50), stopped]);
        assert!(!process::node().is_alive(timer.pid()));
    })
    .await;
}

// S23
#[tokio::test(start_paused = true)]
async fn a_stop_with_a_reason_ends_the_linked_session() {
    in_process(async |mut owner: Mailbox<Event>| {
        let (session, timer) = session(owner.me(), &[("wake up", "80ms")]).await;
        let reason = ExitReason::other("we_broke_something");
        timer.stop_because(reason.clone());
        assert_eq!(session.wait().await, reason);
        // The timer has no supervisor, so it is not restarted and the alarm never rings.
        let stopped = Event::Stopped(reason);
        assert_eq!(
            events(&mut owner).await,
            [pending("wake up", 80, 80), stopped]
        );
        assert!(!process::node().is_alive(timer.pid()));
    })
    .await;
}

/// A subscriber that stores the reports.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<u8>>>);

impl io::Write for Reports {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Reports {
    fn take(&self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().expect("no writer panics"));
        String::from_utf8(bytes).expect("reports are text")
    }
}

// S23
#[tokio::test(start_paused = true)]
async fn the_report_of_an_abnormal_end_shows_reason_message_and_pending_alarms() {
    let reports = Reports::default();
    let writer = reports.clone();
    let subscriber =
        otp_shell::log::subscriber(LogLevel::Error, Colours::Off, move || writer.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    in_process(async move |mut owner: Mailbox<Event>| {
        let (first, timer) = session(owner.me(), &[("wake up", "80ms")]).await;
        timer.stop_because(ExitReason::other("we_broke_something"));
        first.wait().await;
        let report = reports.take();
        for part in ["we_broke_something", "Stop(", r#"pending ["wake up"]"#] {
            assert!(
                report.contains(part),
                "{part} is not in the report:\n{report}"
            );
        }

        let (second, timer) = session(owner.me(), &[("wake up", "30ms")]).await;
        owner.receive_match(|event| *event == rang("wake up")).await;
        timer.stop_because(ExitReason::other("we_broke_something"));
        second.wait().await;
        let report = reports.take();
        assert!(
            report.contains("pending []"),
            "the alarm has rung:\n{report}"
        );

        let (_third, timer) = session(owner.me(), &[("wake up", "30ms")]).await;
        timer.stop().await.expect("it stops");
        assert_eq!(reports.take(), "", "a normal end is not reported");
    })
    .await;
}
