//! Tasks: one process, one value, one owner.

use std::future::pending;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::task::{self, TaskError};
use otp_core::test::Probe;
use otp_core::{Task, process};
use tokio::time::Instant;
use tokio::time::sleep;

use crate::support::{Heard, in_process, panic_of, settle, with_mailbox};

const SOON: Duration = Duration::from_millis(30);

fn boo() -> ExitReason {
    ExitReason::other("boo")
}

/// A task that ends with this reason, after a while.
fn failing(reason: impl Into<ExitReason>) -> Task<u32> {
    let reason = reason.into();
    Task::spawn(async move {
        sleep(SOON).await;
        process::exit_self(reason)
    })
}

fn exited<T>(reason: impl Into<ExitReason>) -> Result<T, TaskError> {
    Err(TaskError::Exited {
        reason: reason.into(),
    })
}

/// The process has no links and monitors and nothing in its mailbox.
#[track_caller]
fn nothing_is_left(mailbox: &Mailbox<Heard>) {
    assert!(mailbox.is_empty(), "messages are left");
    let info = process::node()
        .process_info(process::current())
        .expect("this process lives");
    assert_eq!((info.links, info.monitors), (Vec::new(), Vec::new()));
}

// TSK-001
#[tokio::test(start_paused = true)]
async fn a_task_is_a_linked_process_with_its_owner_as_parent() {
    in_process(async {
        let me = process::current();
        let task = Task::spawn(async {
            let info = process::node().process_info(process::current()).unwrap();
            sleep(SOON).await;
            info
        });
        let pid = task.pid().unwrap();
        assert_eq!(task.owner(), me);
        let info = task.await.unwrap();
        assert_eq!(info.pid, pid);
        assert_eq!(info.links, [me]);
        assert_eq!(info.ancestors, [me]);
    })
    .await;
}

// TSK-002
#[tokio::test(start_paused = true)]
async fn await_returns_the_value_and_leaves_nothing_behind() {
    with_mailbox(|mailbox: Mailbox<Heard>| async move {
        let task = Task::spawn(async { 7 });
        assert_eq!(task.await, Ok(7));
        settle().await;
        nothing_is_left(&mailbox);
        let done_before = Task::spawn(async { 8 });
        settle().await;
        assert_eq!(done_before.await, Ok(8));
        nothing_is_left(&mailbox);
    })
    .await;
}

// TSK-002, TSK-003
#[tokio::test(start_paused = true)]
async fn await_waits_for_five_seconds_and_a_later_value_never_shows_up() {
    with_mailbox(|mailbox: Mailbox<Heard>| async move {
        let probe = Probe::new();
        let slow = |probe: Probe<u32>| {
            Task::spawn(async move {
                sleep(Duration::from_secs(6)).await;
                probe.report(9);
                9
            })
        };
        let start = Instant::now();
        let five = Duration::from_secs(5);
        let late = slow(probe.clone()).await;
        assert_eq!(late, Err(TaskError::Timeout { limit: five }));
        assert_eq!(start.elapsed(), five);
        let late = slow(probe.clone()).timeout(SOON).await;
        assert_eq!(late, Err(TaskError::Timeout { limit: SOON }));
        assert_eq!((probe.next().await, probe.next().await), (9, 9));
        settle().await;
        nothing_is_left(&mailbox);
    })
    .await;
}

// TSK-004, TSK-005
#[tokio::test(start_paused = true)]
async fn a_task_without_a_value_fails_its_trapping_owner_with_the_reason_and_an_exit() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        for reason in [boo(), ExitReason::Normal, ExitReason::Shutdown] {
            let task = failing(reason.clone());
            let from = task.pid().unwrap();
            assert_eq!(task.await, exited(reason.clone()));
            assert_eq!(mailbox.len(), 1, "the exit has come with the failure");
            let exit = Exit { from, reason };
            assert_eq!(mailbox.receive().await, Heard::Exit(exit));
        }
        let task: Task<()> = Task::spawn(async { panic!("no value") });
        match task.await {
            Err(TaskError::Exited { reason }) => assert_eq!(panic_of(&reason).message, "no value"),
            other => panic!("{other:?}"),
        }
        let task = Task::spawn(pending::<()>());
        process::exit(task.pid().unwrap(), ExitReason::Kill);
        assert_eq!(task.await, exited(ExitReason::Killed));
    })
    .await;
}

