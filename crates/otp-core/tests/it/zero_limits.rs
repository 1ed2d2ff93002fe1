//! A limit of zero means now.

use std::time::Duration;

use otp_core::gen_server::StartError;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::supervisor::Strategy;
use otp_core::task::{self, OnTimeout, Task, TaskError};
use otp_core::test::Probe;

use crate::clocks::{under_a_real_clock, under_each_clock};
use crate::support::{Event, Lab, Order, act, echo, lab};

/// Runs a test in a process.
async fn alone<F>(body: impl FnOnce(Mailbox<u32>) -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    Node::new()
        .run_with(body)
        .await
        .expect("no assertion fails");
}

// SIG-004
#[test]
fn a_receive_without_patience_takes_only_what_is_there() {
    under_each_clock(|| {
        alone(|mut mailbox| async move {
            let me = mailbox.me();
            for n in 0..100 {
                assert_eq!(mailbox.receive().timeout(Duration::ZERO).await, None);
                me.send(n);
                assert_eq!(mailbox.receive().timeout(Duration::ZERO).await, Some(n));
                let is_it = |m: &u32| *m == n;
                let nothing = mailbox.receive_match(is_it).timeout(Duration::ZERO);
                assert_eq!(nothing.await, None);
                me.send(n);
                let it = mailbox.receive_match(is_it).timeout(Duration::ZERO);
                assert_eq!(it.await, Some(n));
            }
        })
    });
}

/// On one thread, another process does not come to run within such a receive, so what it sends is not there.
#[test]
fn a_receive_without_patience_lets_nobody_else_run() {
    let runtime = crate::clocks::one_thread();
    crate::clocks::ends(
        runtime,
        alone(|mut mailbox| async move {
            for n in 0..100 {
                let me = mailbox.me();
                process::spawn(move |_: Mailbox<Never>| async move { me.send(n) });
                assert_eq!(mailbox.receive().timeout(Duration::ZERO).await, None);
                assert_eq!(mailbox.receive().await, n);
            }
        }),
    );
}

/// Nor does it need tokio's timers: here there are none.
#[test]
fn a_receive_without_patience_needs_no_timer() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    crate::clocks::ends(
        runtime.expect("a runtime can be made"),
        alone(|mut mailbox| async move {
            assert_eq!(mailbox.receive().timeout(Duration::ZERO).await, None);
            let nothing = mailbox.receive_match(|_| true).timeout(Duration::ZERO);
            assert_eq!(nothing.await, None);
        }),
    );
}

#[test]
fn one_that_looks_without_patience_again_and_again_lets_others_run() {
    under_a_real_clock(|| {
        alone(|mut mailbox| async move {
            let me = mailbox.me();
            process::spawn(move |_: Mailbox<Never>| async move { me.send(1) });
            // Each of them as long as it takes.
            while mailbox.receive().timeout(Duration::ZERO).await.is_none() {}
            let me = mailbox.me();
            process::spawn(move |_: Mailbox<Never>| async move { me.send(2) });
            let mut look = async || {
                mailbox
                    .receive_match(|n| *n == 2)
                    .timeout(Duration::ZERO)
                    .await
            };
            while look().await.is_none() {}
        })
    });
}

// SIG-004
#[test]
fn a_selective_receive_without_patience_looks_at_all_that_is_there() {
    under_each_clock(|| {
        alone(|mut mailbox| async move {
            let me = mailbox.me();
            for n in 0..5_000 {
                me.send(n);
            }
            let last = mailbox
                .receive_match(|n| *n == 4_999)
                .timeout(Duration::ZERO);
            assert_eq!(last.await, Some(4_999));
            assert_eq!(mailbox.len(), 4_999);
        })
    });
}

// TMO-003
#[test]
fn a_server_with_a_limit_of_zero_and_an_empty_mailbox_gets_its_timeout_at_once() {
    under_each_clock(|| async {
        let done = Node::new().run(async {
            let probe = Probe::new();
            let server = Lab::start(lab(&probe)).await.expect("its init cannot fail");
            let zero = || act(|_, _| Next::Timeout(Duration::ZERO));
            for _ in 0..10 {
                server.cast(zero());
                while probe.next().await != Event::Timeout {}
            }
            // What is queued goes first, and takes the limit away.
            server.cast(act(move |_, context| {
                context.me().cast(Order::Note(1));
                Next::Timeout(Duration::ZERO)
            }));
            assert_eq!(probe.next().await, Event::Cast(1));
            assert_eq!(server.call(echo(2)).await, Ok(2));
            assert_eq!(probe.drain(), [Event::Call(2)]);
        });
        done.await.expect("no assertion fails");
    });
}

#[test]
fn a_server_that_lives_by_timeouts_of_zero_lets_others_run() {
    /// Counts its timeouts for ever.
    struct Busy;

    impl GenServer for Busy {
        type Args = ();
        type Call = Never;
        type Cast = Never;
        type Info = Never;
        type Continue = Never;

        async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::state(Self).then(Next::Timeout(Duration::ZERO)))
        }

        async fn handle_info(&mut self, _: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
            Next::Timeout(Duration::ZERO)
        }
    }

    under_a_real_clock(|| async {
        let done = Node::new().run(async {
            let server = Busy::start(()).await.expect("its init cannot fail");
            process::exit(&server, ExitReason::Shutdown);
            server.wait().await
        });
        assert_eq!(done.await, Ok(ExitReason::Shutdown));
    });
}

