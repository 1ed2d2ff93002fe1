//! The egg timer under a supervisor.

use crate::{Audience, plan, session};
use ch3_super_duper::api::{Aftermath, Plan, SuperVisor};
use ch3_super_duper::kitchen::api::EggTimer;
use otp_core::prelude::*;
use std::time::Duration;

async fn kitchen() -> (SuperVisor, EggTimer, Audience) {
    let audience = Audience::default();
    let plan = Plan {
        characters: Vec::new(),
        kitchen: true,
        ..plan(&audience)
    };
    let visor = SuperVisor::start_link(&plan).await.expect("it starts");
    audience.heard();
    (visor, EggTimer::default(), audience)
}

async fn stop(timer: &EggTimer, why: &'static str) {
    let pid = timer.whereis().expect("it is alive");
    let aftermath = Aftermath::of(pid).await;
    timer.stop_because(ExitReason::other(why));
    aftermath.wait().await;
}

fn schedule(timer: &EggTimer, name: &str, length: &str) {
    let name = name.parse().expect("a name");
    timer.schedule(name, length.parse().expect("a length"));
}

// S66
#[tokio::test(start_paused = true)]
async fn the_egg_timer_comes_back_and_its_alarms_do_not() {
    session(async |_| {
        let (_visor, timer, audience) = kitchen().await;
        schedule(&timer, "eggs", "100ms");
        assert_eq!(timer.status().await.map(|alarms| alarms.len()), Ok(1));
        stop(&timer, "we_broke_something").await;
        assert_eq!(
            audience.heard(),
            [
                "set eggs",
                "forget eggs",
                "stop egg_timer: we_broke_something",
                "restart egg_timer"
            ]
        );
        assert_eq!(timer.status().await, Ok(Vec::new()));
        // The ring was on its way to a process that is dead.
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert_eq!(audience.heard(), Vec::<String>::new());
        schedule(&timer, "tea", "20ms");
        let rung = timer.wait("tea").await.expect("it is pending");
        rung.expect("the timer lives");
        assert_eq!(audience.heard(), ["set tea", "ring tea"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn waiting_for_an_alarm_ends_when_the_egg_timer_does() {
    session(async |_| {
        let (_visor, timer, _) = kitchen().await;
        assert!(timer.wait("eggs").await.is_none());
        schedule(&timer, "eggs", "5m");
        let waits = timer.clone();
        let waits = otp_core::process::spawn(async move |_: Mailbox<Never>| {
            let waited = waits.wait("eggs").await.expect("it is pending");
            assert!(waited.is_err());
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        stop(&timer, "we_broke_something").await;
        assert_eq!(waits.wait().await, ExitReason::Normal);
    })
    .await;
}

// S66
#[tokio::test(start_paused = true)]
async fn an_egg_timer_that_burns_again_and_again_takes_the_supervisor_along() {
    session(async |mut me| {
        let (visor, timer, _) = kitchen().await;
        for _ in 0..4 {
            stop(&timer, "burnt").await;
        }
        assert_eq!(visor.wait().await, ExitReason::Shutdown);
        assert_eq!(me.receive().await.reason, ExitReason::Shutdown);
    })
    .await;
}
