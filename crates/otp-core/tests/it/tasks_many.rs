//! Tasks: waiting for several at once.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::task::{self, Late, TaskError, YieldMany};
use otp_core::{Task, process};
use tokio::time::{Instant, sleep};

use crate::support::{Heard, in_process, settle, with_mailbox};

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// A task that is done after so many milliseconds, with this number.
fn after(n: u64) -> Task<u64> {
    Task::spawn(async move {
        sleep(ms(n)).await;
        n
    })
}

fn failing(n: u64) -> Task<u64> {
    Task::spawn(async move {
        sleep(ms(n)).await;
        process::exit_self(ExitReason::other("boo"))
    })
}

fn boo<T>() -> Result<T, TaskError> {
    Err(TaskError::Exited {
        reason: ExitReason::other("boo"),
    })
}

// TSK-008
#[tokio::test(start_paused = true)]
async fn await_many_returns_the_values_in_the_order_of_the_tasks() {
    in_process(async {
        let start = Instant::now();
        let tasks = [30, 10, 20].map(after);
        assert_eq!(task::await_many(tasks, ms(31)).await, Ok(vec![30, 10, 20]));
        assert_eq!(start.elapsed(), ms(30));
        let none: [Task<u64>; 0] = [];
        assert_eq!(task::await_many(none, Duration::ZERO).await, Ok(vec![]));
        assert_eq!(start.elapsed(), ms(30));
    })
    .await;
}

// TSK-008
#[tokio::test(start_paused = true)]
async fn await_many_fails_as_soon_as_one_task_fails_or_the_time_is_over() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        let start = Instant::now();
        let slow = after(1000);
        let pid = slow.pid().unwrap();
        let values = task::await_many([slow, failing(10), after(20)], ms(500)).await;
        assert_eq!(values, boo());
        assert_eq!(start.elapsed(), ms(10));
        assert!(process::node().is_alive(pid), "the others run on");
        let values = task::await_many([after(10), after(1000)], ms(500)).await;
        assert_eq!(values, Err(TaskError::Timeout { limit: ms(500) }));
        assert_eq!(start.elapsed(), ms(510));
    })
    .await;
}

// TSK-008
#[tokio::test(start_paused = true)]
async fn yield_many_tells_of_each_task_what_there_is_when_the_common_time_is_over() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        let start = Instant::now();
        let mut tasks = [after(10), after(300), failing(20)];
        let found = task::yield_many(&mut tasks, ms(100)).await;
        assert_eq!(found, [Some(Ok(10)), None, Some(boo())]);
        assert_eq!(start.elapsed(), ms(100));
        let found = task::yield_many(&mut tasks, ms(300)).await;
        assert_eq!(found, [None, Some(Ok(300)), None], "late, but not lost");
        assert_eq!(start.elapsed(), ms(300), "as soon as there is nothing more");
    })
    .await;
}

// TSK-008
#[tokio::test(start_paused = true)]
async fn yield_many_does_with_late_tasks_as_it_is_told() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        for late in [Late::Ignore, Late::KillTask] {
            let mut tasks = [after(10), after(300), after(400)];
            let pids = [1, 2].map(|n: usize| tasks[n].pid().unwrap());
            let how = YieldMany::new(ms(100)).on_timeout(late);
            let found = task::yield_many(&mut tasks, how).await;
            assert_eq!(found, [Some(Ok(10)), None, None]);
            let links = process::node().process_info(process::current());
            assert_eq!(links.unwrap().links, [], "{late:?}");
            let alive = pids.map(|pid| process::node().is_alive(pid));
            assert_eq!(alive, [late == Late::Ignore; 2]);
            settle().await;
            let found = task::yield_many(&mut tasks, ms(1000)).await;
            assert_eq!(found, [None, None, None], "nobody waits for them any more");
        }
    })
    .await;
}

// TSK-008
#[tokio::test(start_paused = true)]
async fn yield_many_stops_when_it_has_enough() {
    in_process(async {
        let start = Instant::now();
        let mut tasks = [30, 10, 20].map(after);
        let how = YieldMany::new(ms(100))
            .at_most(2)
            .on_timeout(Late::KillTask);
        let found = task::yield_many(&mut tasks, how).await;
        assert_eq!(found, [None, Some(Ok(10)), Some(Ok(20))]);
        assert_eq!(start.elapsed(), ms(20));
        let [slow, ..] = tasks;
        assert_eq!(slow.await, Ok(30), "those that are left are not late");
    })
    .await;
}
