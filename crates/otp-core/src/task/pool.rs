//! The tasks of a stream: a limited number at a time. All of them end with the stream.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::iter::Fuse;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::job::Job;
use super::stream::OnTimeout;
use crate::exit::ExitReason;
use crate::gen_server::TimeLimit;
use crate::process::block::Process;
use crate::process::panic::{self, OneOfMany, Pair};
use crate::process::process_ref::wait;
use crate::process::signal::{self, ExitOrigin};
use crate::process::slot::Limit;
use crate::process::watch::Watch;
use crate::process::{Birth, Down, Exit, Mailbox, current, relations};
use futures_util::stream::{FuturesUnordered, StreamExt};

/// How an item becomes a task of the crew, which is this process.
pub(crate) type StartTask<A, T> = Box<dyn Fn(&Arc<dyn Process>, A) -> Started<T> + Send>;

/// A task that is being started.
pub(crate) enum Started<T: Send + 'static> {
    Runs(Job<T>),
    /// The crew has ended.
    Bereft,
    /// A supervisor has been asked to start it. Dropped, it leaves no task behind.
    Asked(Pin<Box<dyn Future<Output = Result<Job<T>, ExitReason>> + Send>>),
}

/// Whether a task is linked with the crew, so that one does not end without the other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    Linked,
    Unlinked,
}

/// The settings of a stream before it runs.
pub(super) struct PoolSettings {
    pub(super) max_concurrency: Option<usize>,
    pub(super) order: ResultOrder,
    pub(super) limit: TimeLimit,
    pub(super) on_timeout: OnTimeout,
}

/// The order of the results.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ResultOrder {
    OfItems,
    OfEnds,
}

/// The result of one item: the item itself, if it is kept, and the value or the failure.
pub(super) type ItemResult<A, T> = Pair<Option<A>, Result<T, ExitReason>>;

pub(crate) struct Pool<I: Iterator, T: Send + 'static> {
    items: Fuse<I>,
    start: StartTask<I::Item, T>,
    link: Link,
    /// Returns the copy of an item that is kept beside its task.
    keep: fn(&I::Item) -> Option<I::Item>,
    settings: PoolSettings,
    /// Present from the first poll until the stream is over.
    crew: Option<TaskCrew>,
    running: FuturesUnordered<RunningTask<I::Item, T>>,
    /// Results by their places, until their turn comes.
    early: BTreeMap<u64, ItemResult<I::Item, T>>,
    started: u64,
    ended: u64,
    delivered: u64,
    /// The crew has been ended, and all tasks with it: no more are started.
    bereft: bool,
    /// No more tasks are started, and those that run are ended.
    over: bool,
    /// The result that ended the stream, which comes when no task is left.
    last: Option<ItemResult<I::Item, T>>,
}

