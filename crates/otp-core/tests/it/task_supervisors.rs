//! Task supervisors: tasks that have a place in the tree.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::supervisor::{StartChildError, TerminateChildError};
use otp_core::task::{self, TaskError};
use otp_core::{TaskSupervisor, process};
use tokio::time::Instant;

use crate::support::{in_process, settle};

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
