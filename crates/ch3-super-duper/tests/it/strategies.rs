//! The stops and restarts after the end of a character, under each strategy.

use crate::{EventLog, die, pids, plan, session};
use ch3_super_duper::api::{Plan, start_link};
use otp_core::prelude::*;

/// Checks the events after the end of a character, under a strategy.
async fn check(strategy: Strategy, trap: bool, victim: &'static str, expected: &[&str]) {
    let (events, survivors) = session(async move |_| {
        let log = EventLog::default();
        let plan = Plan {
            strategy,
            trap,
            ..plan(&log)
        };
        let visor = start_link(&plan).await.expect("it starts");
        let before = pids(&visor).await;
        log.take();
        die(victim).await;
        let after = pids(&visor).await;
        let survivors = before.iter().zip(&after).filter(|(a, b)| a == b).count();
        assert!(after.iter().all(|(_, pid)| pid.is_some()));
        (log.take(), survivors)
    })
    .await;
    assert_eq!(events, expected, "{strategy:?}, trap {trap}, {victim}");
    let restarts = expected
        .iter()
        .filter(|it| it.starts_with("restart"))
        .count();
    assert_eq!(
        survivors,
        3 - restarts,
        "{strategy:?}, trap {trap}, {victim}"
    );
}

// S52
#[tokio::test(start_paused = true)]
async fn one_for_one_restarts_only_the_child_that_ended() {
    for trap in [false, true] {
        for victim in ["superdave", "superman", "supermario"] {
            let mayday = format!("mayday {victim}: boom");
            let restart = format!("restart {victim}");
            check(Strategy::OneForOne, trap, victim, &[&mayday, &restart]).await;
        }
    }
}

// S53
#[tokio::test(start_paused = true)]
async fn one_for_all_stops_the_others_in_reverse_and_starts_all() {
    const RESTARTS: [&str; 3] = [
        "restart superdave",
        "restart superman",
        "restart supermario",
    ];
    for victim in ["superdave", "superman", "supermario"] {
        let mayday = format!("mayday {victim}: boom");
        let mut expected = vec![mayday.as_str()];
        expected.extend(RESTARTS);
        check(Strategy::OneForAll, false, victim, &expected).await;

        // Only a character that traps exits has last words.
        let others: Vec<String> = ["supermario", "superman", "superdave"]
            .into_iter()
            .filter(|name| *name != victim)
            .map(|name| format!("mayday {name}: shutdown"))
            .collect();
        let mut expected = vec![mayday.as_str()];
        expected.extend(others.iter().map(String::as_str));
        expected.extend(RESTARTS);
        check(Strategy::OneForAll, true, victim, &expected).await;
    }
}

// S54
#[tokio::test(start_paused = true)]
async fn rest_for_one_restarts_the_later_children_too() {
    const ALL: [&str; 3] = ["superdave", "superman", "supermario"];
    for (place, victim) in ALL.into_iter().enumerate() {
        for trap in [false, true] {
            let mut expected = vec![format!("mayday {victim}: boom")];
            if trap {
                let later = ALL[place + 1..].iter().rev();
                expected.extend(later.map(|name| format!("mayday {name}: shutdown")));
            }
            expected.extend(ALL[place..].iter().map(|name| format!("restart {name}")));
            let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
            check(Strategy::RestForOne, trap, victim, &expected).await;
        }
    }
}
