//! GenServer: a wait for a reply, in whatever place, is woken when the time is over.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::thread;
use std::time::Duration;

use futures_util::future::{join_all, join3};
use futures_util::stream::{FuturesUnordered, StreamExt};
use otp_core::gen_server::{StartError, TimeLimit, multi_call};
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Agent, Task, process, sys};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, timeout};

use crate::support::{Call, Lab, Order, ask, in_process, lab, quiet, settle};

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(60 * 60);

fn threads(workers: usize) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_time()
        .build()
        .expect("a runtime can be built")
}

fn one_thread() -> Runtime {
    Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime can be built")
}

fn at_once() -> impl FnOnce(ReplyTo<u32>) -> Call {
    ask(|_, from| from.reply(7))
}

/// Runs it on one thread and on several, by the real clock.
fn on_each_runtime<F: Future<Output: Send> + Send + 'static>(body: impl Fn() -> F) {
    for runtime in [one_thread(), threads(1), threads(2)] {
        runtime.block_on(in_process(body()));
    }
}

#[track_caller]
fn assert_late<T: std::fmt::Debug>(answer: &Result<T, CallError>, limit: Duration) {
    match answer {
        Err(CallError::Timeout { limit: told, .. }) => assert_eq!(*told, limit),
        other => panic!("{other:?} is no timeout"),
    }
}

/// A call that is never answered ends at its limit: not before, and as late as the documentation allows.
async fn keeps_its_limit(server: &ServerRef<Lab>, limit: Duration) {
    let begun = Instant::now();
    assert_late(&server.call(Call::Keep).timeout(limit).await, limit);
    let elapsed = begun.elapsed();
    let latest = limit + (limit / 256).max(MS) + 2 * MS;
    assert!((limit..=latest).contains(&elapsed), "it took {elapsed:?}");
}

// CAL-002
#[tokio::test(start_paused = true)]
async fn a_call_that_is_not_polled_any_more_takes_no_other_calls_waking_along() {
    in_process(async {
        let server = &Lab::start(quiet()).await.unwrap();
        for _ in 0..2 {
            assert_eq!(server.call(at_once()).await, Ok(7));
        }
        let mut children = FuturesUnordered::new();
        children.push(async {
            assert_eq!(server.call(at_once()).await, Ok(7));
            keeps_its_limit(server, 5000 * MS).await;
        });
        let all = join3(
            async { children.next().await },
            keeps_its_limit(server, 5000 * MS),
            keeps_its_limit(server, 200 * MS),
        );
        timeout(HOUR, all).await.expect("each has a limit");
    })
    .await;
}

// CAL-002
#[tokio::test(start_paused = true)]
async fn a_call_that_was_polled_once_is_woken_whatever_becomes_of_those_beside_it() {
    in_process(async {
        let server = &Lab::start(quiet()).await.unwrap();
        for beside in 0..3 {
            for _ in 0..2 {
                assert_eq!(server.call(at_once()).await, Ok(7));
            }
            let mut other = Box::pin(server.call(Call::Keep).timeout(4000 * MS));
            let mut call = pin!(keeps_its_limit(server, 5000 * MS));
            poll_fn(|cx| {
                let _ = other.as_mut().poll(cx);
                let _ = call.as_mut().poll(cx);
                if beside == 1 {
                    // It was last polled by another place, which never polls it again.
                    let _ = other
                        .as_mut()
                        .poll(&mut TaskContext::from_waker(Waker::noop()));
                }
                Poll::Ready(())
            })
            .await;
            match beside {
                2 => drop(other),
                _ => std::mem::forget(other),
            }
            timeout(HOUR, call).await.expect("it has a limit");
        }
    })
    .await;
}

/// Waits for something that is true at its limit.
async fn takes(limit: Duration, event: impl Future<Output = bool>) {
    let begun = Instant::now();
    assert!(timeout(HOUR, event).await.expect("there is a limit"));
    let elapsed = begun.elapsed();
    assert!((limit..=limit + 3 * MS).contains(&elapsed), "{elapsed:?}");
}

