//! A character without a supervisor.

use crate::{EventLog, plan, session};
use ch3_super_duper::api::{Hero, Plan, Role};
use otp_core::prelude::*;
use otp_core::process;
use otp_shell::plain;

// S49
#[tokio::test(start_paused = true)]
async fn a_character_says_its_line_by_name() {
    session(async |_| {
        let log = EventLog::default();
        for name in Role::names() {
            let hero = Hero::named(name);
            let started = hero.start_link(None, &plan(&log)).await;
            assert_eq!(started.ok(), process::whereis(name));
            let line = Role::known(name).expect("it is known").line().to_owned();
            assert_eq!(hero.say().await, Ok(line));
        }
        let starts = Role::names().map(|name| format!("start {name}"));
        assert_eq!(log.take(), starts.collect::<Vec<_>>());
    })
    .await;
}

// S49
#[tokio::test(start_paused = true)]
async fn an_end_is_an_event_and_an_exit_signal_to_linked_processes() {
    session(async |mut me| {
        let log = EventLog::default();
        let hero = Hero::named("superdave");
        let pid = hero.start_link(None, &plan(&log)).await;
        let pid = pid.expect("the name is free");
        hero.die();
        let exit = me.receive().await;
        assert_eq!((exit.from, plain(&exit.reason)), (pid, "boom".to_owned()));
        assert_eq!(log.take(), ["start superdave", "mayday superdave: boom"]);
        assert_eq!(hero.whereis(), None);
        // A cast without a process has no error; a call has one.
        hero.die();
        assert!(matches!(hero.say().await, Err(CallError::NoProcess { .. })));
    })
    .await;
}

// S50
#[tokio::test(start_paused = true)]
async fn a_call_to_die_fails_with_the_exit_reason() {
    session(async |_| {
        let hero = Hero::named("superdave");
        let plan = plan(&EventLog::default());
        let started = hero.start_link(None, &plan);
        started.await.expect("the name is free");
        match hero.die_by_call().await {
            Err(CallError::Exited { reason, .. }) => assert_eq!(plain(&reason), "boom"),
            other => panic!("expected the reason, got {other:?}"),
        }
    })
    .await;
}

// S49
#[tokio::test(start_paused = true)]
async fn an_unknown_character_needs_a_line() {
    session(async |_| {
        let log = EventLog::default();
        let batman = Hero::named("batman");
        let failed = batman.start_link(None, &plan(&log)).await;
        assert_eq!(
            failed.expect_err("it has no line").to_string(),
            "init failed: unknown character \"batman\": give it a line to say"
        );
        assert_eq!(log.take(), ["start batman"]);
        let line = Some("Na na na.".to_owned());
        let started = batman.start_link(line, &plan(&log)).await;
        started.expect("it has a line now");
        assert_eq!(batman.say().await.as_deref(), Ok("Na na na."));
    })
    .await;
}

// S46
#[tokio::test(start_paused = true)]
async fn a_character_that_traps_exits_ends_only_with_an_exit_of_its_parent() {
    session(async |mut me| {
        let log = EventLog::default();
        let plan = Plan {
            trap: true,
            ..plan(&log)
        };
        let hero = Hero::named("superman");
        let pid = hero.start_link(None, &plan).await;
        let pid = pid.expect("the name is free");
        let other = process::spawn(async move |_: Mailbox<Never>| {
            process::exit(pid, ExitReason::other("oops"));
        });
        other.wait().await;
        assert!(hero.say().await.is_ok());
        assert_eq!(log.take(), ["start superman"]);
        process::exit(pid, ExitReason::Shutdown);
        assert_eq!(me.receive().await.reason, ExitReason::Shutdown);
        assert_eq!(log.take(), ["mayday superman: shutdown"]);
    })
    .await;
}
