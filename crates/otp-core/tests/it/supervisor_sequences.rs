//! What happens under a supervisor, event for event, as Erlang's own supervisor does it.

use otp_core::prelude::*;
use otp_core::supervisor::FailedToStartChild;
use otp_core::{StartError, SupervisorRef, process};

use crate::support::in_process;
use crate::troupe::{Ask, Mood, TRIO, Troupe, child, die, hero, ids, pid_of, stop};

const LOG: &[&str] = &["gen_server", "supervisor"];

async fn visor(troupe: &Troupe, strategy: Strategy) -> SupervisorRef {
    let supervisor = Supervisor::new(strategy)
        .children(troupe.heroes(&TRIO))
        .name("visor");
    let visor = supervisor.start_link().await.expect("the heroes start");
    troupe
        .saw(&["start superdave", "start superman", "start supermario"])
        .await;
    visor
}

/// Lets one hero panic and compares who is stopped and who is started, in this order.
async fn check(
    strategy: Strategy,
    traps: bool,
    victim: &'static str,
    stopped: &[&str],
    started: &[&str],
) {
    let troupe = Troupe::new().trapping(traps);
    let _guard = troupe.with_reports(LOG);
    let (stopped, started) = (stopped.to_vec(), started.to_vec());
    let (stopped, started): (Vec<String>, Vec<String>) = (
        stopped.iter().map(ToString::to_string).collect(),
        started.iter().map(ToString::to_string).collect(),
    );
    in_process(async move {
        let visor = visor(&troupe, strategy).await;
        let before = TRIO.map(pid_of);
        die(victim).await;
        let mut expected = vec![
            format!("terminate {victim} Boom"),
            format!("log {victim} Boom"),
            format!("visor child_terminated {victim} Boom"),
        ];
        // Only who traps exits has a chance to say something when it is stopped.
        let said = stopped.iter().filter(|_| traps);
        expected.extend(said.map(|name| format!("terminate {name} shutdown")));
        expected.extend(started.iter().map(|name| format!("start {name}")));
        assert_eq!(
            troupe.log().await,
            expected,
            "{strategy:?} {traps} {victim}"
        );

        assert_eq!(ids(&visor).await, ["supermario", "superman", "superdave"]);
        for (name, before) in TRIO.into_iter().zip(before) {
            let child = child(&visor, name).await;
            let is_new = started.iter().any(|started| started == name);
            assert_eq!(child.pid() != Some(before), is_new, "{name}");
            assert_eq!(child.restarts, u64::from(is_new), "{name}");
            assert_eq!(child.pid(), Some(pid_of(name)));
        }
        visor.stop().await.expect("it lived");
        let mayday = ["supermario", "superman", "superdave"];
        let said = mayday.iter().filter(|_| traps);
        let expected: Vec<_> = said
            .map(|name| format!("terminate {name} shutdown"))
            .collect();
        assert_eq!(troupe.log().await, expected);
    })
    .await;
}

// SUP-020, S52
#[tokio::test(start_paused = true)]
async fn one_for_one_restarts_only_the_child_that_failed() {
    for traps in [false, true] {
        for victim in TRIO {
            check(Strategy::OneForOne, traps, victim, &[], &[victim]).await;
        }
    }
}

// SUP-021, S53
#[tokio::test(start_paused = true)]
async fn one_for_all_stops_the_others_backwards_and_starts_all_in_order() {
    let all = &TRIO[..];
    for traps in [false, true] {
        let check = |victim, stopped| check(Strategy::OneForAll, traps, victim, stopped, all);
        check("superdave", &["supermario", "superman"]).await;
        check("superman", &["supermario", "superdave"]).await;
        check("supermario", &["superman", "superdave"]).await;
    }
}

// SUP-022, S54
#[tokio::test(start_paused = true)]
async fn rest_for_one_stops_and_starts_those_that_came_later() {
    for traps in [false, true] {
        let check =
            |victim, stopped, started| check(Strategy::RestForOne, traps, victim, stopped, started);
        check("superdave", &["supermario", "superman"], &TRIO).await;
        check("superman", &["supermario"], &["superman", "supermario"]).await;
        check("supermario", &[], &["supermario"]).await;
    }
}

// SUP-040, S55
#[tokio::test(start_paused = true)]
async fn a_stop_ends_the_children_backwards_and_only_those_that_trap_exits_terminate() {
    for strategy in [
        Strategy::OneForOne,
        Strategy::OneForAll,
        Strategy::RestForOne,
    ] {
        for traps in [false, true] {
            let troupe = Troupe::new().trapping(traps);
            let _guard = troupe.with_reports(LOG);
            in_process(async move {
                let visor = visor(&troupe, strategy).await;
                for name in TRIO {
                    let (pid, troupe) = (pid_of(name), troupe.clone());
                    process::spawn(move |mut mailbox: Mailbox<ExitReason>| async move {
                        mailbox.monitor(pid, |down| down.reason);
                        let reason = mailbox.receive().await;
                        troupe.note(format!("down {name} {reason}"));
                    });
                }
                crate::troupe::rest().await;
                visor.stop().await.unwrap();
                let mut expected = Vec::new();
                for name in ["supermario", "superman", "superdave"] {
                    expected.extend(traps.then(|| format!("terminate {name} shutdown")));
                    expected.push(format!("down {name} shutdown"));
                }
                assert_eq!(troupe.log().await, expected);
                assert!(!visor.is_alive());
            })
            .await;
        }
    }
}

