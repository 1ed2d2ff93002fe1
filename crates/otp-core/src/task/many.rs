//! Waiting for several tasks at once.

use std::future::{Future, poll_fn};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::{Task, TaskError, TaskState};
use crate::exit::ExitReason;
use crate::gen_server::TimeLimit;
use crate::process::current;
use crate::process::panic::OneByOne;

/// Waits for the values of all tasks, for at most `limit` in all; returns them in the order of the tasks.
///
/// # OTP
///
/// `Task.await_many/2`.
///
/// # Cancel safety
///
/// Dropped, it loses the values; the tasks run on.
///
/// # Errors
///
/// [`TaskError`], as soon as one of the tasks has failed. The others run on, linked, and their values are
/// lost.
///
/// # Panics
///
/// The future panics if it has to wait with a limit in a runtime whose timers are not enabled.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::task::{Task, await_many};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let tasks = (1..=3).map(|n| Task::spawn(async move { n * n }));
/// assert_eq!(await_many(tasks, Duration::from_secs(5)).await?, [1, 4, 9]);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub async fn await_many<T: Send + 'static>(
    tasks: impl IntoIterator<Item = Task<T>>,
    limit: impl Into<TimeLimit>,
) -> Result<Vec<T>, TaskError> {
    current::goes_on().await;
    let limit = limit.into();
    let mut tasks: Vec<Task<T>> = tasks.into_iter().collect();
    tasks.iter().try_for_each(Task::check)?;
    let mut values: OneByOne<Option<T>> = tasks.iter().map(|_| None).collect();
    let collected = async {
        let mut running = results(&mut tasks);
        while let Some((at, result)) = running.next().await {
            values[at] = Some(result?);
        }
        Ok(())
    };
    match (limit.on(collected).await, limit) {
        (Some(result), _) => result?,
        (None, TimeLimit::After(limit)) => return Err(TaskError::Timeout { limit }),
        (None, TimeLimit::Infinity) => unreachable!("only a limit ends the wait without result"),
    }
    Ok(values.into_vec().into_iter().flatten().collect())
}

/// The treatment of tasks that are not done when the time of [`yield_many`] is over.
///
/// # OTP
///
/// The option `on_timeout` of `Task.yield_many/2`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::task::{Late, Task, YieldMany, yield_many};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let mut tasks = [Task::spawn(async { 1 }), Task::spawn(std::future::pending())];
/// let slow = tasks[1].pid().expect("it runs");
/// let how = YieldMany::new(Duration::from_secs(1)).on_timeout(Late::KillTask);
/// let values = yield_many(&mut tasks, how).await;
/// assert_eq!(values, [Some(Ok(1)), None]);
/// assert!(!otp_core::process::node().is_alive(slow));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Late {
    /// They run on, and may be waited for again; the default.
    #[default]
    Nothing,
    /// They run on, but without a link, and are not waited for any more.
    Ignore,
    /// They are killed.
    KillTask,
}

/// The limit of a [`yield_many`], and its options. A [`Duration`] alone converts into one.
///
/// # OTP
///
/// The options of `Task.yield_many/2`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::task::{Task, YieldMany, yield_many};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let after = |seconds| async move {
///     tokio::time::sleep(Duration::from_secs(seconds)).await;
///     seconds
/// };
/// let mut tasks = [3, 1, 2].map(|seconds| Task::spawn(after(seconds)));
/// // The first two values, whichever they are.
/// let values = yield_many(&mut tasks, YieldMany::new(Duration::from_secs(60)).at_most(2)).await;
/// assert_eq!(values, [None, Some(Ok(1)), Some(Ok(2))]);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "it says how to wait, and does not wait"]
pub struct YieldMany {
    limit: TimeLimit,
    at_most: usize,
    late: Late,
}

impl YieldMany {
    /// Waits for all tasks, for at most `limit` in all.
    pub fn new(limit: impl Into<TimeLimit>) -> Self {
        Self {
            limit: limit.into(),
            at_most: usize::MAX,
            late: Late::default(),
        }
    }

    /// Stops waiting when so many tasks have ended. Then the other tasks run on.
    ///
    /// # OTP
    ///
    /// The option `limit`.
    pub fn at_most(self, at_most: usize) -> Self {
        Self { at_most, ..self }
    }

    /// The treatment of late tasks; [`Late::Nothing`] by default.
    ///
    /// # OTP
    ///
    /// The option `on_timeout`.
    pub fn on_timeout(self, late: Late) -> Self {
        Self { late, ..self }
    }
}

impl From<Duration> for YieldMany {
    fn from(limit: Duration) -> Self {
        Self::new(limit)
    }
}

impl From<TimeLimit> for YieldMany {
    fn from(limit: TimeLimit) -> Self {
        Self::new(limit)
    }
}

/// Waits for several tasks. Returns for each, in their order, the result of [`Task::wait`].
///
/// # OTP
///
/// `Task.yield_many/2`.
///
/// # Cancel safety
///
/// If the future is dropped while it waits, results that have come already are lost.
///
/// # Panics
///
/// The future panics if it has to wait with a limit in a runtime whose timers are not enabled.
pub async fn yield_many<T: Send + 'static>(
    tasks: &mut [Task<T>],
    how: impl Into<YieldMany>,
) -> Vec<Option<Result<T, TaskError>>> {
    current::goes_on().await;
    let YieldMany {
        limit,
        at_most,
        late,
    } = how.into();
    let mut found: OneByOne<Option<Result<T, TaskError>>> = tasks.iter().map(|_| None).collect();
    let collected = async {
        let mut running = results(tasks);
        let mut left = at_most;
        while left > 0
            && let Some((at, result)) = running.next().await
        {
            found[at] = Some(result);
            left -= 1;
        }
    };
    if limit.on(collected).await.is_none() {
        give_up(tasks, &mut found, late).await;
    }
    found.into_vec()
}

/// Treats the late tasks as the options say.
async fn give_up<T: Send + 'static>(
    tasks: &mut [Task<T>],
    found: &mut [Option<Result<T, TaskError>>],
    late: Late,
) {
    let is_late = |task: &Task<T>| !task.is_over();
    match late {
        Late::Nothing => {}
        Late::Ignore => {
            for (task, found) in tasks.iter_mut().zip(found) {
                if is_late(task) && found.is_none() {
                    *found = task.let_go();
                    task.state = TaskState::Over;
                }
            }
        }
        Late::KillTask => {
            for task in tasks.iter().filter(|task| is_late(task)) {
                // For the tasks of another owner the result is known already.
                let _ = task.send_end(ExitReason::Kill);
            }
            for (task, found) in tasks.iter_mut().zip(found) {
                if is_late(task) && found.is_none() {
                    *found = task.killed().await;
                }
            }
        }
    }
}

/// The results of those tasks that are not over, as they come, with their indices.
fn results<T: Send + 'static>(
    tasks: &mut [Task<T>],
) -> FuturesUnordered<impl Future<Output = (usize, Result<T, TaskError>)>> {
    let tasks = tasks.iter_mut().enumerate();
    tasks
        .filter(|(_, task)| !task.is_over())
        .map(|(at, task)| async move {
            let result = match task.check_owner() {
                Ok(()) => poll_fn(|cx| task.poll_value(cx)).await,
                Err(error) => Err(error),
            };
            (at, result)
        })
        .collect()
}