// TSK-005
#[tokio::test(start_paused = true)]
async fn a_task_that_fails_takes_an_owner_along_that_does_not_trap_exits() {
    in_process(async {
        let probe = Probe::new();
        let told = probe.clone();
        let owner = process::spawn(move |_: Mailbox<Never>| async move {
            told.report(failing(boo()).await);
        });
        assert_eq!(owner.wait().await, boo());
        assert_eq!(probe.drain(), [], "it did not live to see the failure");

        let owner = process::spawn(|_: Mailbox<Never>| async {
            let _task = Task::spawn(pending::<()>());
            process::exit_self(boo())
        });
        assert_eq!(owner.wait().await, boo());
        settle().await;
        assert_eq!(process::node().processes(), [process::current()]);
    })
    .await;
}

// TSK-006
#[tokio::test(start_paused = true)]
async fn only_the_owner_gets_at_the_value() {
    in_process(async {
        let owner = process::current();
        let task = |n: u32| Task::spawn(async move { n });
        let (a, mut b, c, d, e) = (task(1), task(2), task(3), task(4), task(5));
        let thief = Task::spawn(async move {
            let start = Instant::now();
            let stolen = [
                a.await,
                b.wait(SOON).await.expect("an error"),
                c.shutdown(SOON).await.expect("an error"),
                d.kill().await.expect("an error"),
                e.ignore().expect("an error"),
                task::await_many([b], SOON).await.map(|_| 0),
            ];
            assert_eq!(start.elapsed(), Duration::ZERO);
            (process::current(), stolen)
        });
        let (thief, stolen) = thief.await.unwrap();
        for stolen in stolen {
            let caller = Some(thief);
            assert_eq!(stolen, Err(TaskError::NotOwner { owner, caller }));
        }
    })
    .await;
}

// TSK-007
#[tokio::test(start_paused = true)]
async fn yield_may_be_repeated_until_there_is_a_value_or_a_failure() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        let mut task = Task::spawn(async {
            sleep(SOON).await;
            9
        });
        assert_eq!(task.wait(SOON / 2).await, None);
        assert_eq!(task.wait(Duration::ZERO).await, None);
        assert_eq!(task.wait(SOON).await, Some(Ok(9)));
        assert_eq!(task.wait(SOON).await, None, "it has been taken");
        assert_eq!(task.await, Err(TaskError::Taken));

        let mut task = failing(boo());
        assert_eq!(task.wait(SOON / 2).await, None);
        assert_eq!(task.wait(SOON).await, Some(exited(boo())));
        assert_eq!(task.wait(SOON).await, None);
        assert_eq!(
            task.shutdown(SOON).await,
            Some(exited(ExitReason::NoProcess))
        );
    })
    .await;
}

// TSK-009
#[tokio::test(start_paused = true)]
async fn a_task_whose_value_was_taken_is_no_process_to_shut_down() {
    in_process(async {
        let gone = Some(exited(ExitReason::NoProcess));
        for kill in [false, true] {
            let mut task = Task::spawn(async { 1_u32 });
            assert_eq!(task.wait(SOON).await, Some(Ok(1)));
            let ended = match kill {
                true => task.kill().await,
                false => task.shutdown(SOON).await,
            };
            assert_eq!(ended, gone);
        }
        let mut task = Task::spawn(async { 1_u32 });
        assert_eq!(task.wait(SOON).await, Some(Ok(1)));
        assert_eq!(task.ignore(), None);
    })
    .await;
}

// TSK-009
#[tokio::test(start_paused = true)]
async fn shutdown_ends_a_task_and_returns_what_it_had() {
    with_mailbox(|mailbox: Mailbox<Heard>| async move {
        let idle = Task::spawn(pending::<u32>());
        let pid = idle.pid().unwrap();
        assert_eq!(idle.shutdown(SOON).await, None);
        assert!(!process::node().is_alive(pid));

        let done = Task::spawn(async { 1 });
        settle().await;
        assert_eq!(done.shutdown(SOON).await, Some(Ok(1)));

        let killed = Task::spawn(pending::<u32>());
        let pid = killed.pid().unwrap();
        assert_eq!(killed.kill().await, None);
        assert!(!process::node().is_alive(pid));
        nothing_is_left(&mailbox);
    })
    .await;
}

// TSK-009
#[tokio::test(start_paused = true)]
async fn shutdown_tells_of_a_failure_that_was_there_before() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        for (reason, told) in [
            (boo(), Some(exited(boo()))),
            (ExitReason::Normal, Some(exited(ExitReason::Normal))),
            (ExitReason::Shutdown, None),
        ] {
            let task = failing(reason.clone());
            settle().await;
            assert_eq!(task.shutdown(SOON).await, told, "{reason}");
        }
        let task = failing(boo());
        settle().await;
        assert_eq!(task.kill().await, Some(exited(boo())));
    })
    .await;
}

