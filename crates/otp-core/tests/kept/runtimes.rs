//! A node that lives longer than the runtime on which something was started, as with two tests that share one.

use std::time::Duration;

use otp_core::guard::Guard;
use otp_core::prelude::*;
use otp_core::schedule::Schedule;
use otp_core::test::Probe;
use otp_core::worker_pool::WorkerPool;
use otp_core::{blocking, drain, process, timer};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::support::{Slow, Times, loose_tree};

/// A runtime of each kind.
fn runtimes() -> [Runtime; 2] {
    let multi = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let single = Builder::new_current_thread().enable_all().build();
    [multi.expect("it is made"), single.expect("it is made")]
}

fn slow() -> Times {
    Times::of_init(Duration::ZERO)
}

#[test]
fn what_was_started_on_a_runtime_ends_with_it_and_another_one_starts_anew() {
    let node = Node::new();
    let mut former = None;
    for _ in 0..3 {
        let mut runtime = Builder::new_multi_thread();
        runtime.worker_threads(2).enable_all();
        let runtime = runtime.build().expect("it is made");
        let (node, before) = (node.clone(), former.take());
        let after = runtime.block_on(async move {
            let run = node.run(async move { round(before).await });
            run.await.expect("it goes well")
        });
        former = Some(after);
        drop(runtime);
    }
    let (pool, tree) = former.expect("there was a round");
    assert!(!pool.is_alive() && !tree.is_alive());
}

type Round = (WorkerPool<Slow>, otp_core::SupervisorRef);

/// Starts all, after it has asked what the round before has left. What runs goes on until the runtime ends.
async fn round(before: Option<Round>) -> Round {
    if let Some((pool, tree)) = before {
        assert!(pool.checkout().await.is_err());
        assert!(tree.await_ready().await.is_err());
        assert!(process::whereis("pool").is_none());
    }
    let pool = WorkerPool::options(1, || Slow::start_link(slow()))
        .name("pool")
        .start()
        .await
        .expect("the name is free");
    let guarded = ChildSpec::worker("guarded", || Slow::start_link(slow())).guarded(Guard::new());
    let probe = Probe::new();
    let tell = probe.clone();
    let tick = Schedule::every(Duration::from_millis(1)).child_spec("tick", move || {
        let tell = tell.clone();
        async move { tell.report(()) }
    });
    let drained = drain::child_spec("drained", |drain| async move { drain.wait().await });
    let own = ChildSpec::worker("own", || async {
        blocking::spawn_link(|_: Mailbox<Never>| std::future::pending::<()>())
    });
    let tree = loose_tree([guarded, tick, drained, own]).await;
    tree.await_ready().await.expect("all run");
    probe.next().await;
    let lease = pool.checkout().await.expect("the worker is free");
    assert!(lease.is_alive());
    (pool, tree)
}

/// How long the timers of these tests run.
const DELAY: Duration = Duration::from_millis(20);

/// Drives a runtime until a future ends. The node starts no timer in it for that.
fn in_time<F: Future>(runtime: &Runtime, future: F) -> F::Output {
    let limit = Duration::from_secs(60);
    let ended = runtime.block_on(async { tokio::time::timeout(limit, future).await });
    ended.expect("it ends")
}

#[test]
fn timers_move_to_the_only_runtime_that_is_left() {
    for starts in runtimes() {
        let [lives, _] = runtimes();
        let node = Node::new();
        let (tell, told) = oneshot::channel();
        let entered = lives.enter();
        let process = node.spawn(|mut mailbox: Mailbox<u32>| async move {
            let _ = tell.send(mailbox.receive().await);
        });
        drop(entered);
        let start = node.run(async move { drop(timer::send_after(&process, DELAY, 7)) });
        starts.block_on(start).expect("it starts a timer");
        drop(starts);
        // No timer is started here, and no process.
        assert_eq!(in_time(&lives, told), Ok(7));
    }
}

#[test]
fn timers_without_any_runtime_go_on_with_the_first_process_of_the_next_one() {
    for (starts, next) in runtimes().into_iter().zip(runtimes()) {
        let node = Node::new();
        let start = node.run(async {
            drop(timer::send_after(Name::from("late"), DELAY, 7_u32));
        });
        starts.block_on(start).expect("it starts a timer");
        drop(starts);
        assert_eq!(node.system_info().timers, 1, "it waits");
        let late = node.run_with(|mut mailbox: Mailbox<u32>| async move {
            process::register("late", process::current()).expect("the name is free");
            mailbox.receive().await
        });
        assert_eq!(in_time(&next, late), Ok(7));
    }
}
