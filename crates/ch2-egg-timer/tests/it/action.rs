//! Actions run in separate processes, so they cannot harm the timer.

use crate::kitchen::{Kitchen, kitchen, name, rang};
use ch2_egg_timer::boundary::{Action, Event, OnRing};
use otp_core::{Pid, prelude::*, process};
use std::time::Duration;

fn run(action: impl Future<Output = ()> + Send + 'static) -> OnRing {
    OnRing::Run(Action::new(action))
}

async fn expect_failure(kitchen: &mut Kitchen, text: &str) -> ExitReason {
    match kitchen.event().await {
        Event::Failed(name, reason) if name.as_str() == text => reason,
        other => panic!("expected the action of {text} to fail, not {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_action_runs_when_its_alarm_rings() {
    kitchen(async |mut kitchen| {
        let me = kitchen.mailbox.me();
        let done = Event::Failed(name("proof"), ExitReason::Normal);
        let report = done.clone();
        kitchen
            .set("eggs", "50ms", run(async move { me.send(report) }))
            .await;
        kitchen.expect(rang("eggs"), 50).await;
        kitchen.expect(done, 50).await;
        kitchen.expect_silence().await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_action_that_panics_is_an_event_and_does_not_affect_the_timer() {
    kitchen(async |mut kitchen| {
        kitchen
            .set("eggs", "10ms", run(async { panic!("the egg exploded") }))
            .await;
        kitchen
            .set(
                "toast",
                "10ms",
                run(std::future::poll_fn(|_| panic!("burnt"))),
            )
            .await;
        kitchen.set("tea", "20ms", OnRing::Tell(None)).await;
        kitchen.expect(rang("eggs"), 10).await;
        kitchen.expect(rang("toast"), 10).await;
        for (text, message) in [("eggs", "the egg exploded"), ("toast", "burnt")] {
            let reason = expect_failure(&mut kitchen, text).await;
            assert!(
                matches!(&reason, ExitReason::Panic(panic) if panic.message == message),
                "{reason}"
            );
        }
        kitchen.expect(rang("tea"), 20).await;
        assert!(process::node().is_alive(kitchen.timer.pid()));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_action_that_kills_itself_or_exits_is_an_event() {
    kitchen(async |mut kitchen| {
        let exit = run(async { process::exit_self(ExitReason::other("enough")) });
        kitchen.set("eggs", "10ms", exit).await;
        kitchen.expect(rang("eggs"), 10).await;
        assert_eq!(
            expect_failure(&mut kitchen, "eggs").await,
            ExitReason::other("enough")
        );

        let kill = run(async {
            process::exit(process::current(), ExitReason::Kill);
            std::future::pending::<()>().await;
        });
        kitchen.set("tea", "10ms", kill).await;
        kitchen.expect(rang("tea"), 20).await;
        assert_eq!(
            expect_failure(&mut kitchen, "tea").await,
            ExitReason::Killed
        );
        assert!(process::node().is_alive(kitchen.timer.pid()));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_endless_action_delays_no_alarm_and_ends_with_the_timer() {
    kitchen(async |mut kitchen| {
        let (send_pid, pid) = tokio::sync::oneshot::channel::<Pid>();
        let hang = run(async move {
            send_pid.send(process::current()).expect("the test waits");
            std::future::pending::<()>().await;
        });
        kitchen.set("eggs", "10ms", hang).await;
        kitchen.set("tea", "20ms", OnRing::Tell(None)).await;
        kitchen.expect(rang("eggs"), 10).await;
        let pid = pid.await.expect("the action runs");
        kitchen.expect(rang("tea"), 20).await;
        assert!(kitchen.names().await.is_empty());
        kitchen.set("eggs", "5ms", OnRing::Tell(None)).await;
        kitchen.expect(rang("eggs"), 25).await;

        assert!(process::node().is_alive(pid));
        kitchen.timer.stop().await.expect("the timer stops");
        assert!(!process::node().is_alive(pid));
        assert_eq!(kitchen.event().await, Event::Stopped(ExitReason::Normal));
        assert_eq!(
            kitchen
                .mailbox
                .receive()
                .timeout(Duration::from_secs(1))
                .await,
            None
        );
    })
    .await;
}
