//! Guarded servers that others wait for.

use std::sync::atomic::Ordering;
use std::time::Duration;

use otp_core::guard::{Guard, NotReady, OnLimit};
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;
use otp_core::{Child, DynamicSupervisorRef};
use tokio::time::sleep;

use crate::guards::{Patient, Server, exponential, named, tree};

/// The server takes a second until it has its name.
fn slow(well: bool) -> ChildSpec {
    let start = move || async move {
        sleep(Duration::from_secs(1)).await;
        Server::options().name("patient").start_link(well).await
    };
    ChildSpec::worker("patient", start).backoff(exponential())
}

async fn children(crowd: &DynamicSupervisorRef) -> usize {
    // Those that have just ended are gone then.
    sleep(Duration::from_millis(1)).await;
    crowd.count_children().await.expect("it lives").specs
}

#[otp_core::test]
async fn who_wants_a_guarded_server_gets_it_once_it_runs_and_no_second_one_is_kept() {
    let crowd = DynamicSupervisor::new().start_link().await;
    let crowd = crowd.expect("it starts");
    let name = named();
    let (one, other) = tokio::join!(
        crowd.ensure_started(&name, slow(true)),
        crowd.ensure_started(&name, slow(true)),
    );
    let server = one.expect("it starts");
    assert_eq!(other, Ok(server.clone()));
    assert_eq!(children(&crowd).await, 1);
    server.cast(ExitReason::other("oops"));
    server.wait().await;
    sleep(Duration::from_millis(2_100)).await;
    let again = named().whereis().expect("it was started again");
    assert_eq!(crowd.ensure_started(&named(), slow(true)).await, Ok(again));
    assert_eq!(children(&crowd).await, 1);
}

#[otp_core::test]
async fn who_wants_a_guarded_server_that_does_not_start_is_told_and_nothing_is_kept() {
    let crowd = DynamicSupervisor::new().start_link().await;
    let crowd = crowd.expect("it starts");
    for _ in 0..10 {
        let failed = crowd.ensure_started(&named(), slow(false)).await;
        let (id, reason) = ("patient".into(), ExitReason::other("down"));
        assert_eq!(failed, Err(StartChildError::Start { id, reason }));
    }
    let nobody = ChildSpec::worker("nobody", || async { Child::ignore() });
    let nobody = nobody.guarded(Guard::new());
    let ignored = crowd.ensure_started(&named(), nobody).await;
    assert_eq!(ignored, Err(StartChildError::Ignored("nobody".into())));
    assert_eq!(children(&crowd).await, 0);
    assert!(crowd.is_alive());
}

#[otp_core::test]
async fn a_child_whose_own_name_is_taken_is_not_started_again_and_again() {
    let [one, other] = [DynamicSupervisor::new(), DynamicSupervisor::new()];
    let one = one.start_link().await.expect("it starts");
    let other = other.start_link().await.expect("it starts");
    one.ensure_started(&named(), slow(true))
        .await
        .expect("it starts");
    let hall = ServerName::<Server>::new("hall");
    let plain = || Server::options().name("patient").start_link(true);
    for spec in [slow(true), ChildSpec::worker("patient", plain)] {
        let found = other.ensure_started(&hall, spec).await;
        let why = found.expect_err("no server has the name").to_string();
        let taken = named().whereis().expect("it runs").pid();
        let names = ["patient", "hall", &taken.to_string()];
        assert!(names.iter().all(|it| why.contains(*it)), "{why}");
        assert_eq!(children(&other).await, 0);
    }
}

/// A child that has another name than is wanted, or none, is not what was asked for, and is not kept.
#[otp_core::test]
async fn a_child_without_the_wanted_name_is_refused_and_not_kept() {
    let crowd = DynamicSupervisor::new().start_link().await;
    let crowd = crowd.expect("it starts");
    let hall = ServerName::<Server>::new("hall");
    let unnamed = ChildSpec::worker("unnamed", || Server::start_link(true));
    let named = ChildSpec::worker("named", || {
        Server::options().name("patient").start_link(true)
    });
    for (child, has) in [(unnamed, "no name"), (named, "patient")] {
        for child in [child.clone(), child.guarded(Guard::new())] {
            let found = crowd.ensure_started(&hall, child).await;
            let why = found.expect_err("no server has the name").to_string();
            assert!(why.contains(has) && why.contains("hall"), "{why}");
            assert_eq!(children(&crowd).await, 0, "{why}");
        }
    }
}

