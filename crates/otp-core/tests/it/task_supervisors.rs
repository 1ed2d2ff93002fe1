//! Task supervisors: tasks that have a place in the tree.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::supervisor::{StartChildError, TerminateChildError};
use otp_core::task::{self, AsyncStream, OnTimeout, TaskError};
use otp_core::{Task, TaskSupervisor, process};
use tokio::time::Instant;

use crate::support::{Heard, in_process, settle, with_mailbox};

fn boo() -> ExitReason {
    ExitReason::other("boo")
}

// TSK-014
#[tokio::test(start_paused = true)]
async fn a_supervised_task_is_linked_with_its_owner_only_if_asked_to() {
    in_process(async {
        let me = process::current();
        let tasks = TaskSupervisor::new().start().await.unwrap();
        let look = || async {
            let info = process::node().process_info(process::current()).unwrap();
            (info.links, info.ancestors, task::callers())
        };
        let linked = tasks.spawn(look()).await.unwrap();
        let (links, ancestors, callers) = linked.await.unwrap();
        assert_eq!(links, [me, tasks.pid()]);
        assert_eq!((ancestors[0], callers), (tasks.pid(), vec![me]));
        let alone = tasks.spawn_nolink(look()).await.unwrap();
        let (links, ancestors, callers) = alone.await.unwrap();
        assert_eq!(links, [tasks.pid()]);
        assert_eq!((ancestors[0], callers), (tasks.pid(), vec![me]));

        let failing = async { process::exit_self(boo()) };
        let failing = tasks.spawn_nolink::<_>(failing).await.unwrap();
        let failed: Result<(), _> = failing.await;
        assert_eq!(failed, Err(TaskError::Exited { reason: boo() }));
        let supervisor = tasks.clone();
        let owner = process::spawn(move |_: Mailbox<Never>| async move {
            let failing = async { process::exit_self(boo()) };
            let task = supervisor.spawn::<_>(failing).await.unwrap();
            let _: Result<(), _> = task.await;
        });
        assert_eq!(owner.wait().await, boo());
        assert_eq!(tasks.children().await, Ok(vec![]));
    })
    .await;
}

// TSK-014
#[tokio::test(start_paused = true)]
async fn a_task_supervisor_stops_its_tasks_and_has_no_more_than_it_may() {
    in_process(async {
        let tasks = TaskSupervisor::new().max_children(2);
        let tasks = tasks.start().await.unwrap();
        let first = tasks.spawn_nolink(pending::<()>()).await.unwrap();
        let second = tasks.spawn_nolink(pending::<()>()).await.unwrap();
        let third = tasks.spawn_nolink(pending::<()>()).await;
        assert_eq!(third.unwrap_err(), StartChildError::MaxChildren(2));
        let pid = first.pid().unwrap();
        assert_eq!(tasks.terminate_child(pid).await, Ok(()));
        let ended = first.await;
        let reason = ExitReason::Shutdown;
        assert_eq!(ended, Err(TaskError::Exited { reason }));
        assert_eq!(tasks.children().await, Ok(vec![second.pid().unwrap()]));
        let again = tasks.terminate_child(pid).await;
        assert_eq!(again, Err(TerminateChildError::NotAChild(pid)));
        assert_eq!(tasks.stop().await, Ok(()));
        assert!(second.await.is_err());
    })
    .await;
}

// TSK-014
#[tokio::test(start_paused = true)]
async fn each_task_has_the_shutdown_that_it_was_started_with() {
    in_process(async {
        let tasks = TaskSupervisor::new().start().await.unwrap();
        let killed = tasks.with_shutdown(Shutdown::BrutalKill);
        let killed = killed.spawn_nolink(pending::<()>()).await.unwrap();
        let start = Instant::now();
        let pid = killed.pid().unwrap();
        assert_eq!(tasks.terminate_child(pid).await, Ok(()));
        assert_eq!(start.elapsed(), Duration::ZERO);
        let reason = ExitReason::Killed;
        assert_eq!(killed.await, Err(TaskError::Exited { reason }));
    })
    .await;
}

// TSK-014
#[tokio::test(start_paused = true)]
async fn a_child_without_a_value_may_be_restarted() {
    in_process(async {
        let tasks = TaskSupervisor::new().max_restarts(10, Duration::from_secs(5));
        let tasks = tasks.start().await.unwrap();
        for (restart, starts) in [(Restart::Temporary, 1), (Restart::Transient, 3)] {
            let count = Arc::new(AtomicU32::new(0));
            let counted = count.clone();
            let work = move || {
                let third = counted.fetch_add(1, Ordering::Relaxed) == 2;
                async move { if third { Ok(()) } else { Err(boo()) } }
            };
            tasks.start_child(restart, work).await.unwrap();
            settle().await;
            assert_eq!(count.load(Ordering::Relaxed), starts, "{restart:?}");
            assert_eq!(tasks.children().await, Ok(vec![]));
        }
    })
    .await;
}