impl<I: Iterator, T: Send + 'static> Pool<I, T> {
    pub(crate) fn new(items: I, link: Link, start: StartTask<I::Item, T>) -> Self {
        Self {
            items: items.fuse(),
            start,
            link,
            keep: |_| None,
            settings: PoolSettings {
                max_concurrency: None,
                order: ResultOrder::OfItems,
                limit: TimeLimit::DEFAULT,
                on_timeout: OnTimeout::Exit,
            },
            crew: None,
            running: FuturesUnordered::new(),
            early: BTreeMap::new(),
            started: 0,
            ended: 0,
            delivered: 0,
            bereft: false,
            over: false,
            last: None,
        }
    }

    pub(super) fn settings(&mut self) -> &mut PoolSettings {
        &mut self.settings
    }

    pub(super) fn keep_items(mut self) -> Self
    where
        I::Item: Clone,
    {
        self.keep = |item| Some(item.clone());
        self
    }

    pub(super) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<ItemResult<I::Item, T>>> {
        loop {
            if self.crew_is_exiting()
                && let Some(crew) = &mut self.crew
            {
                // An owner that the crew's end also ends must not continue before that.
                ready!(current::unless_ending(crew.poll_end(cx)));
                self.bereft = true;
            }
            if let Some(done) = self.early.remove(&self.delivered) {
                self.delivered += 1;
                return Poll::Ready(Some(done));
            }
            if self.over {
                ready!(self.poll_rest(cx));
                return Poll::Ready(self.last.take());
            }
            if !self.fill() {
                continue;
            }
            match self.running.poll_next_unpin(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => self.finish(None),
                // The crew with which it should have been linked has ended meanwhile.
                Poll::Ready(Some(EndedTask {
                    how: How::NotStarted,
                    ..
                })) if self.crew_is_exiting() => {}
                Poll::Ready(Some(EndedTask { done, how, .. }))
                    if how == How::NotStarted
                        || how == How::Late && self.settings.on_timeout == OnTimeout::Exit =>
                {
                    self.finish(Some(done));
                }
                Poll::Ready(Some(ended)) => {
                    let place = match self.settings.order {
                        ResultOrder::OfEnds => self.ended,
                        ResultOrder::OfItems => ended.index,
                    };
                    self.ended += 1;
                    self.early.insert(place, ended.done);
                }
            }
        }
    }

    fn crew_is_exiting(&self) -> bool {
        let crew = self.crew.as_ref();
        crew.is_some_and(|crew| crew.process.head().is_exiting())
    }

    /// Ends all running tasks, and waits until they are dead.
    pub(super) async fn close(mut self) {
        current::goes_on().await;
        let crew = self.crew.as_ref().map(|crew| crew.process.clone());
        self.finish(None);
        poll_fn(|cx| current::unless_ending(self.poll_rest(cx))).await;
        if let Some(crew) = crew {
            wait(crew).await;
        }
    }

    /// Starts tasks as long as there are items and free places; false if the crew has ended meanwhile.
    fn fill(&mut self) -> bool {
        if self.crew.is_none() {
            self.settings.limit.assert();
        }
        let crew = self.crew.get_or_insert_with(TaskCrew::gather);
        let places = *self.settings.max_concurrency.get_or_insert_with(schedulers);
        while self.running.len() < places && !self.bereft {
            let Some(item) = self.items.next() else {
                return true;
            };
            let item = OneOfMany::new(item);
            let kept = OneOfMany::new((self.keep)(&item));
            let started = (self.start)(&crew.process, item.into_inner());
            if let Started::Bereft = started {
                return false;
            }
            self.running.push(RunningTask {
                index: self.started,
                item: kept,
                started,
                link: self.link,
                time: self.settings.limit.duration(),
                limit: Limit::default(),
                late: false,
                crew: crew.process.clone(),
            });
            self.started += 1;
        }
        true
    }

    /// There are no more results but this one; running tasks are ended, and results that have not had their turn are dropped.
    fn finish(&mut self, last: Option<ItemResult<I::Item, T>>) {
        self.over = true;
        for task in &mut self.running {
            task.late = true;
            task.kill();
        }
        self.crew = None;
        let rest = mem::take(&mut self.early).into_values();
        panic::drop_each(rest.chain(mem::replace(&mut self.last, last)));
    }

    /// Waits for the end of the tasks that have been ended, so that they have no places with a supervisor any more.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Some(ended) = ready!(self.running.poll_next_unpin(cx)) {
            panic::run_quietly(|| drop(ended));
        }
        Poll::Ready(())
    }
}

impl<I: Iterator, T: Send + 'static> Drop for Pool<I, T> {
    fn drop(&mut self) {
        self.finish(None);
        // Each task is ended, whatever the destructors of other items and values do.
        panic::drop_each(mem::take(&mut self.running));
    }
}

/// The number of tasks that can run at the same time.
fn schedulers() -> usize {
    tokio::runtime::Handle::current().metrics().num_workers()
}

/// One task that runs.
struct RunningTask<A, T: Send + 'static> {
    index: u64,
    item: OneOfMany<Option<A>>,
    started: Started<T>,
    link: Link,
    /// How long it may take.
    time: Option<Duration>,
    limit: Limit,
    /// It has been given up.
    late: bool,
    crew: Arc<dyn Process>,
}