/// What a child that can be started once is made of is used up by its first start, also by one that fails.
#[otp_core::test(reports)]
async fn a_child_that_can_be_started_once_is_not_tried_again() {
    let once = || ChildSpec::once("once", async || Err::<Child, _>(ExitReason::other("down")));
    let tree = Supervisor::new(Strategy::OneForOne);
    let tree = tree.child(once().guarded(Guard::new())).start().await;
    let tree = tree.expect("it starts");
    let crowd = DynamicSupervisor::new().start().await.expect("it starts");
    let started = crowd.start_child(once().guarded(Guard::new())).await;
    started.expect("the guard starts");
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(tree.count_children().await.map(|it| it.specs), Ok(0));
    assert_eq!(children(&crowd).await, 0);
    let reports = otp_core::test::reports().take();
    let reasons = reports.iter().filter_map(|it| it.field("reason"));
    assert!(reasons.clone().count() >= 2);
    for reason in reasons {
        assert_eq!(reason, "down");
    }
}

#[otp_core::test]
async fn a_child_that_can_be_started_once_must_stay_temporary() {
    let once = || ChildSpec::once("once", || Server::start_link(true));
    let guarded = |spec: ChildSpec| spec.guarded(Guard::new());
    for restart in [Restart::Permanent, Restart::Transient] {
        for child in [
            once().restart(restart),
            guarded(once().restart(restart)),
            guarded(once()).restart(restart),
        ] {
            let tree = Supervisor::new(Strategy::OneForOne);
            let refused = tree
                .child(child.clone())
                .check()
                .expect_err("it is refused");
            let text =
                "child once can be started once: leave it temporary, or specify it with `worker`";
            assert_eq!(refused.to_string(), text);
            let tree = Supervisor::new(Strategy::OneForOne).start().await;
            let tree = tree.expect("it starts");
            let spec = Err(StartChildError::Spec(refused));
            assert_eq!(tree.start_child(child.clone()).await.map(drop), spec);
            let crowd = DynamicSupervisor::new().start().await.expect("it starts");
            assert_eq!(crowd.start_child(child.clone()).await.map(drop), spec);
            let wanted = crowd.ensure_started(&named(), child).await;
            assert_eq!(wanted.map(drop), spec);
        }
    }
    let tree = Supervisor::new(Strategy::OneForOne).child(guarded(once()));
    assert_eq!(tree.check(), Ok(()));
}

#[otp_core::test]
async fn only_the_first_start_of_a_server_that_is_wanted_must_succeed() {
    let crowd = DynamicSupervisor::new().start_link().await;
    let (crowd, patient) = (crowd.expect("it starts"), Patient::new(true));
    let guard = Guard::new().limit(1, Duration::from_secs(60));
    let guard = guard.backoff(exponential()).on_limit(OnLimit::Fail);
    let child = patient.child().guarded(guard);
    let server = crowd.ensure_started(&named(), child).await;
    patient.well.store(false, Ordering::SeqCst);
    let server = server.expect("it starts");
    server.cast(ExitReason::other("oops"));
    server.wait().await;
    // The guard gives up at the second failure, and its supervisor starts it again.
    for expected in ["starts", "fails", "fails"] {
        assert_eq!(patient.probe.next().await.0, expected);
    }
    patient.well.store(true, Ordering::SeqCst);
    assert_eq!(patient.probe.next().await.0, "starts");
    assert_eq!(children(&crowd).await, 1);
}

#[otp_core::test]
async fn a_tree_is_ready_when_the_guarded_children_of_all_its_supervisors_run() {
    let storage = ChildSpec::supervisor("storage", || {
        Supervisor::new(Strategy::OneForOne)
            .child(slow(true))
            .start_link()
    });
    for storage in [storage.clone(), storage.guarded(Guard::new())] {
        let tree = tree(storage).await;
        let early = tree.await_ready().timeout(Duration::from_millis(900)).await;
        assert!(matches!(early, Err(NotReady::Timeout { .. })), "{early:?}");
        assert_eq!(tree.await_ready().await, Ok(()));
        assert!(named().is_alive());
        tree.stop().await.expect("it stops");
    }
}
