//! A process that is ended over what it waits for does not go on with the failure in its hand, on however many threads.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp_core::application::RestartType;
use otp_core::gen_server::{self, RequestSet};
use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_core::proc_lib;
use otp_core::task::Task;
use otp_core::{Agent, Applications, Registry, TimeLimit, process, sys, task};
use tokio::runtime::Builder;

use crate::puppet::boom;
use crate::support::{Lab, act, quiet, stop};

const ROUNDS: u32 = 1000;

/// Plays a round many times on one worker and on two: a process does `what`, is ended over it with this reason, and is not
/// to come to its end by itself.
fn nobody_goes_on<F, W>(reason: &ExitReason, what: W)
where
    W: Fn(Mailbox<()>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    for workers in [1, 2] {
        let runtime = Builder::new_multi_thread()
            .worker_threads(workers)
            .enable_time()
            .build();
        let runtime = runtime.expect("a runtime can be built");
        let (what, reason) = (what.clone(), reason.clone());
        let went_on = Arc::new(AtomicU32::new(0));
        let counted = went_on.clone();
        let rounds = async move {
            for _ in 0..ROUNDS {
                // Something goes on: all workers are awake.
                let _awake = Lab::start(quiet()).await;
                let (what, counted) = (what.clone(), counted.clone());
                let process = process::spawn(|mailbox: Mailbox<()>| async move {
                    what(mailbox).await;
                    counted.fetch_add(1, Ordering::Relaxed);
                });
                assert_eq!(process.wait().await, reason);
            }
        };
        let played = runtime.block_on(Node::new().run(rounds));
        played.expect("the rounds do not fail");
        let went_on = went_on.load(Ordering::Relaxed);
        assert_eq!(went_on, 0, "of {ROUNDS} went on, with {workers} workers");
    }
}

async fn linked() -> ServerRef<Lab> {
    Lab::start_link(quiet()).await.expect("its init is quiet")
}

// GST-002, LNK-001
#[test]
fn a_starter_that_the_link_ends_does_not_see_its_start_fail() {
    nobody_goes_on(&boom(), |_| async {
        let failing = quiet().init(|_, _| Err(boom()));
        let _ = Lab::start_link(failing).await;
    });
}

// LNK-001
#[test]
fn a_starter_of_a_raw_process_that_the_link_ends_does_not_see_its_start_fail() {
    nobody_goes_on(&boom(), |_| async {
        let started = proc_lib::start_link(|_: Mailbox<Never>, ack| async { ack.fail(boom()) });
        let _ = started.await;
    });
}

// LNK-001
#[test]
fn a_stopper_that_the_link_ends_does_not_see_the_stop_return() {
    nobody_goes_on(&boom(), |_| async {
        let _ = linked().await.stop_with(boom()).await;
    });
    nobody_goes_on(&boom(), |_| async {
        let server = linked().await;
        let _ = server
            .stop_with(boom())
            .timeout(Duration::from_secs(60))
            .await;
    });
}

// LNK-001: it finds the server dying, and the EXIT is on its way.
#[test]
fn a_stopper_that_finds_its_server_dying_ends_by_the_link() {
    nobody_goes_on(&boom(), |_| async {
        let server = linked().await;
        server.cast(stop(boom()));
        let _ = server.stop_with(boom()).await;
    });
}

// LNK-001
#[test]
fn a_waiter_that_the_link_ends_does_not_see_the_end() {
    nobody_goes_on(&boom(), |_| async {
        let server = linked().await;
        server.cast(stop(boom()));
        server.wait().await;
    });
    nobody_goes_on(&boom(), |mailbox| async move {
        let other = process::spawn_link(|_: Mailbox<Never>| async { boom() });
        // By pid, and perhaps when it is there no more.
        mailbox.me().send(());
        process::node().wait(other.pid()).await;
        let mut mailbox = mailbox;
        mailbox.receive().await;
        std::future::pending::<()>().await;
    });
}

// EXR-005
#[test]
fn a_process_that_has_ended_itself_passes_no_await_not_even_one_that_is_ready() {
    nobody_goes_on(&ExitReason::Normal, |mailbox| async move {
        let dead = process::spawn(|_: Mailbox<Never>| async {});
        dead.wait().await;
        process::exit(mailbox.pid(), ExitReason::Normal);
        dead.wait().await;
    });
    nobody_goes_on(&ExitReason::Normal, |mailbox| async move {
        let dead = process::spawn(|_: Mailbox<Never>| async {});
        dead.wait().await;
        let pid = dead.pid();
        process::exit(mailbox.pid(), ExitReason::Normal);
        process::node().wait(pid).await;
    });
    nobody_goes_on(&ExitReason::Normal, |mailbox| async move {
        let server = Lab::start(quiet()).await.expect("its init is quiet");
        server.stop().await.expect("it lives");
        process::exit(mailbox.pid(), ExitReason::Normal);
        let _ = server.stop().await;
    });
    nobody_goes_on(&ExitReason::Normal, |mailbox| async move {
        let mut mailbox = mailbox;
        mailbox.me().send(());
        process::exit(mailbox.pid(), ExitReason::Normal);
        mailbox.receive().await;
    });
}

