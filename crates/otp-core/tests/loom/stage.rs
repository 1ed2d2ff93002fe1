//! Processes for models: real control blocks and lives, on threads of loom's.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use loom::thread::{self, JoinHandle};

use crate::address::Target;
use crate::exit::{ExitReason, Outcome};
use crate::node::Node;
use crate::pid::{MonitorRef, Pid};
use crate::process::block::{Block, Head, Item, Process};
use crate::process::queue::{Queue, QueueOwner};
use crate::process::run;
use crate::process::signal::{self, Down, Exit, ExitOrigin, Signal};
use crate::process::watch::Watch;
use crate::sleeper::Sleeper;

/// A process of a model. One that is not let run is what others know of a process: its control block.
#[derive(Clone)]
pub(crate) struct Actor {
    block: Arc<Block<u32>>,
    pub(crate) process: Arc<dyn Process>,
    pub(crate) pid: Pid,
}

impl Actor {
    pub(crate) fn new(node: &Node) -> Self {
        let block = Arc::new(Block {
            head: Head::new(node.clone(), None, || "a process of a model", None),
            queue: Queue::new(),
        });
        block.enter();
        Self {
            pid: block.head.pid,
            process: block.clone(),
            block,
        }
    }

    /// One that traps exits, so that what it is told stays in its mailbox.
    pub(crate) fn trapping(node: &Node) -> Self {
        let actor = Self::new(node);
        actor.head().set_trap_exit(true);
        actor
    }

    pub(crate) fn head(&self) -> &Head {
        &self.block.head
    }

    /// Lives, on the thread that calls, until it is dead.
    pub(crate) fn live<F>(&self, body: F)
    where
        F: Future<Output: Outcome> + Send + 'static,
    {
        let me = Sleeper::new();
        // Dropped only when it is over: in a model that has failed it must not come to die as well.
        let mut life = ManuallyDrop::new(Box::pin(run::life(self.block.clone(), body)));
        me.wait_for(|cx| life.as_mut().poll(&mut Context::from_waker(cx.waker())));
        drop(ManuallyDrop::into_inner(life));
    }

    /// Lives on a thread of its own, which ends when it is dead.
    pub(crate) fn lives<F>(&self, body: F) -> JoinHandle<()>
    where
        F: Future<Output: Outcome> + Send + 'static,
    {
        let actor = self.clone();
        thread::spawn(move || actor.live(body))
    }

    /// Lives and ends at once.
    pub(crate) fn ends(&self, reason: ExitReason) -> JoinHandle<()> {
        self.lives(async { reason })
    }

    /// Receives for ever.
    pub(crate) fn receives(&self) -> impl Future<Output: Outcome> + Send + 'static {
        let block = self.block.clone();
        let (mut local, mut owner) = (VecDeque::new(), QueueOwner::new());
        poll_fn(move |cx| {
            while block
                .queue
                .poll_swap(cx, &mut local, &mut owner, &block.head.taken, 0)
                .is_ready()
            {
                local.clear();
            }
            Poll::<()>::Pending
        })
    }

    /// Waits for another one's end as a process does, and then says that it went on.
    pub(crate) fn waits_for(
        &self,
        other: &Self,
        went_on: Arc<AtomicBool>,
    ) -> impl Future<Output: Outcome> + Send + 'static {
        let (me, mut watch) = (self.process.clone(), Watch::new(other.process.clone()));
        async move {
            // As `current::unless_ending` does, which needs a current process.
            let ended = poll_fn(|cx| match watch.poll(cx) {
                Poll::Ready(_) if me.head().is_exiting() => Poll::Pending,
                polled => polled,
            });
            ended.await;
            went_on.store(true, Ordering::Relaxed);
        }
    }

    /// Gets an exit signal that this actor sends.
    pub(crate) fn exit(&self, target: &Self, reason: ExitReason) {
        signal::exit(&target.process, self.pid, reason, ExitOrigin::Hand);
    }

    /// Is sent a message; false if it ends.
    pub(crate) fn send(&self, message: u32) -> bool {
        self.block
            .queue
            .push(message, Item::Message, &self.block.head.taken)
            .is_ok()
    }

    /// Waits for its end, on the thread that calls.
    pub(crate) fn wait(&self) -> ExitReason {
        let mut watch = ManuallyDrop::new(Watch::new(self.process.clone()));
        let reason = Sleeper::new().wait_for(|cx| watch.poll(cx));
        drop(ManuallyDrop::into_inner(watch));
        reason
    }

    /// Takes the signals that have come.
    pub(crate) fn told(&self) -> Vec<Signal> {
        let signal = |item| match item {
            Item::Signal(signal) => *signal,
            Item::Message(message) => panic!("nobody has sent {message}"),
            Item::Stop(_) => panic!("nobody has ordered it to stop"),
        };
        self.block
            .queue
            .drain()
            .into_iter()
            .flatten()
            .map(signal)
            .collect()
    }

    pub(crate) fn links(&self) -> Vec<Pid> {
        self.head()
            .ties
            .with(|ties| ties.links().map(|linked| linked.head().pid).collect())
    }

    /// How many monitors it has set, and how many are set on it.
    pub(crate) fn monitors(&self) -> (usize, usize) {
        self.head().ties.with(|ties| {
            ties.peek()
                .map_or((0, 0), |more| (more.monitors.len(), more.watchers.len()))
        })
    }

    /// Ends a process that was not let run, and drops it: nothing holds it any more.
    pub(crate) fn leave(self) {
        run::never(&*self.process);
        self.assert_forgotten();
    }

    /// Checks that nothing holds a dead process any more, and that it holds no messages.
    pub(crate) fn assert_forgotten(self) {
        let Self { block, process, .. } = self;
        drop(process);
        assert_eq!(Arc::strong_count(&block), 1, "somebody still holds it");
        assert_eq!(block.queue.len(), 0, "messages are left");
        assert!(
            block.queue.waker().is_none(),
            "it keeps the memory of its task"
        );
    }
}

pub(crate) fn boom() -> ExitReason {
    ExitReason::other("boom")
}

/// The signal that a process with this pid has ended.
#[track_caller]
pub(crate) fn exit_of(signals: Vec<Signal>, pid: Pid) -> ExitReason {
    match <[Signal; 1]>::try_from(signals) {
        Ok([Signal::Exit(Exit { from, reason }, _)]) if from == pid => reason,
        Ok(_) => panic!("told of something else"),
        Err(signals) => panic!("told {} times", signals.len()),
    }
}

/// The signal that ends this monitor.
#[track_caller]
pub(crate) fn down_of(signals: Vec<Signal>, it: MonitorRef, pid: Pid) -> ExitReason {
    match <[Signal; 1]>::try_from(signals) {
        Ok(
            [
                Signal::Down(Down {
                    monitor,
                    target: Target::Pid(target),
                    reason,
                }),
            ],
        ) if (monitor, target) == (it, pid) => reason,
        Ok(_) => panic!("told of something else"),
        Err(signals) => panic!("told {} times", signals.len()),
    }
}