struct EndedTask<A, T> {
    index: u64,
    done: ItemResult<A, T>,
    how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// The task has ended.
    Ended,
    /// It has taken too long.
    Late,
    /// The supervisor has not started it.
    NotStarted,
}

impl<A, T: Send + 'static> RunningTask<A, T> {
    fn ended(&mut self, result: Result<T, ExitReason>, how: How) -> EndedTask<A, T> {
        EndedTask {
            index: self.index,
            done: Pair {
                key: OneOfMany::new(self.item.take()),
                value: OneOfMany::new(result),
            },
            how,
        }
    }

    /// Ends the task; the crew does not end with it.
    fn kill(&self) {
        if let Started::Runs(job) = &self.started {
            let crew = self.crew.head().pid;
            relations::unlink(&self.crew, job.pid());
            job.exit(crew, ExitReason::Kill);
        }
    }
}

/// Nothing in it is pinned: the futures are behind pointers.
impl<A, T: Send + 'static> Unpin for RunningTask<A, T> {}

impl<A, T: Send + 'static> Future for RunningTask<A, T> {
    type Output = EndedTask<A, T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<EndedTask<A, T>> {
        let this = &mut *self;
        if let Started::Asked(asked) = &mut this.started {
            match ready!(asked.as_mut().poll(cx)) {
                Ok(job) => {
                    this.started = Started::Runs(job);
                    if this.late {
                        this.kill();
                    }
                }
                Err(reason) => return Poll::Ready(this.ended(Err(reason), How::NotStarted)),
            }
        }
        let Started::Runs(job) = &mut this.started else {
            unreachable!("without a crew no task is started");
        };
        match job.poll_end(cx) {
            Poll::Ready(_) if this.late => {
                return Poll::Ready(this.ended(Err(ExitReason::Timeout), How::Late));
            }
            Poll::Ready(result) => return Poll::Ready(this.ended(result, How::Ended)),
            Poll::Pending => {}
        }
        if !this.late && this.limit.poll(cx, this.time).is_ready() {
            this.late = true;
            this.kill();
        }
        Poll::Pending
    }
}

/// Those that are linked end with the crew.
impl<A, T: Send + 'static> Drop for RunningTask<A, T> {
    fn drop(&mut self) {
        if self.link == Link::Unlinked {
            self.kill();
        }
    }
}

/// The process between the tasks of a stream and its owner, which is linked with both: so the owner gets no exit signal
/// of a task that ends well, and all tasks end with the stream.
///
/// If the owner traps exits, so does the crew, and a task that fails ends no other process. If not, a task that fails
/// ends the crew, and the crew ends the owner.
struct TaskCrew {
    owner: Arc<dyn Process>,
    process: Arc<dyn Process>,
    /// Present once its end has been waited for.
    watch: Option<Watch>,
}

/// A message to a crew.
enum Word {
    TaskEnded,
    OwnerGone,
}

impl TaskCrew {
    fn gather() -> Self {
        let owner = current::process();
        let birth = Birth::of_child(&owner, || "task::async_stream");
        let mut mailbox = Mailbox::new(birth.block().clone());
        if owner.head().traps_exits() {
            mailbox.trap_exit(|_: Exit| Word::TaskEnded);
        }
        // The link alone does not tell it of an owner that ends normally.
        mailbox.monitor(owner.head().pid, |_: Down| Word::OwnerGone);
        birth.link(&owner);
        let process = birth.run_future(|| async move {
            while let Word::TaskEnded = mailbox.receive().await {}
            ExitReason::Shutdown
        });
        Self {
            owner,
            process,
            watch: None,
        }
    }

    fn poll_end(&mut self, cx: &Context<'_>) -> Poll<ExitReason> {
        let process = &self.process;
        let watch = self
            .watch
            .get_or_insert_with(|| Watch::new(process.clone()));
        watch.poll(cx)
    }
}

impl Drop for TaskCrew {
    fn drop(&mut self) {
        let owner = self.owner.head().pid;
        relations::unlink(&self.owner, self.process.head().pid);
        signal::exit(&self.process, owner, ExitReason::Kill, ExitOrigin::Hand);
    }
}