// TSK-010
#[tokio::test(start_paused = true)]
async fn ignore_forgets_a_task_that_runs_on() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        let probe = Probe::new();
        let told = probe.clone();
        let running = Task::spawn(async move {
            sleep(SOON).await;
            told.report("done");
            process::exit_self(boo())
        });
        assert_eq!(running.ignore(), None::<Result<(), _>>);
        assert_eq!(probe.next().await, "done");
        settle().await;
        nothing_is_left(&mailbox);

        let done = Task::spawn(async { 5 });
        settle().await;
        assert_eq!(done.ignore(), Some(Ok(5)));
        let failed = failing(boo());
        settle().await;
        assert_eq!(failed.ignore(), Some(exited(boo())));
    })
    .await;
}

// TSK-010
#[tokio::test(start_paused = true)]
async fn a_completed_task_has_its_value_and_no_process() {
    in_process(async {
        let before = process::node().processes();
        let mut task = Task::completed(3);
        assert_eq!(task.pid(), None);
        assert_eq!(process::node().processes(), before);
        assert_eq!(task.wait(Duration::ZERO).await, Some(Ok(3)));
        assert_eq!(Task::completed(4).await, Ok(4));
        assert_eq!(Task::completed(5).ignore(), Some(Ok(5)));
        assert_eq!(Task::completed(6).shutdown(SOON).await, Some(Ok(6)));
    })
    .await;
}

// TSK-011
#[tokio::test(start_paused = true)]
async fn start_and_start_link_run_something_without_a_value() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        let alone = task::start(async { Err::<(), _>(boo()) });
        assert_eq!(alone.wait().await, boo());
        assert!(mailbox.is_empty());
        let linked = task::start_link(async { Err::<(), _>(boo()) });
        assert_eq!(linked.wait().await, boo());
        let exit = Exit {
            from: linked.pid(),
            reason: boo(),
        };
        assert_eq!(mailbox.receive().await, Heard::Exit(exit));
    })
    .await;
}

// TSK-011
#[tokio::test(start_paused = true)]
async fn a_task_is_a_temporary_child_unless_something_else_is_said() {
    in_process(async {
        let probe = Probe::new();
        let told = probe.clone();
        let work = move || {
            let told = told.clone();
            async move {
                told.report(task::callers());
                Err::<(), _>(boo())
            }
        };
        let once = task::child_spec("once", work.clone());
        assert_eq!(once.restart_type(), Restart::Temporary);
        let again = task::child_spec("again", work).restart(Restart::Transient);
        let tasks = Supervisor::new(Strategy::OneForOne)
            .child(once)
            .child(again);
        let tasks = tasks.max_restarts(2, SOON).start().await;
        let tasks = tasks.expect("its children start");
        assert_eq!(tasks.wait().await, ExitReason::Shutdown);
        assert_eq!(probe.drain(), [(); 4].map(|()| vec![tasks.pid()]));
    })
    .await;
}

// TSK-014
#[tokio::test(start_paused = true)]
async fn a_task_knows_its_callers_nearest_first() {
    in_process(async {
        assert_eq!(task::callers(), []);
        let me = process::current();
        let outer = Task::spawn(async {
            let inner = Task::spawn(async { task::callers() });
            (process::current(), task::callers(), inner.await.unwrap())
        });
        let (outer, own, inner) = outer.await.unwrap();
        assert_eq!(own, [me]);
        assert_eq!(inner, [outer, me]);
    })
    .await;
}

// TSK-002
#[tokio::test(start_paused = true)]
async fn a_value_may_be_of_any_type_that_can_be_sent() {
    in_process(async {
        let task = || Task::spawn(async { ("text", vec!["a", "b"]) });
        let value = ("text", vec!["a", "b"]);
        assert_eq!(task().await, Ok(value.clone()));
        assert_eq!(task().timeout(SOON).await, Ok(value.clone()));
        assert_eq!(task().wait(SOON).await, Some(Ok(value.clone())));
        assert_eq!(
            task::await_many([task()], SOON).await,
            Ok(vec![value.clone()])
        );
        let found = task::yield_many(&mut [task()], SOON).await;
        assert_eq!(found, [Some(Ok(value.clone()))]);
        let ended = (task(), task());
        settle().await;
        assert_eq!(ended.0.shutdown(SOON).await, Some(Ok(value.clone())));
        assert_eq!(ended.1.kill().await, Some(Ok(value)));
        let mut stream = task::async_stream(["item"], |item| async move { item });
        assert_eq!(stream.next().await, Some(Ok("item")));
    })
    .await;
}