/// Waits until these tasks have ended, and takes nothing from them.
async fn ended(tasks: impl IntoIterator<Item = &Task<u32>>) {
    for task in tasks {
        let pid = task.pid().expect("it was spawned");
        process::node().wait(pid).await;
    }
}

fn done() -> Task<u32> {
    Task::spawn(async { 1 })
}

fn hangs() -> Task<u32> {
    Task::spawn(std::future::pending())
}

const LATE: TaskError = TaskError::Timeout {
    limit: Duration::ZERO,
};

#[test]
fn a_task_is_waited_for_without_patience() {
    under_each_clock(|| {
        alone(|_| async {
            let (first, mut second, third) = (done(), done(), done());
            let mut hanging = hangs();
            ended([&first, &second, &third]).await;
            assert_eq!(first.timeout(Duration::ZERO).await, Ok(1));
            assert_eq!(second.wait(Duration::ZERO).await, Some(Ok(1)));
            assert_eq!(third.shutdown(Duration::ZERO).await, Some(Ok(1)));
            assert_eq!(hanging.wait(Duration::ZERO).await, None);
            // The order to shut down ends it, before the kill.
            assert_eq!(hanging.shutdown(Duration::ZERO).await, None);
            assert_eq!(hangs().timeout(Duration::ZERO).await, Err(LATE));
            let probe = Probe::new();
            let there = probe.clone();
            let traps = Task::spawn_with(|mut mailbox: Mailbox<Exit>| async move {
                mailbox.trap_exit(|exit| exit);
                there.report(());
                std::future::pending::<u32>().await
            });
            probe.next().await;
            let killed = TaskError::Exited {
                reason: ExitReason::Killed,
            };
            assert_eq!(traps.shutdown(Duration::ZERO).await, Some(Err(killed)));
        })
    });
}

#[test]
fn many_tasks_are_waited_for_without_patience() {
    under_each_clock(|| {
        alone(|_| async {
            // More than are looked at in one go.
            let many = || (0..200).map(|_| done()).collect::<Vec<_>>();
            let (all, mut some) = (many(), many());
            ended(all.iter().chain(&some)).await;
            some.push(hangs());
            let all = task::await_many(all, Duration::ZERO).await;
            assert_eq!(all, Ok(vec![1; 200]));
            let some = task::yield_many(&mut some, Duration::ZERO).await;
            let is_there = |found: &Option<Result<u32, TaskError>>| *found == Some(Ok(1));
            assert!(some[..200].iter().all(is_there), "{some:?}");
            assert_eq!(some[200], None);
            let late = task::await_many([done(), hangs()], Duration::ZERO).await;
            assert_eq!(late, Err(LATE));
        })
    });
}

#[test]
fn a_stream_without_patience_gives_each_task_up_at_once() {
    under_each_clock(|| {
        alone(|_| async {
            let stream = task::async_stream(0..3, |_| std::future::pending::<u32>());
            let stream = stream.max_concurrency(1).timeout(Duration::ZERO);
            let mut stream = stream.on_timeout(OnTimeout::KillTask);
            for _ in 0..3 {
                assert_eq!(stream.next().await, Some(Err(ExitReason::Timeout)));
            }
            assert_eq!(stream.next().await, None);
        })
    });
}

#[test]
fn servers_are_started_asked_and_stopped_without_patience() {
    under_each_clock(|| {
        alone(|_| async {
            let probe = Probe::new();
            let start = Lab::options().timeout(Duration::ZERO);
            let started = start.start(lab(&probe)).await;
            assert_eq!(started.map(drop), Err(StartError::Timeout(Duration::ZERO)));

            let server = Lab::start(lab(&probe)).await.expect("its init cannot fail");
            let mut request = server.send_request(echo(1));
            assert!(request.wait(Duration::ZERO).await.is_none());
            // The one before it is answered by then.
            assert_eq!(server.call(echo(3)).await, Ok(3));
            assert_eq!(request.wait(Duration::ZERO).await, Some(Ok(1)));
            let late = server.call(echo(2)).timeout(Duration::ZERO).await;
            assert!(matches!(late, Err(CallError::Timeout { .. })), "{late:?}");
            // It stops nevertheless.
            let stopped = server.stop().timeout(Duration::ZERO).await;
            assert!(stopped.is_err(), "{stopped:?}");
            assert_eq!(server.wait().await, ExitReason::Normal);
        })
    });
}

#[test]
fn a_child_without_time_to_end_is_killed_at_once() {
    under_each_clock(|| {
        alone(|_| async {
            let probe = Probe::new();
            let there = probe.clone();
            let child = ChildSpec::worker("child", move || {
                let there = there.clone();
                async {
                    process::spawn_link(|mut mailbox: Mailbox<Exit>| async move {
                        mailbox.trap_exit(|exit| exit);
                        there.report(());
                        std::future::pending::<()>().await;
                    })
                }
            });
            let child = child.shutdown(Shutdown::Within(Duration::ZERO));
            let supervisor = Supervisor::new(Strategy::OneForOne).child(child);
            let supervisor = supervisor.start_link().await.expect("it starts");
            let children = supervisor.which_children().await.expect("it runs");
            let child = children[0].pid().expect("it runs");
            probe.next().await;
            let node = process::node();
            let (ended, stopped) =
                tokio::join!(node.wait(child), supervisor.terminate_child("child"));
            assert_eq!((ended, stopped), (Some(ExitReason::Killed), Ok(())));
        })
    });
}