/// What a stream yields, to its end.
async fn all<I, T>(mut stream: AsyncStream<I, T>) -> Vec<Result<T, ExitReason>>
where
    I: Iterator,
    T: Send + 'static,
{
    let mut results = Vec::new();
    while let Some(result) = stream.next().await {
        results.push(result);
    }
    results
}

/// Twice a number; there is no such thing for 2.
async fn double(n: u32) -> u32 {
    if n == 2 {
        process::exit_self(boo());
    }
    2 * n
}

// TSK-013, TSK-014
#[tokio::test(start_paused = true)]
async fn the_tasks_of_a_supervised_stream_are_the_supervisors_and_no_more_at_a_time_than_asked_for()
{
    in_process(async {
        let me = process::current();
        let tasks = TaskSupervisor::new().start().await.unwrap();
        for link in [true, false] {
            let (running, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
            let work = {
                let most = most.clone();
                move |n: u32| {
                    let (running, most) = (running.clone(), most.clone());
                    async move {
                        most.fetch_max(
                            running.fetch_add(1, Ordering::Relaxed) + 1,
                            Ordering::Relaxed,
                        );
                        tokio::time::sleep(Duration::from_secs(u64::from(5 - n))).await;
                        running.fetch_sub(1, Ordering::Relaxed);
                        let info = process::node().process_info(process::current()).unwrap();
                        (n, info.ancestors[0], task::callers(), info.links.len())
                    }
                }
            };
            let stream = match link {
                true => tasks.async_stream(1..=4, work),
                false => tasks.async_stream_nolink(1..=4, work),
            };
            let results = all(stream.max_concurrency(2)).await;
            let links = 1 + usize::from(link);
            let expected = (1..=4).map(|n| Ok((n, tasks.pid(), vec![me], links)));
            assert_eq!(results, Vec::from_iter(expected));
            assert_eq!(most.load(Ordering::Relaxed), 2);
            assert_eq!(tasks.children().await, Ok(vec![]));
        }
        let ended = tasks.async_stream([3, 1, 2], |n: u64| async move {
            tokio::time::sleep(Duration::from_secs(n)).await;
            n
        });
        let ended = all(ended.max_concurrency(3).unordered()).await;
        assert_eq!(ended, [Ok(1), Ok(2), Ok(3)]);
    })
    .await;
}

// TSK-013, TSK-014
#[tokio::test(start_paused = true)]
async fn a_task_of_a_supervised_stream_fails_alone_if_it_has_no_link_or_its_owner_traps_exits() {
    with_mailbox(|mut mailbox: Mailbox<Heard>| async move {
        let tasks = TaskSupervisor::new().start().await.unwrap();
        let failed = [Ok(2), Err(boo()), Ok(6)];
        assert_eq!(all(tasks.async_stream_nolink(1..=3, double)).await, failed);
        let mut zipped = tasks.async_stream_nolink([2], double).zip_input_on_exit();
        assert_eq!(zipped.next().await, Some(Err((2, boo()))));

        let supervisor = tasks.clone();
        let owner = process::spawn(move |_: Mailbox<Never>| async move {
            all(supervisor.async_stream(1..=3, double)).await;
        });
        assert_eq!(owner.wait().await, boo());

        mailbox.trap_exit(Heard::Exit);
        assert_eq!(all(tasks.async_stream(1..=3, double)).await, failed);
        assert_eq!(tasks.children().await, Ok(vec![]));
        assert_eq!(
            mailbox.receive().timeout(Duration::from_secs(1)).await,
            None
        );
    })
    .await;
}

// TSK-013
#[tokio::test(start_paused = true)]
async fn no_task_of_a_supervised_stream_outlives_the_stream_or_its_owner() {
    in_process(async {
        let tasks = TaskSupervisor::new().start().await.unwrap();
        let stuck = |_: u32| pending::<()>();
        for link in [true, false] {
            let start = |tasks: &otp_core::TaskSupervisorRef| match link {
                true => tasks.async_stream(1..=3, stuck),
                false => tasks.async_stream_nolink(1..=3, stuck),
            };
            // Before the supervisor has come to start any, and afterwards.
            for wait in [Duration::ZERO, Duration::from_secs(1)] {
                let mut stream = start(&tasks).max_concurrency(3);
                assert!(tokio::time::timeout(wait, stream.next()).await.is_err());
                drop(stream);
                settle().await;
                assert_eq!(tasks.children().await, Ok(vec![]));
            }
            let mut stream = start(&tasks).max_concurrency(3);
            assert!(
                tokio::time::timeout(Duration::from_secs(1), stream.next())
                    .await
                    .is_err()
            );
            assert_eq!(tasks.children().await.unwrap().len(), 3);
            stream.close().await;
            assert_eq!(tasks.children().await, Ok(vec![]));

            let supervisor = tasks.clone();
            let owner = process::spawn(move |_: Mailbox<Never>| async move {
                let mut stream = match link {
                    true => supervisor.async_stream(1..=3, stuck),
                    false => supervisor.async_stream_nolink(1..=3, stuck),
                };
                stream.next().await;
            });
            settle().await;
            assert!(!tasks.children().await.unwrap().is_empty());
            process::exit(&owner, ExitReason::Kill);
            settle().await;
            assert_eq!(tasks.children().await, Ok(vec![]));
        }
    })
    .await;
}

// TSK-013
#[tokio::test(start_paused = true)]
async fn a_supervised_stream_ends_over_a_late_task_or_kills_it_as_asked_for() {
    in_process(async {
        let tasks = TaskSupervisor::new().start().await.unwrap();
        let late = |n: u64| async move {
            tokio::time::sleep(Duration::from_secs(n)).await;
            n
        };
        for link in [true, false] {
            let start = || {
                let stream = match link {
                    true => tasks.async_stream([1, 9, 2], late),
                    false => tasks.async_stream_nolink([1, 9, 2], late),
                };
                stream.max_concurrency(3).timeout(Duration::from_secs(3))
            };
            let ends = all(start()).await;
            assert_eq!(ends, [Ok(1), Err(ExitReason::Timeout)]);
            settle().await;
            assert_eq!(tasks.children().await, Ok(vec![]));
            let kills = all(start().on_timeout(OnTimeout::KillTask)).await;
            assert_eq!(kills, [Ok(1), Err(ExitReason::Timeout), Ok(2)]);
            assert_eq!(tasks.children().await, Ok(vec![]));
        }
    })
    .await;
}

// TSK-014
#[tokio::test(start_paused = true)]
async fn a_supervised_stream_whose_task_does_not_start_ends_with_that() {
    in_process(async {
        let tasks = TaskSupervisor::new().max_children(1).start().await.unwrap();
        let stuck = tasks.async_stream_nolink([1, 2], |_: u32| pending::<()>());
        let told = all(stuck.max_concurrency(2)).await;
        let reason = ExitReason::from(StartChildError::MaxChildren(1));
        assert_eq!(told.len(), 1);
        assert_eq!(
            told[0].as_ref().unwrap_err().to_string(),
            reason.to_string()
        );
        settle().await;
        assert_eq!(tasks.children().await, Ok(vec![]));
        tasks.stop().await.unwrap();
        let told = all(tasks.async_stream([1], double)).await;
        assert!(matches!(told[..], [Err(_)]), "{told:?}");
    })
    .await;
}

// TSK-009, TSK-014
#[tokio::test(start_paused = true)]
async fn a_task_with_a_mailbox_traps_exits_and_answers_before_it_ends() {
    in_process(async {
        let tasks = TaskSupervisor::new().start().await.unwrap();
        let (me, second) = (process::current(), Duration::from_secs(1));
        let answers = |mut mailbox: Mailbox<Exit>| async move {
            mailbox.trap_exit(|exit| exit);
            mailbox.receive().await
        };
        let stays = |mut mailbox: Mailbox<Exit>| async move {
            mailbox.trap_exit(|exit| exit);
            pending::<Exit>().await
        };
        let told = Exit {
            from: me,
            reason: ExitReason::Shutdown,
        };
        let killed = TaskError::Exited {
            reason: ExitReason::Killed,
        };
        let alone = Task::spawn_with(answers);
        let linked = tasks.spawn_with(answers).await.unwrap();
        let unlinked = tasks.spawn_nolink_with(answers).await.unwrap();
        settle().await;
        for task in [alone, linked, unlinked] {
            assert_eq!(task.shutdown(second).await, Some(Ok(told.clone())));
        }
        let stuck = Task::spawn_with(stays);
        settle().await;
        assert_eq!(stuck.shutdown(second).await, Some(Err(killed)));
    })
    .await;
}