type Awaiting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Makes a future that is ready at its first poll.
type Ready = Box<dyn FnOnce() -> Awaiting + Send>;

/// What can be awaited and is ready at once, whether it succeeds or fails; made before the process ends itself.
fn ready_at_once() -> Vec<(&'static str, Ready)> {
    macro_rules! cases {
        ($($name:literal: $future:expr,)*) => {
            vec![$(($name, Box::new(|| Box::pin(async { let _ = $future.await; })))),*]
        };
    }
    fn registry() -> Registry<u32, u32> {
        Registry::unique("not running")
    }
    fn nobody() -> ServerName<Lab> {
        ServerName::new("nobody")
    }
    fn message() -> <Lab as GenServer>::Cast {
        act(|_, _| Next::NoReply)
    }
    cases! {
        "Registry::lock": registry().lock(1_u32, || async {}),
        "Registry::stop": registry().stop(),
        "Registry::dispatch_parallel": registry().dispatch_parallel(&1, |_| {}),
        "Scope::join": Scope::<u32>::new("not running").join(1_u32, process::current()),
        "Task": Task::completed(1),
        "Task::shutdown": Task::completed(1).shutdown(TimeLimit::Infinity),
        "Task::kill": Task::completed(1).kill(),
        "task::await_many": task::await_many::<u32>([], TimeLimit::Infinity),
        "task::yield_many": task::yield_many::<u32>(&mut [], TimeLimit::Infinity),
        "AsyncStream::next": task::async_stream(0..0, |_: u32| async {}).next(),
        "AsyncStream::close": task::async_stream(0..0, |_: u32| async {}).close(),
        "RequestSet::next": RequestSet::<u32, Lab, u32>::new().next(),
        "multi_call": gen_server::multi_call::<Lab, u32, _>(&[], TimeLimit::Infinity, |_| unreachable!("there is none")),
        "ServerName::cast_wait": nobody().cast_wait(message()),
        "ServerName::stop": nobody().stop(),
        "Agent::get": Agent::<u32>::named("nobody").get(|_| ()),
        "sys::suspend": sys::suspend(&nobody()),
        "sys::get_state": sys::get_state(&nobody(), |_| ()),
        "Applications::start": Applications::here().start("none"),
        "Applications::stop": Applications::here().stop("none"),
        "Applications::ensure_all_started": Applications::here().ensure_all_started("none", RestartType::Temporary),
        "Applications::change_config": Applications::here().change_config("none", []),
        "Applications::shutdown": Applications::on(&Node::new()).shutdown(Duration::ZERO),
    }
}

// EXR-005
#[otp_core::test]
async fn a_process_that_has_ended_itself_passes_nothing_that_is_ready_at_once() {
    let mut passed = Vec::new();
    for (name, make) in ready_at_once() {
        let went_on = Arc::new(AtomicU32::new(0));
        let counted = went_on.clone();
        let process = process::spawn(|mailbox: Mailbox<Never>| async move {
            let awaiting = make();
            process::exit(mailbox.pid(), ExitReason::Normal);
            awaiting.await;
            counted.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(process.wait().await, ExitReason::Normal, "{name}");
        if went_on.load(Ordering::Relaxed) > 0 {
            passed.push(name);
        }
    }
    assert!(passed.is_empty(), "passed: {passed:?}");
}

// EXR-005: what others have made ready by then.
#[otp_core::test]
async fn a_process_that_has_ended_itself_gets_no_result_of_a_stream_that_is_there() {
    let got = Arc::new(AtomicU32::new(0));
    let counted = got.clone();
    let process = process::spawn(|mailbox: Mailbox<Never>| async move {
        let mut stream = task::async_stream(0..3, |n: u32| async move { n }).max_concurrency(3);
        assert_eq!(stream.next().await, Some(Ok(0)));
        tokio::time::sleep(Duration::from_millis(5)).await;
        process::exit(mailbox.pid(), ExitReason::Normal);
        stream.next().await;
        counted.fetch_add(1, Ordering::Relaxed);
    });
    assert_eq!(process.wait().await, ExitReason::Normal);
    assert_eq!(got.load(Ordering::Relaxed), 0);
}

// EXR-005: whatever a server's callback decides after that.
#[test]
fn a_server_that_has_ended_itself_does_nothing_more() {
    nobody_goes_on(&boom(), |_| async {
        let server = linked().await;
        server.cast(act(|_, context| {
            process::exit(context.pid(), boom());
            Next::Stop(ExitReason::Normal)
        }));
        server.wait().await;
    });
}
