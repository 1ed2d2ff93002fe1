//! Restarts under a dynamic supervisor that do not go well.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::supervisor::ChildStatus;

use crate::support::in_process;
use crate::troupe::{Mood, Troupe, pid_of};

// DSU-011
#[tokio::test(start_paused = true)]
async fn a_restart_that_fails_is_tried_again_until_it_goes_well_or_there_are_too_many() {
    let troupe = Troupe::new();
    let _guard = troupe.with_reports(&["supervisor"]);
    in_process(async move {
        let supervisor = DynamicSupervisor::new().name("dyn").start().await.unwrap();
        supervisor.start_child(troupe.hero("a")).await.unwrap();
        troupe.log().await;
        troupe.mood("a", Mood::Fails);
        process::exit(pid_of("a"), ExitReason::Kill);
        assert_eq!(supervisor.wait().await, ExitReason::Shutdown);
        troupe
            .saw(&[
                "dyn child_terminated undefined killed",
                "start a",
                "dyn start_error undefined bad",
                "start a",
                "dyn start_error undefined bad",
                "start a",
                "dyn start_error undefined bad",
                "dyn shutdown undefined reached_max_restart_intensity",
            ])
            .await;
    })
    .await;
}

// DSU-009, DSU-011
#[tokio::test(start_paused = true)]
async fn a_child_between_two_attempts_is_restarting_and_can_be_taken_out_by_its_former_pid() {
    in_process(async {
        let supervisor = DynamicSupervisor::new().max_restarts(1000, Duration::from_secs(1));
        let supervisor = supervisor.start_link().await.unwrap();
        let slow = ChildSpec::worker("slow", || async {
            if process::whereis("broken").is_some() {
                tokio::time::sleep(Duration::from_secs(10)).await;
                return Err(ExitReason::other("bad"));
            }
            Ok(process::spawn_link(|_: Mailbox<Never>| {
                std::future::pending::<()>()
            }))
        });
        let child = supervisor.start_child(slow).await.unwrap().pid().unwrap();
        process::register("broken", process::current()).unwrap();
        process::exit(child, ExitReason::Kill);
        tokio::time::sleep(Duration::from_secs(25)).await;
        let children = supervisor.which_children().await.unwrap();
        assert_eq!(children[0].status, ChildStatus::Restarting);
        let counts = supervisor.count_children().await.unwrap();
        assert_eq!((counts.specs, counts.active), (1, 0));
        supervisor.terminate_child(child).await.unwrap();
        process::unregister("broken").unwrap();
        tokio::time::sleep(Duration::from_secs(30)).await;
        let counts = supervisor.count_children().await.unwrap();
        assert_eq!(counts.specs, 0);
    })
    .await;
}
