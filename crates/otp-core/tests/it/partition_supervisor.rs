//! Partition supervisors: copies of one child, and names that lead to one of them by a key.

use std::time::Duration;

use otp_core::partition_supervisor::{ResizeError, RouteKey, route};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::supervisor::SpecError;
use otp_core::test::Probe;
use otp_core::{ChildId, PartitionSupervisor, PartitionSupervisorRef, StartError, SupervisorRef};

use crate::support::{Lab, echo, in_process, lab, quiet, settle};

fn copies() -> PartitionSupervisor {
    PartitionSupervisor::new("parts", |_| {
        ChildSpec::worker("copy", || Lab::start_link(quiet()))
    })
}

async fn four() -> PartitionSupervisorRef {
    let started = copies().partitions(4).start_link().await;
    started.expect("the copies start")
}

/// The partition that a key leads to.
async fn partition(parts: &PartitionSupervisorRef, key: impl Into<RouteKey>) -> usize {
    let pid = parts.whereis(key).expect("it runs");
    let children = parts.supervisor().which_children().await;
    let children = children.expect("the supervisor lives");
    let found = children.iter().find(|child| child.pid() == Some(pid));
    let id = found.and_then(|child| child.id.clone());
    (0..children.len())
        .find(|number| id == Some(ChildId::from(*number)))
        .expect("it is a partition")
}

// PSU-001
#[tokio::test(start_paused = true)]
async fn the_copies_have_the_ids_from_zero_on() {
    in_process(async {
        let parts = four().await;
        let children = parts.supervisor().which_children().await.unwrap();
        let ids: Vec<_> = children
            .iter()
            .rev()
            .filter_map(|child| child.id.clone())
            .collect();
        assert_eq!(ids, [0, 1, 2, 3].map(ChildId::from));
        assert_eq!(parts.partitions(), 4);
        let counts = parts.supervisor().count_children().await.unwrap();
        assert_eq!((counts.specs, counts.active), (4, 4));
    })
    .await;
}

// PSU-001
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn there_are_as_many_as_the_runtime_has_workers_if_nothing_is_said() {
    in_process(async {
        let parts = copies().start_link().await.unwrap();
        assert_eq!(parts.partitions(), 3);
    })
    .await;
}

// PSU-001
#[tokio::test(start_paused = true)]
async fn no_partitions_at_all_are_refused() {
    in_process(async {
        let refused = copies().partitions(0).start().await;
        let Err(StartError::Init(reason)) = refused.map(drop) else {
            panic!("it has started");
        };
        assert_eq!(reason.downcast_error(), Some(&SpecError::NoPartitions));
    })
    .await;
}

// PSU-002
#[tokio::test(start_paused = true)]
async fn numbers_lead_to_their_absolute_value_modulo_the_partitions() {
    in_process(async {
        let parts = four().await;
        for number in -20_i64..20 {
            let expected = usize::try_from(number.unsigned_abs() % 4).unwrap();
            assert_eq!(partition(&parts, number).await, expected, "{number}");
        }
        assert_eq!(partition(&parts, i64::MIN).await, 0);
        assert_eq!(partition(&parts, 7_u32).await, 3);
        assert_eq!(partition(&parts, -7).await, 3);
        assert_eq!(partition(&parts, 6_usize).await, 2);
    })
    .await;
}

// PSU-002
#[tokio::test(start_paused = true)]
async fn the_same_key_always_leads_to_the_same_partition_and_different_ones_spread() {
    in_process(async {
        let parts = four().await;
        let mut seen = [0; 4];
        for n in 0..200 {
            let key = format!("customer {n}");
            let first = partition(&parts, &*key).await;
            assert_eq!(partition(&parts, &*key).await, first);
            seen[first] += 1;
        }
        assert!(seen.iter().all(|keys| *keys > 20), "{seen:?}");
        let pair = RouteKey::of(&("room", 7));
        assert_eq!(pair, RouteKey::of(&("room", 7)));
        partition(&parts, process::current()).await;
    })
    .await;
}