// SUP-010, SUP-014, S61
#[tokio::test(start_paused = true)]
async fn a_child_that_does_not_start_undoes_the_whole_start() {
    for (mood, why) in [(Mood::Fails, "bad"), (Mood::Panics, "no good")] {
        let troupe = Troupe::new().trapping(true);
        let _guard = troupe.with_reports(LOG);
        in_process(async move {
            troupe.mood("c", mood);
            let supervisor = Supervisor::new(Strategy::OneForOne)
                .children(troupe.heroes(&["a", "b", "c", "d"]))
                .name("visor");
            let failed = supervisor.start().await.unwrap_err();
            troupe
                .saw(&[
                    "start a",
                    "start b",
                    "start c",
                    &format!("visor start_error c {why}"),
                    "terminate b shutdown",
                    "terminate a shutdown",
                ])
                .await;
            let StartError::Init(reason) = &failed else {
                panic!("{failed:?}");
            };
            assert!(matches!(reason, ExitReason::ShutdownWith(_)));
            let failed: &FailedToStartChild = reason.downcast_term().unwrap();
            assert_eq!(failed.id, "c".into());
            assert!(failed.reason.to_string().contains(why));
            assert_eq!(process::whereis("visor"), None);
        })
        .await;
    }
}

// SUP-010, S61
#[tokio::test(start_paused = true)]
async fn a_starter_that_does_not_trap_exits_dies_with_the_supervisor_that_cannot_start() {
    let node = Node::new();
    let troupe = Troupe::new();
    troupe.mood("a", Mood::Fails);
    let starter = node.spawn(move |_: Mailbox<Never>| async move {
        let supervisor = Supervisor::new(Strategy::OneForOne).child(troupe.hero("a"));
        drop(supervisor.start_link().await);
        std::future::pending::<()>().await;
    });
    let reason = starter.wait().await;
    let failed: &FailedToStartChild = reason.downcast_term().unwrap();
    assert_eq!(failed.reason, ExitReason::other("bad"));
    assert_eq!(reason.to_string(), "shutdown: failed to start child a: bad");
}

// SUP-012, SUP-040, S61
#[tokio::test(start_paused = true)]
async fn a_child_that_ignores_its_start_is_kept_without_a_process() {
    let troupe = Troupe::new().trapping(true);
    in_process(async move {
        troupe.mood("c", Mood::Ignores);
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .children(troupe.heroes(&["a", "b", "c", "d"]))
            .start_link()
            .await
            .unwrap();
        assert_eq!(ids(&supervisor).await, ["d", "c", "b", "a"]);
        assert_eq!(child(&supervisor, "c").await.pid(), None);
        let counts = supervisor.count_children().await.unwrap();
        assert_eq!((counts.active, counts.specs), (3, 4));
        assert_eq!((counts.supervisors, counts.workers), (0, 4));
        troupe.log().await;
        let again = supervisor.restart_child("c").await.unwrap();
        assert_eq!(again.pid(), None);
        troupe.saw(&["start c"]).await;
        supervisor.stop().await.unwrap();
        troupe
            .saw(&[
                "terminate d shutdown",
                "terminate b shutdown",
                "terminate a shutdown",
            ])
            .await;
    })
    .await;
}

// SUP-016, SUP-030, S69
#[tokio::test(start_paused = true)]
async fn the_whole_stream_of_reports_has_the_order_of_otp() {
    let troupe = Troupe::new().trapping(true);
    let _guard = troupe.with_reports(&["gen_server", "crash", "supervisor", "progress"]);
    in_process(async move {
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .children(troupe.heroes(&TRIO))
            .name("visor");
        let visor = supervisor.start_link().await.unwrap();
        troupe
            .saw(&[
                "start superdave",
                "progress superdave",
                "start superman",
                "progress superman",
                "start supermario",
                "progress supermario",
            ])
            .await;
        die("superman").await;
        troupe
            .saw(&[
                "terminate superman Boom",
                "log superman Boom",
                "crash",
                "visor child_terminated superman Boom",
                "start superman",
                "progress superman",
            ])
            .await;
        stop("superdave", ExitReason::Normal).await;
        troupe
            .saw(&[
                "terminate superdave normal",
                "visor child_terminated superdave normal",
                "start superdave",
                "progress superdave",
            ])
            .await;
        process::exit(pid_of("supermario"), ExitReason::Kill);
        troupe
            .saw(&[
                "visor child_terminated supermario killed",
                "start supermario",
                "progress supermario",
            ])
            .await;
        visor.stop().await.unwrap();
        troupe
            .saw(&[
                "terminate supermario shutdown",
                "terminate superman shutdown",
                "terminate superdave shutdown",
            ])
            .await;
    })
    .await;
}

// SUP-017, S50
#[tokio::test(start_paused = true)]
async fn a_call_that_crashes_a_child_fails_and_the_child_comes_back_under_its_name() {
    let troupe = Troupe::new();
    in_process(async move {
        let visor = visor(&troupe, Strategy::OneForOne).await;
        let before = pid_of("superdave");
        let failed = hero("superdave").call(Ask::Die).await;
        assert!(
            matches!(failed, Err(CallError::Exited { .. })),
            "{failed:?}"
        );
        troupe
            .saw(&["terminate superdave Boom", "start superdave"])
            .await;
        assert_eq!(hero("superdave").call(Ask::Say).await, Ok("superdave"));
        assert_ne!(pid_of("superdave"), before);
        assert_eq!(ids(&visor).await, ["supermario", "superman", "superdave"]);
    })
    .await;
}