// CAL-002, GST-005
#[tokio::test(start_paused = true)]
async fn every_kind_of_wait_keeps_its_limit() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let limit = 300 * MS;
        let request = server.send_request(Call::Keep);
        takes(limit, async { request.timeout(limit).await.is_err() }).await;
        let mut request = server.send_request(Call::Keep);
        for _ in 0..3 {
            takes(limit, async { request.wait(limit).await.is_none() }).await;
        }
        let mut task = Task::spawn(std::future::pending::<()>());
        takes(limit, async { task.wait(limit).await.is_none() }).await;
        takes(limit, async { task.timeout(limit).await.is_err() }).await;
        let task = Task::spawn_with(|mut mailbox: Mailbox<Exit>| async move {
            mailbox.trap_exit(|exit| exit);
            std::future::pending::<()>().await;
        });
        settle().await;
        takes(limit, async { task.shutdown(limit).await.is_some() }).await;
        let (gate, waits) = tokio::sync::oneshot::channel();
        let start = Lab::options().timeout(limit).start(quiet().gate(waits));
        takes(limit, async {
            start.await == Err(StartError::Timeout(limit))
        })
        .await;
        drop(gate);
        let stuck = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
        let status = sys::get_status(stuck.pid()).timeout(limit);
        takes(limit, async { status.await.is_err() }).await;
        let agent = Agent::start(|| 0).await.expect("nothing hinders it");
        sys::suspend(&agent).await.expect("it runs");
        takes(limit, async {
            agent.get(|n| *n).timeout(limit).await.is_err()
        })
        .await;
        let (_hold, gate) = tokio::sync::oneshot::channel();
        server.cast(Order::Hold(gate));
        let stopped = server.stop_with(ExitReason::Normal).timeout(limit);
        takes(limit, async { stopped.await.is_err() }).await;
        let busy = Lab::options().name("of many").start(quiet()).await;
        busy.expect("the name is free");
        let names = ["of many", "nobody"].map(ServerName::<Lab>::new);
        let answers = multi_call(&names, limit, Call::Keep);
        takes(limit, async { answers.await.1.len() == 2 }).await;
    })
    .await;
}

// CAL-002
#[test]
fn limits_are_kept_by_the_real_clock_too() {
    on_each_runtime(async || {
        let server = Lab::start(quiet()).await.unwrap();
        for round in 0..3 {
            for _ in 0..round {
                assert_eq!(server.call(at_once()).await, Ok(7));
            }
            let wait = async |limit: Duration| {
                let begun = Instant::now();
                assert_late(&server.call(Call::Keep).timeout(limit).await, limit);
                assert!(begun.elapsed() >= limit);
            };
            // With the task's waker, and with one for each.
            tokio::join!(wait(7 * MS), wait(Duration::ZERO), wait(MS), wait(3 * MS));
            join_all((0..40).map(|n| wait(n * MS / 4))).await;
        }
    });
}

// CAL-002
#[tokio::test(start_paused = true)]
async fn a_limit_that_the_clock_cannot_tell_is_as_good_as_none() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        for limit in [TimeLimit::After(Duration::MAX), TimeLimit::Infinity] {
            let mut call = Box::pin(server.call(Call::Keep).timeout(limit));
            assert!(timeout(HOUR, &mut call).await.is_err());
            server.cast(crate::support::act(|lab, _| {
                for kept in lab.kept.drain(..) {
                    kept.send(1);
                }
                Next::NoReply
            }));
            assert_eq!(call.await, Ok(1));
        }
    })
    .await;
}

// CAL-002
#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "it is about tasks that are no processes"
)]
fn a_call_that_moves_between_processes_and_out_of_them_keeps_its_limit() {
    on_each_runtime(async || {
        let server = Lab::start(quiet()).await.unwrap();
        for _ in 0..3 {
            assert_eq!(server.call(at_once()).await, Ok(7));
            let (begun, limit) = (Instant::now(), 20 * MS);
            let its = server.clone();
            let mut call = Box::pin(async move { its.call(Call::Keep).timeout(limit).await });
            assert!(poll_once(call.as_mut()).await.is_pending());
            let probe = Probe::new();
            let told = probe.clone();
            process::spawn(move |_: Mailbox<Never>| async move {
                assert!(poll_once(call.as_mut()).await.is_pending());
                tokio::spawn(async move { told.report(call.await) });
            });
            assert_late(&probe.next().await, limit);
            assert!(begun.elapsed() >= limit);
        }
    });
}

