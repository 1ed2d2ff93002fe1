//! Supervisors under supervisors.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{SupervisorRef, process};

use crate::support::{in_process, settle};
use crate::troupe::{Troupe, child, die, ids, pid_of};

const LOG: &[&str] = &["gen_server", "supervisor"];

/// The tree of S62: `left` with two heroes, then two heroes of `top` itself.
fn tree(troupe: &Troupe, max_restarts: usize) -> Supervisor {
    let inner = troupe.clone();
    let left = ChildSpec::supervisor("left", move || {
        inner.note("start supervisor left");
        Supervisor::new(Strategy::OneForOne)
            .max_restarts(max_restarts, Duration::from_secs(5))
            .children(inner.heroes(&["left_a", "left_b"]))
            .name("left")
            .start_link()
    });
    Supervisor::new(Strategy::OneForOne)
        .child(left)
        .children(troupe.heroes(&["top_a", "top_b"]))
        .name("top")
}

// SUP-009, SUP-040, S62
#[tokio::test(start_paused = true)]
async fn a_tree_starts_depth_first_and_stops_exactly_backwards() {
    let troupe = Troupe::new().trapping(true);
    in_process(async move {
        let top = tree(&troupe, 3).start_link().await.unwrap();
        troupe
            .saw(&[
                "start supervisor left",
                "start left_a",
                "start left_b",
                "start top_a",
                "start top_b",
            ])
            .await;
        assert_eq!(ids(&top).await, ["top_b", "top_a", "left"]);
        let counts = top.count_children().await.unwrap();
        assert_eq!((counts.active, counts.specs), (3, 3));
        assert_eq!((counts.supervisors, counts.workers), (1, 2));
        let left = SupervisorRef::find(&process::node(), "left").unwrap();
        assert_eq!(ids(&left).await, ["left_b", "left_a"]);
        top.stop().await.unwrap();
        troupe
            .saw(&[
                "terminate top_b shutdown",
                "terminate top_a shutdown",
                "terminate left_b shutdown",
                "terminate left_a shutdown",
            ])
            .await;
    })
    .await;
}

// SUP-025, SUP-029, S62
#[tokio::test(start_paused = true)]
async fn an_inner_supervisor_that_gives_up_is_restarted_with_its_branch_by_the_outer_one() {
    let troupe = Troupe::new().trapping(true);
    let _guard = troupe.with_reports(LOG);
    in_process(async move {
        let top = tree(&troupe, 1).start_link().await.unwrap();
        let left = SupervisorRef::find(&process::node(), "left").unwrap();
        // A child that was added while it ran is gone after its restart.
        left.start_child(troupe.hero("guest")).await.unwrap();
        left.terminate_child("guest").await.unwrap();
        troupe.log().await;
        die("left_a").await;
        troupe
            .saw(&[
                "terminate left_a Boom",
                "log left_a Boom",
                "left child_terminated left_a Boom",
                "start left_a",
            ])
            .await;
        die("left_a").await;
        troupe
            .saw(&[
                "terminate left_a Boom",
                "log left_a Boom",
                "left child_terminated left_a Boom",
                "left shutdown left_a reached_max_restart_intensity",
                "terminate left_b shutdown",
                "top child_terminated left shutdown",
                "start supervisor left",
                "start left_a",
                "start left_b",
            ])
            .await;
        assert_eq!(left.wait().await, ExitReason::Shutdown);
        assert_eq!(ids(&top).await, ["top_b", "top_a", "left"]);
        let left = SupervisorRef::find(&process::node(), "left").unwrap();
        assert_eq!(ids(&left).await, ["left_b", "left_a"]);
        top.stop().await.unwrap();
    })
    .await;
}

// SUP-029, S62
#[tokio::test(start_paused = true)]
async fn a_branch_whose_supervisor_is_killed_comes_back_whole() {
    let troupe = Troupe::new();
    in_process(async move {
        let top = tree(&troupe, 3).start_link().await.unwrap();
        let left = SupervisorRef::find(&process::node(), "left").unwrap();
        process::exit(&left, ExitReason::Kill);
        settle().await;
        let left = SupervisorRef::find(&process::node(), "left").unwrap();
        for name in ["left_a", "left_b"] {
            assert_eq!(child(&left, name).await.pid(), Some(pid_of(name)));
        }
        top.stop().await.unwrap();
        let left_over = process::node().processes();
        assert_eq!(left_over, [process::current()]);
    })
    .await;
}
