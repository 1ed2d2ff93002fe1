//! What a supervisor waits for: the end of a child that does not heed it, and a start that takes its time.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{DynamicSupervisor, process};
use tokio::time::Instant;

use crate::scripted::{Gate, everywhere};
use crate::supervisor_hostile::{assert_works, idle, idler, visor};
use crate::support::in_process;

/// A child that does not end when it is told to, and says so.
fn deaf(told: &Probe<&'static str>) -> ChildSpec {
    let told = told.clone();
    ChildSpec::worker("deaf", move || {
        let told = told.clone();
        async move {
            process::spawn_link(|mut mailbox: Mailbox<()>| async move {
                mailbox.trap_exit(|_| ());
                told.report("up");
                loop {
                    mailbox.receive().await;
                    told.report("told");
                }
            })
        }
    })
}

// SUP-041
#[tokio::test(start_paused = true)]
async fn a_limit_of_zero_kills_at_once() {
    in_process(async {
        let told = Probe::new();
        let visor = visor().await;
        let dynamic = DynamicSupervisor::new().start_link().await.unwrap();
        let start = Instant::now();
        let spec = deaf(&told).shutdown(Shutdown::Within(Duration::ZERO));
        let child = visor
            .start_child(spec.clone())
            .await
            .unwrap()
            .pid()
            .unwrap();
        assert_eq!(told.next().await, "up");
        assert_eq!(visor.terminate_child("deaf").await, Ok(()));
        assert!(!process::node().is_alive(child));
        let child = dynamic.start_child(spec).await.unwrap().pid().unwrap();
        assert_eq!(told.next().await, "up");
        assert_eq!(dynamic.terminate_child(child).await, Ok(()));
        assert_eq!(start.elapsed(), Duration::ZERO);
        // One that heeds the signal has the reason of the signal, as on the BEAM.
        let idle = idle("idle").shutdown(Shutdown::Within(Duration::ZERO));
        let pid = visor.start_child(idle).await.unwrap().pid().unwrap();
        let process = process::node().process_ref::<Never>(pid).unwrap();
        assert_eq!(visor.terminate_child("idle").await, Ok(()));
        assert_eq!(process.wait().await, ExitReason::Shutdown);
    })
    .await;
}

#[test]
fn a_supervisor_that_is_killed_while_it_waits_for_a_child_takes_it_along() {
    everywhere(|| async {
        let told = Probe::new();
        let spec = deaf(&told).shutdown(Shutdown::Infinity);
        let visor = visor().await;
        visor.start_child(spec).await.unwrap();
        assert_eq!(told.next().await, "up");
        let asked = visor.clone();
        let stopper = process::spawn(move |_: Mailbox<Never>| async move {
            assert!(asked.terminate_child("deaf").await.is_err());
        });
        assert_eq!(told.next().await, "told");
        process::exit(visor.pid(), ExitReason::Kill);
        assert_eq!(visor.wait().await, ExitReason::Killed);
        assert_eq!(stopper.wait().await, ExitReason::Normal);
        // It is linked still: it hears of the kill.
        assert_eq!(told.next().await, "told");
    });
}

#[test]
fn a_child_whose_starter_is_killed_during_its_init_is_kept() {
    everywhere(|| async {
        let (visor, gate) = (visor().await, Gate::new());
        let slow = gate.clone();
        let spec = ChildSpec::worker("slow", move || {
            let pass = slow.pass();
            async {
                pass.await;
                idler()
            }
        });
        let asked = visor.clone();
        let starter = process::spawn(move |_: Mailbox<Never>| async move {
            let _ = asked.start_child(spec).await;
        });
        gate.reached().await;
        process::exit(&starter, ExitReason::Kill);
        assert_eq!(starter.wait().await, ExitReason::Killed);
        gate.open();
        assert_eq!(visor.count_children().await.unwrap().active, 1);
        assert_works(&visor).await;
        assert_eq!(visor.stop().await, Ok(()));
    });
}