async fn poll_once<F: Future>(mut future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

// CAL-002
#[test]
fn a_call_in_a_nested_runtime_leaves_nothing_behind_that_ends_with_it() {
    threads(2).block_on(in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        for _ in 0..3 {
            tokio::task::block_in_place(|| {
                let nested = one_thread();
                assert_eq!(nested.block_on(server.call(at_once())), Ok(7));
                let answer = nested.block_on(server.call(Call::Keep).timeout(5 * MS));
                assert_late(&answer, 5 * MS);
            });
            assert_eq!(server.call(at_once()).await, Ok(7));
            assert_late(&server.call(Call::Keep).timeout(5 * MS).await, 5 * MS);
            // In the process's own task, but with another runtime entered, which is gone before the time is over.
            let other = threads(1);
            let mut call = Box::pin(server.call(Call::Keep).timeout(30 * MS));
            let mut apart: FuturesUnordered<_> = FuturesUnordered::new();
            apart.push(&mut call);
            poll_fn(|cx| {
                let _entered = other.enter();
                assert!(apart.poll_next_unpin(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            drop(apart);
            other.shutdown_background();
            let mut apart: FuturesUnordered<_> = FuturesUnordered::new();
            apart.push(call);
            assert_late(&apart.next().await.expect("there is one"), 30 * MS);
        }
    }));
}

// CAL-002
#[test]
fn a_call_from_outside_of_tokio_works_or_fails_before_it_is_sent() {
    let runtime = threads(1);
    let probe = Probe::new();
    let node = Node::new();
    let options = Lab::options().on(&node);
    let server = runtime.block_on(options.start(lab(&probe))).unwrap();
    let outside = |limit: TimeLimit, request| {
        let server = server.clone();
        let call = async move { server.call(request).timeout(limit).await };
        thread::spawn(|| block_on(call))
            .join()
            .expect("no call panics")
    };
    let endless = outside(
        TimeLimit::Infinity,
        Box::new(at_once()) as Box<dyn FnOnce(_) -> _ + Send>,
    );
    assert_eq!(endless, Ok(7));
    let refused = outside(TimeLimit::DEFAULT, Box::new(crate::support::echo(1)));
    assert!(
        matches!(refused, Err(CallError::NoRuntime { .. })),
        "{refused:?}"
    );
    let at_once = outside(TimeLimit::After(Duration::ZERO), Box::new(Call::Keep));
    assert_late(&at_once, Duration::ZERO);
    // Made in a process, and then moved to a thread that is in no runtime.
    let its = server.clone();
    let moved = runtime.block_on(node.run(async move {
        let mut call = Box::pin(async move { its.call(Call::Keep).await });
        assert!(poll_once(call.as_mut()).await.is_pending());
        Some(call)
    }));
    let moved = moved.ok().flatten().expect("it does not crash");
    let moved = thread::spawn(|| block_on(moved)).join();
    let moved = moved.expect("no call panics");
    assert!(
        matches!(moved, Err(CallError::NoRuntime { .. })),
        "{moved:?}"
    );
    let mut request = server.send_request(Call::Keep);
    let waited = block_on(request.wait(5 * MS));
    assert!(
        matches!(waited, Some(Err(CallError::NoRuntime { .. }))),
        "{waited:?}"
    );
    // And it learns of the server's end without a timer.
    let gone = outside(
        TimeLimit::Infinity,
        Box::new(ask(|_, from| {
            std::mem::forget(from);
            process::exit(process::current(), ExitReason::Kill);
            Reply::later()
        })),
    );
    assert!(matches!(gone, Err(CallError::Exited { .. })), "{gone:?}");
    assert_eq!(probe.drain(), [crate::support::Event::Init]);
}

/// Runs a future on this thread, with nothing of tokio's.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Thread(thread::Thread);
    impl std::task::Wake for Thread {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(std::sync::Arc::new(Thread(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut TaskContext::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

// GST-005
#[test]
fn a_start_keeps_its_limit_even_if_init_blocks_its_thread() {
    threads(2).block_on(in_process(async {
        for link in [false, true] {
            let (release, blocked) = mpsc::channel::<()>();
            let (telling, told) = mpsc::channel();
            let setup = quiet().init(move |lab, _| {
                telling.send(process::current()).expect("the test waits");
                blocked.recv().expect_err("nobody sends");
                Ok(Init::state(lab))
            });
            let options = Lab::options().name("blocked").timeout(5 * MS);
            let started = match link {
                true => options.start_link(setup).await,
                false => options.start(setup).await,
            };
            assert_eq!(started, Err(StartError::Timeout(5 * MS)));
            // It blocks still, and is dead for others: its name is free.
            let pid = told.recv().expect("it has come to run");
            assert!(!process::node().is_alive(pid));
            let next = Lab::options().name("blocked").start(quiet()).await;
            next.expect("the name is free").stop().await.unwrap();
            drop(release);
            process::node().wait(pid).await;
        }
    }));
}

// GST-005
#[test]
fn a_start_on_one_thread_that_init_blocks_succeeds_if_init_returns_first() {
    one_thread().block_on(in_process(async {
        let limit = 2 * MS;
        let setup = quiet().init(move |lab, _| {
            let begun = std::time::Instant::now();
            while begun.elapsed() < 2 * limit {
                std::hint::spin_loop();
            }
            Ok(Init::state(lab))
        });
        // Its `init` has returned by then, so it has started after all.
        let started = Lab::options().timeout(limit).start(setup).await;
        started
            .expect("the answer was there first")
            .stop()
            .await
            .unwrap();
    }));
}
