//! The totals of a node only grow: while observations begin and end, and while processes end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use otp_core::prelude::*;
use otp_core::process::{self, Totals};
use otp_core::{Pid, ServerRef};

/// A server that answers.
struct Echo;

#[gen_server]
impl GenServer for Echo {
    type Call = ReplyTo<()>;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, from: ReplyTo<()>, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(())
    }
}

async fn start(echoes: u64) -> Vec<ServerRef<Echo>> {
    let mut all = Vec::new();
    for _ in 0..echoes {
        all.push(Echo::start_link(()).await.expect("it starts"));
    }
    all
}

/// Calls each of them so often.
async fn call(echoes: &[ServerRef<Echo>], times: u64) {
    for echo in echoes {
        for _ in 0..times {
            echo.call(|from| from).await.expect("it answers");
        }
    }
}

async fn kill(echo: &ServerRef<Echo>) {
    process::unlink(echo.pid());
    process::exit(echo.pid(), ExitReason::Kill);
    wait(echo.pid()).await;
}

/// Waits until the process has left the node.
async fn wait(pid: Pid) {
    process::node().wait(pid).await;
    while process::node().process_info(pid).is_some() {
        tokio::task::yield_now().await;
    }
}

#[track_caller]
fn check(before: &Totals, handled: u64) -> Totals {
    let now = process::node().totals();
    assert_eq!(now.handled - before.handled, handled);
    assert!(now.busy >= before.busy, "{now:?} after {before:?}");
    now
}

async fn stay_after_each_observation() {
    let node = process::node();
    let echoes = start(4).await;
    let none = node.totals();
    assert_eq!(none.handled, 0);
    let first = node.observe();
    call(&echoes, 10).await;
    let counted = check(&none, 40);
    assert!(counted.busy > none.busy);
    drop(first);
    let kept = check(&counted, 0);
    // What is handled now is not counted, and what has been counted stays if its process ends.
    call(&echoes, 10).await;
    kill(&echoes[0]).await;
    let kept = check(&kept, 0);
    let second = node.observe();
    let kept = check(&kept, 0);
    // Two of these clear what they have counted before, and one dies with it.
    call(&echoes[1..3], 5).await;
    let kept = check(&kept, 10);
    kill(&echoes[1]).await;
    kill(&echoes[3]).await;
    let kept = check(&kept, 0);
    drop(second);
    drop(node.observe());
    check(&kept, 0);
}

#[tokio::test]
async fn totals_stay_after_each_observation() {
    let ran = Node::new().run(stay_after_each_observation());
    ran.await.expect("nothing fails");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn totals_stay_after_each_observation_on_several_threads() {
    let ran = Node::new().run(stay_after_each_observation());
    ran.await.expect("nothing fails");
}

/// Another thread never sees less than it has seen, while observations begin and end, and processes end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn totals_never_go_back_while_all_changes() {
    let node = Node::new();
    let is_over = Arc::new(AtomicBool::new(false));
    let (seen, over) = (node.clone(), is_over.clone());
    let reader = thread::spawn(move || {
        let mut last = seen.totals();
        while !over.load(Ordering::Relaxed) {
            let now = seen.totals();
            assert!(now.handled >= last.handled, "{now:?} after {last:?}");
            assert!(now.busy >= last.busy, "{now:?} after {last:?}");
            last = now;
        }
        last
    });
    let ran = node.run(async {
        for _ in 0..50 {
            let echoes = start(6).await;
            let observation = process::node().observe();
            call(&echoes, 3).await;
            kill(&echoes[0]).await;
            call(&echoes[1..], 1).await;
            drop(observation);
            let _observation = process::node().observe();
            call(&echoes[1..], 2).await;
            for echo in &echoes[1..] {
                kill(echo).await;
            }
        }
        process::node().totals().handled
    });
    let handled = ran.await.expect("nothing fails");
    is_over.store(true, Ordering::Relaxed);
    let last = reader.join().expect("it only grows");
    assert_eq!(handled, 50 * (18 + 5 + 10));
    assert!(last.handled <= handled, "nothing is counted twice");
}