// PSU-002
#[tokio::test(start_paused = true)]
async fn a_route_works_like_any_name_and_survives_restarts_of_both() {
    in_process(async {
        let spec = ChildSpec::supervisor("parts", || copies().partitions(4).start_link());
        let top = Supervisor::new(Strategy::OneForOne).child(spec);
        top.start_link().await.unwrap();
        let node = process::node();
        let server = ServerName::<Lab>::new(route(&node, "parts", "yoshi"));
        assert_eq!(server.call(echo(1)).await, Ok(1));
        let before = server.whereis().unwrap();
        process::exit(&before, ExitReason::Kill);
        settle().await;
        assert_eq!(server.call(echo(2)).await, Ok(2));
        assert_ne!(server.whereis().unwrap(), before);
        process::exit(process::whereis("parts").unwrap(), ExitReason::Kill);
        settle().await;
        assert_eq!(server.call(echo(3)).await, Ok(3));
        // No other process can take the place.
        let route = route(&node, "parts", "yoshi");
        let taken = Lab::options().name(route).start(quiet()).await;
        let holder = server.whereis().unwrap().pid();
        assert_eq!(taken.unwrap_err(), StartError::AlreadyStarted(holder));
    })
    .await;
}

// PSU-003
#[tokio::test(start_paused = true)]
async fn a_copy_may_depend_on_the_number_of_its_partition() {
    in_process(async {
        let started = Probe::new();
        let probe = started.clone();
        let parts = PartitionSupervisor::new("parts", move |partition| {
            let probe = probe.clone();
            ChildSpec::worker("copy", move || {
                probe.report(partition);
                Lab::start_link(lab(&Probe::new()))
            })
        });
        let parts = parts.partitions(3).max_restarts(9, Duration::from_secs(1));
        let parts = parts.start_link().await.unwrap();
        assert_eq!(started.drain(), [0, 1, 2]);
        let last = parts.whereis(2).unwrap();
        process::exit(last, ExitReason::Kill);
        settle().await;
        assert_eq!(started.drain(), [2]);
        let flags = parts.supervisor().flags().await.unwrap();
        assert_eq!(
            (flags.max_restarts, flags.strategy),
            (9, Strategy::OneForOne)
        );
    })
    .await;
}

// PSU-003
#[tokio::test(start_paused = true)]
async fn under_an_unknown_name_there_is_no_process() {
    in_process(async {
        let node = process::node();
        assert!(PartitionSupervisorRef::find(&node, "parts").is_none());
        let server = ServerName::<Lab>::new(route(&node, "parts", 1));
        let failed = server.call(echo(1)).await;
        assert!(matches!(failed, Err(CallError::NoProcess { .. })));
        let plain = Supervisor::new(Strategy::OneForOne).name("plain");
        plain.start_link().await.unwrap();
        assert!(PartitionSupervisorRef::find(&node, "plain").is_none());
        assert_eq!(node.whereis(route(&node, "plain", 1)), None);

        let parts = four().await;
        assert!(PartitionSupervisorRef::find(&node, "parts").is_some());
        assert!(SupervisorRef::find(&node, "parts").is_some());
        parts.supervisor().stop().await.unwrap();
        assert!(PartitionSupervisorRef::find(&node, "parts").is_none());
        assert_eq!(parts.whereis(1), None);
        assert_eq!(parts.partitions(), 0);
        assert!(matches!(parts.resize(1).await, Err(ResizeError::Call(_))));
    })
    .await;
}

// PSU-003
#[tokio::test(start_paused = true)]
async fn a_resize_stops_the_higher_numbers_and_starts_them_again() {
    in_process(async {
        let parts = four().await;
        assert_eq!(parts.resize(2).await, Ok(4));
        assert_eq!(parts.partitions(), 2);
        let counts = parts.supervisor().count_children().await.unwrap();
        assert_eq!((counts.specs, counts.active), (4, 2));
        assert_eq!(parts.whereis(3), parts.whereis(1));
        assert_eq!(parts.resize(3).await, Ok(2));
        assert_eq!(partition(&parts, 2).await, 2);
        assert_eq!(parts.resize(4).await, Ok(3));
        assert_eq!(partition(&parts, 3).await, 3);
        let (wanted, most) = (5, 4);
        assert_eq!(
            parts.resize(5).await,
            Err(ResizeError::TooMany { wanted, most })
        );
        assert_eq!(parts.resize(0).await, Err(ResizeError::NoPartitions));
        assert_eq!(parts.resize(4).await, Ok(4));
    })
    .await;
}
