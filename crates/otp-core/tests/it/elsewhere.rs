//! Starting things on a node from outside of its processes.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{Agent, DynamicSupervisor, PartitionSupervisor, TaskSupervisor, process};

use crate::support::{Lab, in_process, quiet, settle};

fn copy(id: usize) -> ChildSpec {
    ChildSpec::worker(id, || Lab::start_link(quiet()))
}

#[tokio::test(start_paused = true)]
async fn whoever_has_a_node_can_start_something_on_it() {
    let node = Node::default();
    let agent = Agent::options().on(&node).start(|| 1).await.unwrap();
    assert_eq!(agent.pid().unwrap().node(), node.id());

    let visor = Supervisor::new(Strategy::OneForOne).on(&node).name("visor");
    let visor = visor.child(copy(0)).start().await.unwrap();
    assert_eq!(node.whereis("visor"), Some(visor.pid()));
    let crowd = DynamicSupervisor::new().on(&node).start().await.unwrap();
    assert_eq!(crowd.pid().node(), node.id());
    let tasks = TaskSupervisor::new().on(&node).start().await.unwrap();
    assert_eq!(tasks.pid().node(), node.id());
    let parts = PartitionSupervisor::new("parts", copy)
        .on(&node)
        .partitions(2);
    let parts = parts.start().await.unwrap();
    assert_eq!(node.whereis("parts"), Some(parts.supervisor().pid()));
    // The agent, four supervisors, a child and two copies.
    assert_eq!(node.processes().len(), 8);
    assert_eq!(Node::new().processes(), []);
}

#[tokio::test(start_paused = true)]
async fn a_dynamic_supervisor_can_be_stopped_for_a_reason() {
    in_process(async {
        let crowd = DynamicSupervisor::new().start().await.unwrap();
        let child = crowd.start_child(copy(0)).await.unwrap().pid().unwrap();
        let limit = Duration::from_secs(1);
        let stopped = crowd
            .stop_with(ExitReason::other("full"))
            .timeout(limit)
            .await;
        assert_eq!(stopped, Ok(()));
        assert_eq!(crowd.wait().await, ExitReason::other("full"));
        assert!(!process::node().is_alive(child));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_task_supervisor_waits_for_its_own_end() {
    in_process(async {
        let tasks = TaskSupervisor::new().start().await.unwrap();
        let waiting = tasks.clone();
        let watch = process::spawn(move |_: Mailbox<Never>| async move {
            waiting.wait().await;
        });
        settle().await;
        assert!(watch.is_alive());
        tasks.stop().await.unwrap();
        assert_eq!(watch.wait().await, ExitReason::Normal);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn partitions_that_belong_together_are_restarted_together() {
    in_process(async {
        let parts = PartitionSupervisor::new("parts", copy).partitions(2);
        let parts = parts.strategy(Strategy::OneForAll).start_link().await;
        let parts = parts.unwrap();
        let before = [0_u64, 1].map(|key| parts.whereis(key).unwrap());
        process::exit(before[0], ExitReason::Kill);
        settle().await;
        let after = [0_u64, 1].map(|key| parts.whereis(key).unwrap());
        assert!(
            after.iter().all(|pid| !before.contains(pid)),
            "{before:?} {after:?}"
        );
    })
    .await;
}
